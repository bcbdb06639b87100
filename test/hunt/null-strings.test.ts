import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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
