import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openLake, type Row } from '../../src/index.ts';
import { imageLoad, networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';

const SAMPLE = fileURLToPath(new URL('../../data/sample', import.meta.url));
const { labels, processes } = JSON.parse(readFileSync(`${SAMPLE}/labels.json`, 'utf8')) as {
  labels: { id: string; falsePairs: number; expected: Row | null }[];
  processes: Row[];
};
const inOrder = (rows: readonly Row[]) =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();

describe('the sample lake', () => {
  test('by process gives exactly the labelled processes, each once', async () => {
    await using lake = await openLake(SAMPLE);
    const rows = await (await lake.hunt('t1573.001', { identity: 'process' })).rows();
    const labelled = Object.keys(processes[0]!);
    const shown = rows.map((row) => Object.fromEntries(labelled.map((name) => [name, row[name]!])));
    expect(processes.length).toBeGreaterThan(30);
    expect(inOrder(shown)).toEqual(inOrder(processes));
    expect(rows.filter((row) => row.FalseAttributions !== 0 || row.Processes !== 1)).toEqual([]);
  });

  test('by PID with all columns gives the reference’s findings and the labelled false attributions', async () => {
    await using lake = await openLake(SAMPLE);
    const reference = await (await lake.hunt()).rows();
    const rows = await (await lake.hunt('t1573.001', { columns: 'all' })).rows();
    const names = Object.keys(reference[0]!);
    expect(rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]!])))).toEqual(reference);
    expect(Object.keys(rows[0]!).slice(0, names.length)).toEqual(names);
    const falsely = (all: { row: Row; pairs: unknown }[]) =>
      Object.fromEntries(
        all.filter(({ pairs }) => pairs !== 0).map(({ row, pairs }) => [row.ProcessCmd, pairs]),
      );
    const labelled = labels.filter(({ expected }) => expected !== null);
    expect(falsely(rows.map((row) => ({ row, pairs: row.FalseAttributions })))).toEqual(
      falsely(labelled.map(({ expected, falsePairs }) => ({ row: expected!, pairs: falsePairs }))),
    );
  });

  test('by process, the evidence holds as many pairs as the findings count, and each is of one process', async () => {
    await using lake = await openLake(SAMPLE);
    const pairs = await (await lake.hunt('t1573.001', { identity: 'process', variant: 'evidence' })).rows();
    expect(pairs).toHaveLength(processes.reduce((sum, row) => sum + Number(row.ConnectionCount), 0));
    expect(pairs.filter((pair) => pair.SameProcess !== true)).toEqual([]);
  });

  test('by process, the activity adds up to the distinct connections, and the stages end in the findings', async () => {
    await using lake = await openLake(SAMPLE);
    const rows = await (await lake.hunt('t1573.001', { identity: 'process', variant: 'activity' })).rows();
    for (const row of rows) {
      expect((row.Activity as number[]).reduce((sum, each) => sum + each, 0)).toBe(row.DistinctConnections);
    }
    const stages = await (await lake.hunt('t1573.001', { identity: 'process', variant: 'stages' })).rows();
    expect(stages.at(-1)).toEqual({ Stage: 'processes', Rows: processes.length });
  });
});

const at = (time: string) => `TIMESTAMP '2026-01-05 ${time}'`;

async function lakeOf(loads: Record<string, string>[], connections: Record<string, string>[]) {
  const folder = temporaryFolder();
  await writeFile(
    join(folder, 'DeviceImageLoadEvents', 'a.parquet'),
    loads.map((each) => imageLoad(each)).join(' UNION ALL '),
  );
  await writeFile(
    join(folder, 'DeviceNetworkEvents', 'a.parquet'),
    connections
      .map((each) => networkEvent({ InitiatingProcessFileName: "'implant.exe'", ...each }))
      .join(' UNION ALL '),
  );
  return openLake(folder);
}

const byProcess = async (
  loads: Record<string, string>[],
  connections: Record<string, string>[],
  more = {},
) => {
  await using lake = await lakeOf(loads, connections);
  return await (await lake.hunt('t1573.001', { identity: 'process', ...more })).rows();
};

describe('by process', () => {
  test('a PID that another image got is two processes, and without creation times the finding says inferred', async () => {
    const other = { Timestamp: at('00:01'), InitiatingProcessFileName: "'other.exe'" };
    expect(await byProcess([{}], [other])).toEqual([]);
    const [finding] = await byProcess([{}], [{ Timestamp: at('00:01') }]);
    expect(finding).toMatchObject({ Identity: 'inferred', DistinctConnections: 1 });
  });

  test('an image that came back to its PID is told apart by what held it in between, crypto library or not', async () => {
    const between = {
      Timestamp: at('00:01'),
      InitiatingProcessFileName: "'svchost.exe'",
      FileName: "'user32.dll'",
    };
    expect(await byProcess([{}, between], [{ Timestamp: at('00:02') }])).toEqual([]);
  });

  test('an account that changes, or a silence longer than the gap, ends the process', async () => {
    const account = (name: string) => ({ InitiatingProcessAccountName: `'${name}'` });
    const later = { Timestamp: at('00:10') };
    expect(await byProcess([account('ann')], [{ ...later, ...account('bob') }])).toEqual([]);
    expect(await byProcess([account('ann')], [{ ...later, ...account('ANN') }])).toHaveLength(1);
    expect(await byProcess([{}], [later], { identity_gap: '9m' })).toEqual([]);
    expect(await byProcess([{}], [later], { identity_gap: '10m' })).toHaveLength(1);
  });

  test('creation times tell two processes of one image apart that the reference joins', async () => {
    const created = (time: string) => ({ InitiatingProcessCreationTime: at(time) });
    const later = { Timestamp: at('00:01'), ...created('00:00:30') };
    await using lake = await lakeOf(
      [created('00:00')],
      [later, { Timestamp: at('00:00:05'), ...created('00:00') }],
    );
    const [pid] = await (await lake.hunt('t1573.001', { columns: 'all' })).rows();
    const [process] = await (await lake.hunt('t1573.001', { identity: 'process' })).rows();
    expect(pid).toMatchObject({ ConnectionCount: 2, FalseAttributions: 1, Identity: 'creation time' });
    expect(process).toMatchObject({ ConnectionCount: 1, FalseAttributions: 0 });
  });

  test('the unique id goes before the creation time, and joins events of which one lacks it', async () => {
    const created = { InitiatingProcessCreationTime: at('00:00') };
    const unique = (id: string) => ({ ...created, InitiatingProcessUniqueId: `'${id}'` });
    const later = { Timestamp: at('00:01') };
    expect(await byProcess([unique('k1')], [{ ...later, ...unique('k2') }])).toEqual([]);
    expect(
      await byProcess([unique('k1')], [{ ...later, ...created, InitiatingProcessUniqueId: "''" }]),
    ).toEqual([expect.objectContaining({ Identity: 'unique id' })]);
  });

  test('an event without a creation time belongs to the process that held its PID', async () => {
    const load = { InitiatingProcessCreationTime: at('00:00') };
    const later = { Timestamp: at('00:01') };
    const [finding] = await byProcess(
      [load],
      [{ ...later, InitiatingProcessCreationTime: 'NULL::TIMESTAMP' }],
    );
    expect(finding).toMatchObject({ Identity: 'inferred', ProcessCreationTime: '2026-01-05T00:00:00Z' });
  });

  test('PID 0 and a PID that is not recorded never join', async () => {
    for (const InitiatingProcessId of ['0::BIGINT', 'NULL::BIGINT']) {
      expect(await byProcess([{ InitiatingProcessId }], [{ InitiatingProcessId }])).toEqual([]);
      await using lake = await lakeOf([{ InitiatingProcessId }], [{ InitiatingProcessId }]);
      const [pid] = await (await lake.hunt('t1573.001', { columns: 'all' })).rows();
      expect(pid).toMatchObject({ ConnectionCount: 1, FalseAttributions: 1, Identity: 'none' });
    }
  });

  test('DeviceId tells devices of one name apart, and holds where the name is spelled in another way', async () => {
    const device = (id: string) => ({ DeviceId: `'${id}'` });
    expect(await byProcess([device('d1')], [device('d2')])).toEqual([]);
    expect(await byProcess([device('d1')], [{ ...device('d1'), DeviceName: "'WS-1'" }])).toHaveLength(1);
  });

  test('each connection counts once, with its bytes, however many loads precede it', async () => {
    const bytes = { SentBytes: '10::BIGINT', ReceivedBytes: '1::BIGINT' };
    const [finding] = await byProcess(
      [{}, { FileName: "'ncrypt.dll'" }],
      [bytes, { ...bytes, Timestamp: at('00:01'), RemotePort: '5555' }],
    );
    expect(finding).toMatchObject({
      ConnectionCount: 4,
      TotalBytesSent: 40,
      DistinctConnections: 2,
      DistinctBytesSent: 20,
      DistinctBytesReceived: 2,
      CryptoLoads: 2,
      DestinationCount: 2,
      FirstLoad: '2026-01-05T00:00:00Z',
    });
  });
});

describe('tolerance', () => {
  const count = async (early: string, settings: Record<string, string>) => {
    await using lake = await lakeOf([{ Timestamp: at('00:15') }], [{ Timestamp: at(early) }]);
    return (await lake.hunt('t1573.001', settings)).rowCount;
  };
  test.each([{}, { identity: 'process' }])(
    'accepts a connection stamped so long before its load: %o',
    async (by) => {
      expect(await count('00:14:55', by)).toBe(0);
      expect(await count('00:14:55', { ...by, tolerance: '5s' })).toBe(1);
      expect(await count('00:14:54.999999', { ...by, tolerance: '5s' })).toBe(0);
      expect(await count('00:30:00', { ...by, tolerance: '5s' })).toBe(1);
      expect(await count('00:30:00.000001', { ...by, tolerance: '5s' })).toBe(0);
    },
  );

  test('keeps the times of the connections as they are', async () => {
    await using lake = await lakeOf([{ Timestamp: at('00:15') }], [{ Timestamp: at('00:14:55') }]);
    for (const variant of ['findings', 'activity'] as const) {
      const [finding] = await (await lake.hunt('t1573.001', { tolerance: '5s', variant })).rows();
      expect(finding).toMatchObject({ FirstConnection: '2026-01-05T00:14:55Z' });
    }
    expect((await lake.hunt('t1573.001', { tolerance: '5s', variant: 'evidence' })).rowCount).toBe(1);
  });

  test('of less than nothing is refused, as is an identity that there is not', async () => {
    await using lake = await lakeOf([{}], [{}]);
    await expect(lake.hunt('t1573.001', { tolerance: '-5s' })).rejects.toThrow('tolerance');
    await expect(lake.hunt('t1573.001', { identity: 'name' })).rejects.toThrow(
      "'name' is none of its values",
    );
  });
});
