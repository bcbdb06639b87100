import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import parquet from 'parquetjs-lite';
import { expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { temporaryFolder } from './parquet-files.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 5, 8, 0, seconds));

async function writeParquet(path: string, schema: object, rows: object[]): Promise<void> {
  const writer = await parquet.ParquetWriter.openFile(new parquet.ParquetSchema(schema), path);
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
}

const text = { type: 'UTF8', optional: true };
const whole = { type: 'INT64', optional: true };

test('Parquet that parquetjs-lite wrote is hunted: millisecond timestamps, optional strings, INT64 ports', async () => {
  const folder = temporaryFolder();
  const time = { type: 'TIMESTAMP_MILLIS' };
  const process = { DeviceName: 'ws-1', InitiatingProcessId: 4 };
  await writeParquet(
    join(folder, 'DeviceImageLoadEvents.parquet'),
    {
      Timestamp: time,
      DeviceName: text,
      FileName: text,
      InitiatingProcessId: whole,
      InitiatingProcessFileName: text,
    },
    [{ Timestamp: at(0), ...process, FileName: 'BCrypt.dll', InitiatingProcessFileName: 'implant.exe' }],
  );
  await writeParquet(
    join(folder, 'DeviceNetworkEvents.parquet'),
    {
      Timestamp: time,
      DeviceName: text,
      ActionType: text,
      RemoteIP: text,
      RemotePort: whole,
      RemoteIPType: text,
      InitiatingProcessId: whole,
    },
    [
      {
        Timestamp: at(1),
        ...process,
        ActionType: 'ConnectionSuccess',
        RemoteIP: '203.0.113.1',
        RemotePort: 4444,
        RemoteIPType: 'Public',
      },
      {
        Timestamp: at(2),
        ...process,
        ActionType: 'ConnectionSuccess',
        RemoteIP: '203.0.113.1',
        RemoteIPType: 'Public',
      },
      {
        Timestamp: at(3),
        ...process,
        ActionType: 'ConnectionSuccess',
        RemoteIP: '203.0.113.1',
        RemotePort: 443,
        RemoteIPType: 'Public',
      },
    ],
  );
  await using lake = await openLake(folder);
  expect(await (await lake.hunt()).rows()).toMatchObject([
    {
      ProcessName: 'implant.exe',
      ProcessCmd: '',
      CryptoLibsLoaded: ['BCrypt.dll'],
      RemotePorts: [4444],
      ConnectionCount: 2,
      FirstConnection: '2026-01-05T08:00:01Z',
      LastConnection: '2026-01-05T08:00:02Z',
    },
  ]);
});

const loads = () =>
  tableFromArrays({
    Timestamp: [at(0)],
    DeviceName: ['ws-1'],
    FileName: ['ncrypt.dll'],
    InitiatingProcessId: new BigInt64Array([4n]),
    InitiatingProcessFileName: ['implant.exe'],
  });
const connections = () =>
  tableFromArrays({
    Timestamp: [at(1)],
    DeviceName: ['ws-1'],
    ActionType: ['ConnectionSuccess'],
    RemoteIP: ['203.0.113.1'],
    RemotePort: new Int32Array([4444]),
    RemoteIPType: ['Public'],
    InitiatingProcessId: new BigInt64Array([4n]),
  });

test('tables of apache-arrow go in without files, and findings come out as a table', async () => {
  await using lake = await openLake({ DeviceImageLoadEvents: loads(), DeviceNetworkEvents: connections() });
  const found = await (await lake.hunt()).arrow();
  expect(found.numRows).toBe(1);
  expect(found.getChild('ProcessName')?.get(0)).toBe('implant.exe');
  expect([...found.getChild('RemotePorts')!.get(0)]).toEqual([4444]);
});

test('two runs at once read two Arrow tables of one lake', async () => {
  for (let round = 0; round < 20; round++) {
    await using lake = await openLake({ DeviceImageLoadEvents: loads(), DeviceNetworkEvents: connections() });
    const counts = ['DeviceImageLoadEvents', 'DeviceNetworkEvents'].map(async (table) => {
      const [row] = await (await lake.sql(`SELECT count(*) AS n FROM ${table}`)).rows();
      return row!.n;
    });
    expect(await Promise.all(counts)).toEqual([1, 1]);
  }
});

test.each(['file', 'stream'] as const)('an Arrow IPC %s that apache-arrow wrote is hunted', async (kind) => {
  const folder = temporaryFolder();
  const ending = kind === 'file' ? 'arrow' : 'arrows';
  writeFileSync(join(folder, `DeviceImageLoadEvents.${ending}`), tableToIPC(loads(), kind));
  writeFileSync(join(folder, `DeviceNetworkEvents.${ending}`), tableToIPC(connections(), kind));
  await using lake = await openLake(folder);
  expect((await lake.hunt()).rowCount).toBe(1);
});
