import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findDetection } from '../../src/hunt/detection/find-detections.ts';
import { openLake, type Row } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { type ConnectionEvent, type CreationEvent, genealogyOracle } from '../oracle/genealogy.ts';

const names = fc.constantFrom(
  'powershell.exe',
  'PowerShell.EXE',
  'cmd.exe',
  'rundll32.exe',
  'msiexec.exe',
  'splwow64.exe',
  '',
  null,
);
const parents = fc.constantFrom(
  'WINWORD.EXE',
  'svchost.exe',
  'Services.exe',
  'rundll32.exe',
  'explorer.exe',
  'lsass.exe',
  'WmiPrvSE.exe',
  'own.exe',
  '',
  null,
);
const paths = fc.oneof(
  fc.constantFrom('', null, 'svchost.exe', '\\\\host\\c$\\windows\\system32\\svchost.exe', 'c:\\'),
  fc
    .tuple(
      fc.constantFrom('C:', 'd:', '\\Device\\HarddiskVolume12', '\\??\\c:', '\\\\?\\C:', '\\Device\\Mup'),
      fc.constantFrom(
        '\\Windows\\',
        '\\Windows\\System32\\',
        '\\windows\\syswow64\\',
        '\\WINDOWS\\system32\\wbem\\',
        '\\Windows\\System32\\Tasks\\',
        '\\Users\\ann\\',
      ),
      fc.constantFrom(
        'svchost.exe',
        'SERVICES.EXE',
        'explorer.exe',
        'lsass.exe',
        'wmiprvse.exe',
        'rundll32.exe',
        '',
      ),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '\\SystemRoot\\System32\\services.exe',
    '\\systemroot\\syswow64\\lsass.exe',
    'C:\\Windows\\System32',
  ),
);
const instants = fc.constantFrom(
  '2026-01-05T08:00:00Z',
  '2026-01-05T08:00:01Z',
  '2026-01-05T08:00:02Z',
  '1601-01-01T00:00:00Z',
  '2099-01-01T00:00:00Z',
  null,
);
/** The first is what most are, so that events of both tables meet. */
function mostly<T, U>(usual: T, ...odd: U[]): fc.Arbitrary<T | U> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...odd) },
  );
}
const devices = mostly('ws-1', 'WS-1', 'ws-2', null);
const pids = mostly(4, 8, 0, null);
const began = mostly('2026-01-05T08:00:01Z', '2026-01-05T08:00:00Z', '1601-01-01T00:00:00Z', null);

const connection: fc.Arbitrary<ConnectionEvent> = fc.record({
  Timestamp: fc.constantFrom('2026-01-05T09:00:00Z', '2026-01-05T09:01:00Z', '2026-01-05T09:02:00Z'),
  DeviceName: devices,
  ActionType: fc.constantFrom('ConnectionSuccess', 'ConnectionSuccess', 'ConnectionFailed', null),
  RemoteIPType: fc.constantFrom('Public', 'Public', 'Public', 'Private', null),
  RemoteIP: fc.constantFrom('198.51.100.7', '2001:db8::1', 'no address', null),
  RemotePort: fc.constantFrom(443, 4444, null),
  InitiatingProcessId: pids,
  InitiatingProcessFileName: names,
  InitiatingProcessCommandLine: fc.constantFrom('a', null),
  InitiatingProcessCreationTime: began,
  InitiatingProcessParentFileName: parents,
  InitiatingProcessParentCreationTime: instants,
});
const creation: fc.Arbitrary<CreationEvent & { Timestamp: string }> = fc.record({
  Timestamp: fc.constant('2026-01-05T08:30:00Z'),
  DeviceName: devices,
  ActionType: fc.constantFrom('ProcessCreated', 'ProcessCreated', 'ProcessCreated', 'OpenProcess', null),
  ProcessId: pids,
  ProcessCreationTime: began,
  InitiatingProcessFileName: parents,
  InitiatingProcessFolderPath: paths,
  InitiatingProcessCreationTime: instants,
});

const LAKES = 12;
/** Several lakes lie side by side, each with its own devices: planning costs more than running. */
const lakes = fc
  .array(
    fc.record({
      connections: fc.array(connection, { minLength: 4, maxLength: 12 }),
      creations: fc.array(creation, { maxLength: 4 }),
    }),
    { minLength: 4, maxLength: LAKES },
  )
  .map((all) => ({
    connections: all.flatMap((lake, index) => lake.connections.map((row) => apart(row, index))),
    creations: all.flatMap((lake, index) => lake.creations.map((row) => apart(row, index))),
  }));

function apart<T extends { readonly DeviceName: string | null }>(row: T, index: number): T {
  return { ...row, DeviceName: row.DeviceName === null ? null : `${row.DeviceName}.${index}` };
}

const KQL = readFileSync(
  fileURLToPath(new URL('../../sql/detections/t1573.001/process-genealogy.kql', import.meta.url)),
  'utf8',
);

test('on random lakes, in SQL and in KQL, the findings are those of a plain loop', async () => {
  const reasons = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(lakes, async ({ connections, creations }) => {
      const folder = temporaryFolder();
      const tables = { DeviceNetworkEvents: connections, DeviceProcessEvents: creations };
      for (const [table, rows] of Object.entries(tables)) {
        mkdirSync(join(folder, table));
        writeFileSync(join(folder, table, 'a.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      }
      await using lake = await openLake(folder, { threads: 1 });
      const expected = genealogyOracle(connections, creations);
      const hunted = await (await lake.huntLayers(findDetection('t1573.001/process-genealogy'), [])).rows();
      const request = { now: new Date('2030-01-01'), parameters: { lookback: '36500d' } };
      const queried = await (await lake.kql(KQL, request)).rows();
      expect(sorted(hunted)).toEqual(sorted(expected as unknown as Row[]));
      expect(sorted(queried)).toEqual(sorted(expected as unknown as Row[]));
      for (const reason of expected.flatMap(({ Reasons }) => Reasons))
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }),
    { numRuns: 25, endOnFailure: true },
  );
  for (const reason of ['unusual parent', 'older than its parent', 'parent not where its name belongs'])
    expect(reasons.get(reason)).toBeGreaterThan(20);
}, 120_000);

/** KQL promises no order, of rows or in sets; the loop knows neither accounts nor hashes, of which there are none. */
function sorted(rows: readonly Row[]): string[] {
  return rows
    .map(({ AccountName: _, ProcessSHA256: __, ...row }) =>
      JSON.stringify(
        Object.entries(row)
          .map(([name, value]) => [
            name,
            Array.isArray(value) && name !== 'Reasons' ? [...value].map(String).sort() : sortedReasons(value),
          ])
          .sort(),
      ),
    )
    .sort();
}

function sortedReasons(value: unknown): unknown {
  return Array.isArray(value) ? [...value].sort() : value;
}
