import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type IdentifiedConnection, type IdentifiedLoad, identityOracle } from '../oracle/identity.ts';
import { type Parameters, REFERENCE } from '../oracle/t1573_001.ts';
import { Statement } from './statement.ts';

let statement: Statement;
beforeAll(async () => {
  statement = await Statement.open('identity');
});

const START = BigInt(Date.UTC(2026, 0, 5)) * 1000n;
const MINUTE = 60_000_000n;

function mostly<T, U>(usual: T, ...odd: U[]): fc.Arbitrary<T | U> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 3, arbitrary: fc.constantFrom(...odd) },
  );
}

/** On whole minutes and a little off them, so that events meet, tie and lie on the window's edges. */
const times = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.integer({ min: 0, max: 40 }).map((minutes) => START + BigInt(minutes) * MINUTE),
  },
  fc.integer({ min: 0, max: 20 }).map((minutes) => START + BigInt(minutes) * MINUTE + 1n),
  fc.constant(null),
);

/** Some events say when their process began, some also its unique id, some neither. */
const began = fc
  .tuple(fc.constantFrom(null, null, 1601n, 0n, 0n, 10n, 20n), fc.boolean())
  .map(([minutes, hasUniqueId]) => {
    if (minutes === 1601n)
      return {
        InitiatingProcessCreationTime: BigInt(Date.UTC(1601, 0, 1)) * 1000n,
        InitiatingProcessUniqueId: null,
      };
    const created = minutes === null ? null : START + minutes * MINUTE - 500_000n;
    return {
      InitiatingProcessCreationTime: created,
      InitiatingProcessUniqueId: created !== null && hasUniqueId ? `key-${minutes}` : null,
    };
  });

const who = fc.record({
  Timestamp: times,
  DeviceName: mostly('ws-1', 'WS-1', 'ws-2'),
  DeviceId: mostly('d1', 'd2', null),
  InitiatingProcessId: mostly(4n, 8n, 8n, 0n, null),
  InitiatingProcessFileName: mostly('a.exe', 'A.EXE', 'b.exe', 'svchost.exe', ''),
  InitiatingProcessAccountName: mostly('u', 'U', 'v', null),
});

const loads: fc.Arbitrary<IdentifiedLoad> = fc
  .tuple(
    who,
    began,
    fc.record({
      FileName: mostly('bcrypt.dll', 'RSAENH.dll', 'kernel32.dll'),
      InitiatingProcessCommandLine: mostly('a', 'b'),
      InitiatingProcessSHA256: fc.constant('00'),
      InitiatingProcessParentFileName: fc.constant('explorer.exe'),
    }),
  )
  .map(([a, b, c]) => ({ ...a, ...b, ...c }));

const connections: fc.Arbitrary<IdentifiedConnection> = fc
  .tuple(
    who,
    began,
    fc.record({
      ActionType: mostly('ConnectionSuccess', 'ConnectionFailed'),
      RemoteIP: fc.constantFrom('203.0.113.1', '203.0.113.2'),
      RemoteIPType: fc.constant('Public'),
      RemotePort: mostly(4444, 8444, 443, null),
      SentBytes: fc.constantFrom(null, 1n, 1000n),
      ReceivedBytes: fc.constantFrom(null, 7n),
    }),
  )
  .map(([a, b, c]) => ({ ...a, ...b, ...c }));

const parameters: fc.Arbitrary<Parameters> = fc
  .record({
    tolerance: fc.constantFrom(0n, 0n, MINUTE),
    since: fc.constantFrom(undefined, undefined, START + 5n * MINUTE),
    until: fc.constantFrom(undefined, undefined, START + 30n * MINUTE),
  })
  .map((times) => ({ ...REFERENCE, ...times }));

const sorted = (rows: readonly object[]) =>
  rows
    .map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))
    .sort();

/** Planning the statement costs more than running it, so several lakes lie side by side, each with its own devices. */
const LAKES = 8;
const lakes = fc
  .array(
    fc.record({
      loads: fc.array(loads, { minLength: 4, maxLength: 20 }),
      connections: fc.array(connections, { minLength: 4, maxLength: 20 }),
    }),
    { minLength: 4, maxLength: LAKES },
  )
  .map((all) => ({
    loads: all.flatMap((lake, index) => lake.loads.map((row) => apart(row, index))),
    connections: all.flatMap((lake, index) => lake.connections.map((row) => apart(row, index))),
  }));

function apart<T extends { readonly DeviceName: string | null; readonly DeviceId: string | null }>(
  row: T,
  index: number,
): T {
  const named = (name: string | null) => (name === null ? null : `${name}.${index}`);
  return { ...row, DeviceName: named(row.DeviceName), DeviceId: named(row.DeviceId) };
}

test('on random lakes, by process and by PID, the findings and false attributions are those of a nested loop', async () => {
  let [found, inferred, wrong] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(
      lakes,
      parameters,
      fc.constantFrom('process' as const, 'pid' as const),
      fc.constantFrom(7n, 1440n),
      async (lake, chosen, identity, minutes) => {
        const expected = identityOracle(lake.loads, lake.connections, chosen, {
          identity,
          gap: minutes * MINUTE,
        });
        const rows = await statement.findings(lake.loads, lake.connections, chosen, {
          identity,
          identity_gap: `${minutes}m`,
        });
        expect(sorted(rows)).toEqual(sorted(expected));
        found += expected.length;
        inferred += expected.filter(({ Identity }) => Identity === 'inferred').length;
        wrong += expected.filter(({ FalseAttributions }) => FalseAttributions > 0n).length;
      },
    ),
    { numRuns: 25 },
  );
  // A generator that never makes a finding of each kind would prove nothing.
  expect(found).toBeGreaterThan(60);
  expect(inferred).toBeGreaterThan(10);
  expect(wrong).toBeGreaterThan(10);
});
