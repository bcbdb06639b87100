import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../src/error.ts';
import { writeParquet } from '../../src/report/parquet.ts';
import type { Column } from '../../src/schema/kql-types.ts';
import { onConnection, onResult } from './results.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  path = join(folder, 'out.parquet');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const write = (sql: string, declared?: readonly Column[]) =>
  onResult(sql, (result) => writeParquet(result, path), declared);

/** What DuckDB reads in the file: rows by `sql` over the view `written`. */
const read = (sql: string) =>
  onConnection(async (connection) => {
    await connection.run(`CREATE VIEW written AS FROM read_parquet('${path}')`);
    return (await connection.runAndReadAll(sql)).getRowsJson();
  });

const readTypes = () => read('SELECT column_name, column_type FROM (DESCRIBE written)');

test('a finding keeps its types: sets as lists, totals as BIGINT', async () => {
  await write(`SELECT 'ws-1' AS DeviceName, ['bcrypt.dll', 'rsaenh.dll'] AS CryptoLibsLoaded, [4433, 8444] AS RemotePorts,
    247::BIGINT AS ConnectionCount, TIMESTAMP '2026-01-31 08:00:00.123456' AS FirstConnection, 1.53::DOUBLE AS DataTransferMB,
    true AS BeaconLikely`);
  expect(await readTypes()).toEqual([
    ['DeviceName', 'VARCHAR'],
    ['CryptoLibsLoaded', 'VARCHAR[]'],
    ['RemotePorts', 'INTEGER[]'],
    ['ConnectionCount', 'BIGINT'],
    ['FirstConnection', 'TIMESTAMP'],
    ['DataTransferMB', 'DOUBLE'],
    ['BeaconLikely', 'BOOLEAN'],
  ]);
  expect(await read('FROM written')).toEqual([
    ['ws-1', ['bcrypt.dll', 'rsaenh.dll'], [4433, 8444], '247', '2026-01-31 08:00:00.123456', 1.53, true],
  ]);
});

test('whole numbers beyond 63 bits are exact: DECIMAL(38,0), and text where that does not hold them', async () => {
  await write(`SELECT 18446744073709551615::UBIGINT AS u, 99999999999999999999999999999999999999::HUGEINT AS h,
    170141183460469231731687303715884105727::HUGEINT AS x, NULL::HUGEINT AS n`);
  expect(await readTypes()).toEqual([
    ['u', 'DECIMAL(38,0)'],
    ['h', 'DECIMAL(38,0)'],
    ['x', 'VARCHAR'],
    ['n', 'DECIMAL(38,0)'],
  ]);
  expect(await read('FROM written')).toEqual([
    [
      '18446744073709551615',
      '99999999999999999999999999999999999999',
      '170141183460469231731687303715884105727',
      null,
    ],
  ]);
});

test('dynamics other than lists of plain values are JSON text, as the JSON formats print them', async () => {
  await write(`SELECT {'k': 9007199254740993, 't': TIMESTAMP '2026-01-31'} AS o, [{'a': 1}] AS l, MAP {'k': 2} AS m,
    '{"a":1}'::JSON AS j, NULL::JSON AS jn, [3::HUGEINT] AS h, {'k': 1} AS o2`);
  expect((await readTypes()).map((row) => row?.[1])).toEqual(Array(7).fill('VARCHAR'));
  expect(await read('FROM written')).toEqual([
    [
      '{"k":"9007199254740993","t":"2026-01-31T00:00:00Z"}',
      '[{"a":1}]',
      '{"k":2}',
      '{"a":1}',
      null,
      '[3]',
      '{"k":1}',
    ],
  ]);
});

test('a timespan is the text that Kusto prints, to the tick and with its sign', async () => {
  await write(
    `SELECT 937840000001::BIGINT AS t, (-5)::BIGINT AS m, NULL::BIGINT AS n, INTERVAL '-3 seconds' AS i`,
    [
      { name: 't', type: 'timespan' },
      { name: 'm', type: 'timespan' },
      { name: 'n', type: 'timespan' },
      { name: 'i', type: 'timespan' },
    ],
  );
  expect(await read('FROM written')).toEqual([
    ['1.02:03:04.0000001', '-00:00:00.0000005', null, '-00:00:03'],
  ]);
});

test('a null string is empty, other nulls are null', async () => {
  await write(
    'SELECT NULL::VARCHAR AS s, NULL::BIGINT AS n, NULL::VARCHAR[] AS l, NULL::UUID AS u, NULL AS nothing',
  );
  expect(await read('SELECT s, n, l, u, nothing FROM written')).toEqual([['', null, null, null, null]]);
});

test('real NaN and the infinities are themselves, text is Unicode, a quote is a quote', async () => {
  await write(
    `SELECT 'nan'::DOUBLE AS a, 'infinity'::DOUBLE AS b, '-infinity'::DOUBLE AS c, 'it''s "鴨" 🦆' AS "n""a'me"`,
  );
  expect(await read('FROM written')).toEqual([['NaN', 'Infinity', '-Infinity', 'it\'s "鴨" 🦆']]);
  expect((await readTypes())[3]).toEqual(['n"a\'me', 'VARCHAR']);
});

test('types of the engine that KQL has not are text: enumerations, blobs, bits, nested names with quotes', async () => {
  await write(
    `SELECT 'it''s'::ENUM('it''s', 'b') AS e, 'a\\x00'::BLOB AS b, '101'::BIT AS bits, {'a"b''c': 1} AS o`,
  );
  expect(await read('FROM written')).toEqual([["it's", 'a\\x00', '101', '{"a\\"b\'c":1}']]);
});

test('an empty result is a file with its columns', async () => {
  await write(`SELECT 'x' AS s, {'k': 1} AS o WHERE false`);
  expect(await readTypes()).toEqual([
    ['s', 'VARCHAR'],
    ['o', 'VARCHAR'],
  ]);
  expect(await read('SELECT count(*) FROM written')).toEqual([['0']]);
});

test('rows keep their order and belong together, over many chunks and row groups', async () => {
  await write(`SELECT i, {'k': i} AS o, NULL::VARCHAR AS s FROM range(300000) t(i)`);
  const sql = `SELECT count(*), bool_and(i = file_row_number AND o = '{"k":' || i || '}' AND s = '')
    FROM read_parquet('${path}', file_row_number = true)`;
  expect(await read(sql)).toEqual([['300000', true]]);
});

test('it is compressed with zstd', async () => {
  await write(`SELECT i FROM range(10) t(i)`);
  expect(await read(`SELECT DISTINCT compression FROM parquet_metadata('${path}')`)).toEqual([['ZSTD']]);
});

test('the same rows give the same bytes', async () => {
  const sql = `SELECT i, md5(i::VARCHAR) AS h, [i::VARCHAR] AS l, {'k': i} AS o FROM range(200000) t(i)`;
  await write(sql);
  const first = readFileSync(path);
  await write(sql);
  expect(readFileSync(path).equals(first)).toBe(true);
});

test('names that differ in case only, and no columns at all, are refused', async () => {
  await expect(write('SELECT 1 AS a, 2 AS "A"')).rejects.toThrow(
    expect.objectContaining({
      name: 'UsageError',
      message: "columns 'a' and 'A' differ in case only, which Parquet files cannot tell",
    }),
  );
  await expect(writeParquet({ columns: [], chunks: async function* () {} }, path)).rejects.toThrow(
    UsageError,
  );
});
