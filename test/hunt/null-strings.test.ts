import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLake, type TelemetryLake } from '../../src/index.ts';
import { writeFile } from '../lake/parquet-files.ts';

/** Two loads by one process, whose command line and hash are null in one and '' in the other; then a connection. */
const LOADS = `
SELECT
  TIMESTAMP '2026-01-05 08:00:00' + to_seconds(n) AS Timestamp,
  'd1' AS DeviceId,
  'ws-1' AS DeviceName,
  'bcrypt.dll' AS FileName,
  4::BIGINT AS InitiatingProcessId,
  'implant.exe' AS InitiatingProcessFileName,
  CASE n WHEN 0 THEN NULL ELSE '' END::VARCHAR AS InitiatingProcessCommandLine,
  CASE n WHEN 0 THEN NULL ELSE '' END::VARCHAR AS InitiatingProcessSHA256,
  NULL::VARCHAR AS InitiatingProcessAccountName
FROM range(2) AS loads(n)`;
const CONNECTIONS = `
SELECT
  TIMESTAMP '2026-01-05 08:01:00' AS Timestamp,
  'd1' AS DeviceId,
  'ws-1' AS DeviceName,
  'ConnectionSuccess' AS ActionType,
  NULL::VARCHAR AS RemoteIP,
  4444 AS RemotePort,
  'Public' AS RemoteIPType,
  4::BIGINT AS InitiatingProcessId`;

let folder: string;
let lake: TelemetryLake;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'merganser-null-strings-'));
  await writeFile(join(folder, 'loads.parquet'), LOADS);
  await writeFile(join(folder, 'connections.parquet'), CONNECTIONS);
  lake = await openLake({
    DeviceImageLoadEvents: join(folder, 'loads.parquet'),
    DeviceNetworkEvents: join(folder, 'connections.parquet'),
  });
});
afterAll(async () => {
  await lake.close();
  rmSync(folder, { recursive: true });
});

const UNRECORDED = { ProcessCmd: '', ProcessSHA256: '', AccountName: '' };

// Kusto's strings have no null: both loads are of one image, and one finding.
// https://learn.microsoft.com/kusto/query/scalar-data-types/null-values
test.each([
  ['the findings', {}],
  ['the findings with all columns', { columns: 'all' }],
  ['the findings by process', { identity: 'process' }],
  ['the findings with their activity', { variant: 'activity' }],
  ['the findings with their activity, by process', { variant: 'activity', identity: 'process' }],
] as const)('a null string is an empty one, and both are one process: %s', async (_, options) => {
  const rows = await (await lake.hunt('t1573.001', options)).rows();
  expect(rows).toMatchObject([{ ...UNRECORDED, RemoteIPs: [''], ConnectionCount: 2 }]);
});

test.each([
  ['by PID', {}],
  ['by process', { identity: 'process' }],
] as const)('in the evidence too, %s', async (_, options) => {
  const table = await (await lake.hunt('t1573.001', { ...options, variant: 'evidence' })).arrow();
  for (const name of Object.keys(UNRECORDED)) {
    expect([...table.getChild(name)!], name).toEqual(['', '']);
  }
});

test('a rule on the command line reaches the process whose command line is not recorded', async () => {
  const match = { process: ['implant.exe'], command: ['^$'] };
  const rule = { name: 'bare', reason: 'known', owner: 'soc', expires: '2999-01-01', at: 'rules:1', match };
  expect(await (await lake.hunt('t1573.001', { suppressions: [rule] })).rows()).toEqual([]);
});

/** A number for each row. The engine's hash of two numbers has low bits that repeat from one seed to the next. */
const drawn = (seed: number) => `(hash(n || '/${seed}') % 1000003)::INTEGER`;

/** A column of strings that is null, '' or one of two names, by turns that its seed shifts. */
const mixed = (seed: number, names: readonly [string, string]) =>
  `[NULL, '', '${names[0]}', '${names[1]}'][1 + ${drawn(seed)} % 4]::VARCHAR`;

/** 600 loads and 600 connections of three PIDs in an hour, whose strings are null or '' or neither in every mixture. */
const MIXED_LOADS = `
SELECT
  TIMESTAMP '2026-01-05 08:00:00' + to_seconds(${drawn(1)} % 3600) AS Timestamp,
  ${mixed(2, ['d1', 'd2'])} AS DeviceId,
  ${mixed(3, ['ws-1', 'ws-2'])} AS DeviceName,
  ${mixed(4, ['bcrypt.dll', 'kernel32.dll'])} AS FileName,
  (${drawn(5)} % 3 + 4)::BIGINT AS InitiatingProcessId,
  ${mixed(6, ['implant.exe', 'chrome.exe'])} AS InitiatingProcessFileName,
  ${mixed(7, ['a', 'b'])} AS InitiatingProcessCommandLine,
  ${mixed(8, ['s1', 's2'])} AS InitiatingProcessSHA256,
  ${mixed(9, ['bob', 'eve'])} AS InitiatingProcessAccountName,
  n AS ReportId
FROM range(600) AS loads(n)`;
const MIXED_CONNECTIONS = `
SELECT
  TIMESTAMP '2026-01-05 08:00:00' + to_seconds(${drawn(11)} % 3600) AS Timestamp,
  ${mixed(12, ['d1', 'd2'])} AS DeviceId,
  ${mixed(13, ['ws-1', 'ws-2'])} AS DeviceName,
  ${mixed(14, ['ConnectionSuccess', 'ConnectionSuccess'])} AS ActionType,
  ${mixed(15, ['203.0.113.1', '203.0.113.2'])} AS RemoteIP,
  4444 AS RemotePort,
  ${mixed(16, ['Public', 'Public'])} AS RemoteIPType,
  (${drawn(17)} % 3 + 4)::BIGINT AS InitiatingProcessId,
  ${mixed(18, ['implant.exe', 'chrome.exe'])} AS InitiatingProcessFileName,
  ${mixed(19, ['bob', 'eve'])} AS InitiatingProcessAccountName,
  n AS ReportId
FROM range(600) AS connections(n)`;

describe('null strings and empty ones in every mixture', () => {
  const lakes: TelemetryLake[] = [];
  beforeAll(async () => {
    for (const [name, filled] of [
      ['null', (select: string) => select],
      ['empty', (select: string) => select.replaceAll('[NULL,', "['',")],
    ] as const) {
      const tables: Record<string, string> = {};
      for (const [table, select] of [
        ['DeviceImageLoadEvents', MIXED_LOADS],
        ['DeviceNetworkEvents', MIXED_CONNECTIONS],
      ] as const) {
        tables[table] = join(folder, `${name}-${table}.parquet`);
        await writeFile(tables[table], filled(select));
      }
      lakes.push(await openLake(tables));
    }
  });
  afterAll(async () => {
    for (const each of lakes) await each.close();
  });

  test.each([
    ['the findings', {}],
    ['whatever the lists hold', { crypto_libraries: ['', 'bcrypt.dll'], excluded_processes: [''] }],
    ['whatever the actions', { action_type: '', address_type: '' }],
    ['with all columns', { columns: 'all' }],
    ['by process', { identity: 'process' }],
    ['by process, with activity', { variant: 'activity', identity: 'process' }],
    ['with activity', { variant: 'activity' }],
    ['the evidence', { variant: 'evidence' }],
    ['the evidence by process', { variant: 'evidence', identity: 'process' }],
    ['the stages', { variant: 'stages' }],
  ] as const)('are one and the same: %s', async (_, options) => {
    const [withNulls, withEmpty] = await Promise.all(
      lakes.map(async (each) => (await each.hunt('t1573.001', options)).rows()),
    );
    expect(withNulls).toEqual(withEmpty);
    expect(withNulls!.length).toBeGreaterThan(5);
  });
});
