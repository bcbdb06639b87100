import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { type Finding, oracle, REFERENCE } from '../oracle/t1573_001.ts';
import { type Case, cases } from './events.ts';

/** Ways to write the same rows, by what varies: the physical types of the timestamp, the file format. */
const WAYS = {
  naive: { time: 'TIMESTAMP', file: 'naive.parquet', options: 'FORMAT parquet' },
  zoned: { time: 'TIMESTAMPTZ', file: 'zoned.parquet', options: 'FORMAT parquet' },
  nanoseconds: { time: 'TIMESTAMP_NS', file: 'ns.parquet', options: 'FORMAT parquet, COMPRESSION zstd' },
  'JSON lines': { time: 'VARCHAR', file: 'lines.jsonl', options: 'FORMAT json' },
  'JSON lines, gzip': { time: 'VARCHAR', file: 'lines.jsonl.gz', options: 'FORMAT json, COMPRESSION gzip' },
  'JSON lines, zstd': { time: 'VARCHAR', file: 'lines.jsonl.zst', options: 'FORMAT json, COMPRESSION zstd' },
  CSV: { time: 'VARCHAR', file: 'rows.csv', options: 'FORMAT csv, HEADER' },
} as const;
type Way = keyof typeof WAYS;

const TYPES: Readonly<Record<string, string>> = {
  InitiatingProcessId: 'BIGINT',
  RemotePort: 'INTEGER',
  SentBytes: 'BIGINT',
  ReceivedBytes: 'BIGINT',
};

/** Writes the rows of a table into one file a way, dealt out in turn. */
async function write(
  folder: string,
  table: string,
  rows: readonly object[],
  ways: readonly Way[],
): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const names = Object.keys(rows[0]!);
  const text = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
  const shape = JSON.stringify([
    Object.fromEntries(
      names.map((name) => [name, name === 'Timestamp' ? 'BIGINT' : (TYPES[name] ?? 'VARCHAR')]),
    ),
  ]);
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(
    'CREATE TABLE dealt AS SELECT unnest(from_json($text, $shape)) AS r, generate_subscripts(from_json($text, $shape), 1) AS n',
    { text, shape },
  );
  for (const [index, way] of ways.entries()) {
    const { time, file, options } = WAYS[way];
    // Text carries the zone, here one that is not UTC: 'T' and '+02:00' as other writers have it.
    const at = 'make_timestamp(r.Timestamp)';
    const timestamp =
      time === 'VARCHAR'
        ? `strftime(${at} + INTERVAL 2 HOUR, '%Y-%m-%dT%H:%M:%S.%f') || '+02:00'`
        : `${at}::${time}`;
    const columns = names.map((name) => (name === 'Timestamp' ? `${timestamp} AS Timestamp` : `r.${name}`));
    await connection.run(
      `COPY (SELECT ${columns.join(', ')} FROM dealt WHERE n % ${ways.length} = ${index}) TO '${join(folder, `${table}-${file}`)}' (${options})`,
    );
  }
  connection.closeSync();
}

const ways = fc.uniqueArray(fc.constantFrom(...(Object.keys(WAYS) as Way[])), { minLength: 1, maxLength: 4 });

test('rows found do not depend on how files hold them: Parquet of any timestamp, JSON lines, CSV, mixed', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(cases, ways, async ({ loads, connections }: Case, chosen) => {
      const folder = mkdtempSync(join(tmpdir(), 'merganser-ways-'));
      try {
        await write(folder, 'loads', loads, chosen);
        await write(folder, 'connections', connections, chosen);
        await using lake = await openLake({
          DeviceImageLoadEvents: join(folder, 'loads-*'),
          DeviceNetworkEvents: join(folder, 'connections-*'),
        });
        const expected = oracle(loads, connections, REFERENCE).map(asJson);
        expect(await (await lake.hunt()).rows()).toEqual(expected);
        found += expected.length;
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: 30 },
  );
  expect(found).toBeGreaterThan(20);
}, 120_000);

/** A finding of the oracle as the API's JSON prints it. */
function asJson(finding: Finding): object {
  const values = Object.entries(finding).map(([name, value]) => {
    if (name === 'FirstConnection' || name === 'LastConnection') return [name, instant(value as bigint)];
    return [name, typeof value === 'bigint' ? exact(value) : value];
  });
  return Object.fromEntries(values);
}

function exact(value: bigint): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

function instant(micros: bigint): string {
  const whole = new Date(Number(micros / 1_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = micros % 1_000_000n;
  return fraction === 0n ? `${whole}Z` : `${whole}.${String(fraction).padStart(6, '0')}0Z`;
}
