import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  asHunted,
  batch,
  connection,
  type Event,
  hunted,
  jsonLines,
  load,
  quiet,
  writeEvents,
} from './small-lake.ts';

const GUID = '{b59756a9-b238-5f17-5207-000000000400}';
const sysmon = (EventID: number, changes: Event): Event => ({
  EventID,
  Hostname: 'ws-1',
  ProcessGuid: GUID,
  ProcessId: '4',
  Image: 'C:\\temp\\implant.exe',
  ...changes,
});
const created = sysmon(1, { UtcTime: '2026-01-05 00:00:00.000', CommandLine: 'implant.exe --quiet' });
const loaded = sysmon(7, {
  UtcTime: '2026-01-05 00:01:00.000',
  ImageLoaded: 'C:\\Windows\\System32\\bcrypt.dll',
});
const connected = sysmon(3, {
  UtcTime: '2026-01-05 00:02:00.000',
  Initiated: 'true',
  Protocol: 'tcp',
  DestinationIp: '8.8.8.8',
  DestinationPort: '4444',
});

test('logs of Sysmon are one slice, made again when one of them comes, changes or goes', async () => {
  const lake = join(temporaryFolder(), 'lake');
  await writeEvents(join(lake, 'sysmon/b.jsonl'), [loaded]);
  await writeEvents(join(lake, 'sysmon/c.jsonl'), [connected]);
  const first = await batch(lake);
  expect(first.rows).toMatchObject([{ ProcessName: 'implant.exe', ProcessCmd: '' }]);
  expect((await batch(lake)).read).toBe(0);
  // The process's creation comes late, in a file of its own: it changes a row of another file.
  await writeEvents(join(lake, 'sysmon/a.jsonl'), [created]);
  const second = await batch(lake);
  expect(second.rows.find(({ Status }) => Status === 'new')).toMatchObject({
    ProcessCmd: 'implant.exe --quiet',
  });
  expect(asHunted(second.rows)).toEqual(await hunted(lake));
  rmSync(join(lake, 'sysmon/a.jsonl'));
  const third = await batch(lake);
  expect(asHunted(third.rows)).toEqual(await hunted(lake));
  expect(asHunted(third.rows)).toMatchObject([{ ProcessCmd: '' }]);
});

test('a log of Sysmon that cannot be read is set aside, and the others are read without it', async () => {
  const lake = join(temporaryFolder(), 'lake');
  await writeEvents(join(lake, 'sysmon/b.jsonl'), [loaded, connected]);
  await writeEvents(join(lake, 'sysmon/c.jsonl'), [created, loaded]);
  (await import('node:fs')).appendFileSync(join(lake, 'sysmon/c.jsonl'), '{"EventID": 7, "UtcTime": ');
  const { report, rows } = await batch(lake);
  expect([...new Set(report.files.failed.map(({ path }) => path))]).toEqual([join(lake, 'sysmon/c.jsonl')]);
  expect(asHunted(rows)).toMatchObject([{ ConnectionCount: 1, ProcessCmd: '' }]);
});

test('all detections over logs of Sysmon find what each finds in a hunt, also once a creation comes late', async () => {
  const lake = join(temporaryFolder(), 'lake');
  const Image = 'C:\\Windows\\powershell.exe';
  await writeEvents(join(lake, 'sysmon/b.jsonl'), [{ ...loaded, Image }]);
  await writeEvents(join(lake, 'sysmon/c.jsonl'), [{ ...connected, Image }]);
  const run = async () => {
    const { report } = await batch(lake, { detections: ['t1573.001/*'] });
    const totals = [];
    for (const { detection, file, total } of report.findings) {
      const expected = await hunted(lake, {}, false, undefined, { detection });
      expect(asHunted(jsonLines(file)), detection).toEqual(expected);
      totals.push(total);
    }
    return totals;
  };
  expect(await run()).toEqual([1, 0, 0, 1]);
  const parent = { ParentImage: 'C:\\Office\\winword.exe', CommandLine: 'openssl enc -aes-256-cbc' };
  await writeEvents(join(lake, 'sysmon/a.jsonl'), [{ ...created, Image, ...parent }]);
  expect(await run()).toEqual([1, 1, 1, 1]);
  rmSync(join(lake, 'sysmon/a.jsonl'));
  expect(await run()).toEqual([1, 0, 0, 1]);
});

test('rows that were delivered twice, in different files, count once when asked for', async () => {
  const lake = join(temporaryFolder(), 'lake');
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.parquet'), [load(0)]);
  for (const name of ['a.parquet', 'b.parquet', 'c.jsonl']) {
    await writeEvents(join(lake, 'DeviceNetworkEvents', name), [connection(1)]);
  }
  expect((await batch(lake)).rows).toMatchObject([{ ConnectionCount: 3 }]);
  const once = await batch(lake, { dedupe: true });
  expect(once.rows).toMatchObject([{ ConnectionCount: 1, Status: 'continuing' }]);
  expect(asHunted(once.rows)).toEqual(await hunted(lake, {}, true));
});

test('a column that only some files have is recorded, whatever their order', async () => {
  const lake = join(temporaryFolder(), 'lake');
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.parquet'), [load(0)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.parquet'), [connection(1)]);
  expect((await batch(lake)).rows).toMatchObject([{ TotalBytesSent: null }]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.jsonl'), [connection(2, { SentBytes: 700 })]);
  const { rows } = await batch(lake);
  expect(rows).toMatchObject([{ TotalBytesSent: 700, TotalBytesReceived: null }]);
  expect(asHunted(rows)).toEqual(await hunted(lake));
});

test('a JSON file none of whose records has a required column is read as a hunt reads it among others', async () => {
  const lake = join(temporaryFolder(), 'lake');
  const { RemotePort: _, ...withoutPort } = connection(2);
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.jsonl'), [load(0)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.jsonl'), [withoutPort]);
  const alone = await batch(lake);
  expect(alone.report.files.failed).toMatchObject([{ problem: expect.stringContaining('RemotePort') }]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.jsonl'), [connection(1)]);
  const { rows, report } = await batch(lake);
  expect(report.files.failed).toEqual([]);
  expect(rows).toMatchObject([{ ConnectionCount: 2, RemotePorts: [4444] }]);
  expect(asHunted(rows)).toEqual(await hunted(lake));
});

test('tables by globs, and files of an undocumented ending beside them', async () => {
  const folder = temporaryFolder();
  await writeEvents(join(folder, 'x/loads-1.jsonl'), [load(0)]);
  await writeEvents(join(folder, 'x/net-1.jsonl'), [connection(1), connection(2, quiet)]);
  const tables = {
    DeviceImageLoadEvents: [join(folder, 'x/loads-*.jsonl')],
    DeviceNetworkEvents: join(folder, 'x/net-*.jsonl'),
  };
  const { rows, read } = await batch(join(folder, 'x'), { lake: tables, work: join(folder, 'work') });
  expect(read).toBe(2);
  expect(rows).toMatchObject([{ ProcessName: 'implant.exe', ConnectionCount: 1 }]);
});
