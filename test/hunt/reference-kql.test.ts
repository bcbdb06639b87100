import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLake, type Row, translate } from '../../src/index.ts';
import { type Finding, REFERENCE } from '../oracle/t1573_001.ts';
import { cases } from './events.ts';
import { finding, Statement } from './statement.ts';

const own = new URL('../../sql/detections/t1573.001/symmetric-cryptography-c2.kql', import.meta.url);
const shared = new URL('../../../shared/', import.meta.url);
const reference = new URL('reference/t1573_001.kql', shared);
const queries: [string, URL][] = [
  ['the project’s own KQL', own],
  ['the reference detection, unmodified', reference],
];
const isHere = (file: URL) => {
  if (existsSync(file)) return true;
  console.warn(`skipped: ${file.pathname} is not here`);
  return false;
};

const KEY = ['DeviceName', 'ProcessName', 'ProcessCmd', 'AccountName', 'ProcessSHA256'];
const sorted = <T extends object>(rows: readonly T[]) =>
  [...rows].sort((a, b) =>
    JSON.stringify(KEY.map((key) => a[key as keyof T])) < JSON.stringify(KEY.map((key) => b[key as keyof T]))
      ? -1
      : 1,
  );

describe.each(queries)('%s', (_, file) => {
  const present = isHere(file);
  const query = present ? readFileSync(file, 'utf8') : '';

  test.skipIf(!present)('gives the rows of the hunt on the sample lake', async () => {
    await using lake = await openLake(fileURLToPath(new URL('../../data/sample', import.meta.url)));
    for (const now of ['2026-01-06T00:00:00Z', '2026-01-07T12:00:00Z', '2026-01-08T00:00:00Z']) {
      const hunted = await (await lake.hunt('t1573.001', { now, lookback: '24h' })).rows();
      const queried = await (await lake.kql(query, { now: new Date(now) })).rows();
      expect(hunted.length).toBeGreaterThan(3);
      expect(sorted(queried)).toEqual(sorted(hunted));
    }
  });

  test.skipIf(!present)(
    'gives the rows of the hunt on random lakes',
    async () => {
      const statement = await Statement.open();
      let found = 0;
      await fc.assert(
        fc.asyncProperty(cases, async ({ loads, connections, parameters }) => {
          const after = parameters.after ?? BigInt(Date.UTC(2026, 0, 4)) * 1000n;
          const now = new Date(Number(after / 1000n) + 86_400_000);
          const whole = { ...REFERENCE, after: BigInt(now.getTime() - 86_400_000) * 1000n };
          const hunted = await statement.findings(loads, connections, whole);
          const { sql, macros, diagnostics } = translate(query, { now });
          expect(diagnostics).toEqual([]);
          const queried = (await statement.query(sql, macros)).map(fromKql);
          expect(sorted(queried.map(json))).toEqual(sorted(hunted.map(json)));
          found += hunted.length;
        }),
        { numRuns: 25 },
      );
      expect(found).toBeGreaterThan(20);
    },
    120_000,
  );

  const telemetry = new URL('telemetry/', shared);
  test.skipIf(!present || !isHere(telemetry))('gives the rows of the hunt on real telemetry', async () => {
    const sets: [string, string, number][] = [
      ['meterpreter-4433', '2023-08-16T12:00:00Z', 1],
      ['empire-regsvr32-8444', '2020-07-22T12:00:00Z', 1],
      ['meterpreter-8443', '2022-08-19T00:00:00Z', 0],
    ];
    for (const [set, now, expected] of sets) {
      await using lake = await openLake(fileURLToPath(new URL(`${set}/c2-public`, telemetry)));
      const hunted = await (await lake.hunt('t1573.001', { now, lookback: '24h' })).rows();
      const queried = await (await lake.kql(query, { now: new Date(now) })).rows();
      expect(hunted).toHaveLength(expected);
      expect(queried.map(withoutBytes)).toEqual(hunted.map(withoutBytes));
    }
  });
});

/** Real telemetry has no byte columns: KQL then sums nulls to 0, where the hunt says null. */
function withoutBytes({ TotalBytesSent: _, TotalBytesReceived: __, DataTransferMB: ___, ...row }: Row): Row {
  return row;
}

/** KQL's sets are JSON. */
function fromKql(row: Parameters<typeof finding>[0]): Finding {
  const sets = ['CryptoLibsLoaded', 'RemoteIPs', 'RemotePorts'];
  const parsed = Object.entries(finding(row)).map(([name, value]) => [
    name,
    sets.includes(name) ? JSON.parse(String(value)) : value,
  ]);
  return Object.fromEntries(parsed) as Finding;
}

function json(found: Finding): object {
  return JSON.parse(JSON.stringify(found, (_, value) => (typeof value === 'bigint' ? String(value) : value)));
}
