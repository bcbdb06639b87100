import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MerganserError, openLake, type TelemetryLake, UsageError } from '../../src/index.ts';
import { networkEvent, temporaryFolder, writeFile } from './parquet-files.ts';

/** Three events on ports 4444 to 4446, in one lake for all tests: none can change it. */
let file: string;
let lake: TelemetryLake;
beforeAll(async () => {
  file = join(mkdtempSync(join(tmpdir(), 'merganser-test-')), 'a.parquet');
  await writeFile(file, `${networkEvent({ RemotePort: '4444 + n' })} FROM range(3) AS ports(n)`);
  lake = await openLake({ DeviceNetworkEvents: file });
});
afterAll(async () => {
  await lake.close();
  rmSync(dirname(file), { recursive: true });
});

async function answer(sql: string): Promise<unknown[][]> {
  return (await (await lake.sql(sql)).rows()).map((row) => Object.values(row));
}

async function refusal(sql: string): Promise<Error> {
  const error = await lake.sql(sql).then(
    () => new Error('it ran'),
    (thrown: Error) => thrown,
  );
  expect(error).toBeInstanceOf(UsageError);
  return error;
}

describe('a query in any form is answered', () => {
  test.each<[string, unknown[][]]>([
    ['SELECT max(RemotePort) FROM DeviceNetworkEvents', [[4446]]],
    ['SELECT max(RemotePort) FROM devicenetworkevents;', [[4446]]],
    ['SELECT 1; -- done', [[1]]],
    ['SELECT 1 ;; /* done */ ;', [[1]]],
    ["SELECT 'a; -- b'", [['a; -- b']]],
    ['-- first\nSELECT 1', [[1]]],
    ['FROM DeviceNetworkEvents SELECT RemotePort ORDER BY ALL DESC LIMIT 2', [[4446], [4445]]],
    ['VALUES (2), (1)', [[2], [1]]],
    ['(SELECT 1)', [[1]]],
    ['WITH t AS (SELECT 2 AS n) SELECT n FROM t', [[2]]],
    [
      'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) FROM r ORDER BY n DESC',
      [[3], [2], [1]],
    ],
    ['SELECT 1 AS a, 2 AS a', [[1, 2]]],
    [
      'PIVOT (SELECT RemotePort, DeviceName FROM DeviceNetworkEvents) ON RemotePort USING count(*)',
      [[1, 1, 1, 'ws-1']],
    ],
    ["SELECT 1 AS pivot, ';' AS semicolon", [[1, ';']]],
    [
      "SELECT column_name, column_type FROM (DESCRIBE DeviceNetworkEvents) WHERE column_name = 'RemotePort'",
      [['RemotePort', 'INTEGER']],
    ],
    ['SHOW TABLES', [['DeviceNetworkEvents']]],
  ])('%s', async (sql, rows) => {
    expect(await answer(sql)).toEqual(rows);
  });

  test.each([
    'DESCRIBE DeviceNetworkEvents',
    'SUMMARIZE DeviceNetworkEvents',
    'EXPLAIN SELECT 1',
    'EXPLAIN ANALYZE FROM DeviceNetworkEvents',
    'EXPLAIN (FORMAT json) SELECT 1',
    'EXPLAIN PIVOT DeviceNetworkEvents ON DeviceName USING count(*)',
    'EXPLAIN ANALYZE PIVOT DeviceNetworkEvents ON DeviceName USING count(*)',
  ])('%s', async (sql) => {
    expect((await answer(sql)).length).toBeGreaterThan(0);
  });

  test('in the order that the query gives, also beyond what one thread sorts', async () => {
    const rows = await answer('SELECT range AS n FROM range(130000) ORDER BY n % 1000, n DESC');
    expect(rows.slice(0, 2)).toEqual([[129000], [128000]]);
    expect(rows).toEqual(
      [...rows].sort(([a], [b]) => (Number(a) % 1000) - (Number(b) % 1000) || Number(b) - Number(a)),
    );
  });
});

describe('what is no query is refused by name', () => {
  test.each([
    ['ATTACH', "ATTACH 'x.db'"],
    ['COPY', "COPY (SELECT 1) TO 'x.csv'"],
    ['CREATE', 'CREATE TABLE t AS SELECT 1'],
    ['DROP', 'DROP VIEW DeviceNetworkEvents'],
    ['UPDATE', 'UPDATE DeviceNetworkEvents SET RemotePort = 1'],
    ['DELETE', 'DELETE FROM DeviceNetworkEvents'],
    ['INSERT', 'INSERT INTO DeviceNetworkEvents SELECT 1'],
    ['INSTALL', 'INSTALL httpfs'],
    ['LOAD', 'LOAD httpfs'],
    ['PRAGMA', 'PRAGMA version'],
    ['SET', 'SET threads = 1'],
    ['RESET', 'RESET threads'],
    ['USE', 'USE memory'],
    ['CALL', 'CALL pragma_version()'],
    ['PREPARE', 'PREPARE x AS SELECT 1'],
    ['EXECUTE', 'EXECUTE x'],
    ['BEGIN', 'BEGIN'],
    ['CHECKPOINT', 'CHECKPOINT'],
    ['EXPORT', "EXPORT DATABASE 'x'"],
    ['IMPORT', "IMPORT DATABASE 'x'"],
    ['EXPLAIN', "EXPLAIN COPY (SELECT 1) TO 'x.csv'"],
    ['EXPLAIN', 'EXPLAIN ANALYZE DELETE FROM DeviceNetworkEvents'],
    ['more than one statement', 'SELECT 1; SELECT 2'],
    ['more than one statement', 'SELECT 1 AS pivot; SELECT 2'],
  ])('%s: %s', async (what, sql) => {
    expect((await refusal(sql)).message).toBe(`only a query that reads the lake can be run, not ${what}`);
  });

  test.each(['', ' \n ', ';', '-- nothing', '/* nothing */'])('nothing at all: %j', async (sql) => {
    expect((await refusal(sql)).message).toBe('the query is empty');
  });
});

test.each([
  "SELECT 1 AS pivot; COPY (SELECT 7 AS x) TO 'FILE' (FORMAT parquet, USE_TMP_FILE false)",
  "PIVOT DeviceNetworkEvents ON RemotePort USING count(*); COPY (SELECT 7 AS x) TO 'FILE' (FORMAT parquet, USE_TMP_FILE false)",
  "EXPLAIN ANALYZE COPY (SELECT 7 AS x) TO 'FILE' (FORMAT parquet, USE_TMP_FILE false)",
  "SELECT 1) AS a; COPY (SELECT 7 AS x) TO 'FILE' (FORMAT parquet, USE_TMP_FILE false); SELECT * FROM (SELECT 1",
  "COPY (SELECT 7 AS x) TO 'FILE' (USE_TMP_FILE false, FORMAT parquet)",
  "/* */ COPY (SELECT 7 AS x) TO 'FILE' (FORMAT parquet, USE_TMP_FILE false)",
  "SELECT * FROM enable_profiling/**/(format = 'json', save_location = 'FILE')",
])('no query writes over a file of the lake, which the engine may open: %s', async (sql) => {
  const before = readFileSync(file);
  await expect(lake.sql(sql.replace('FILE', file))).rejects.toThrow(UsageError);
  expect(readFileSync(file).equals(before)).toBe(true);
});

describe('a query reads the lake and nothing else', () => {
  test.each([
    "SELECT * FROM read_csv('/etc/hostname')",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM read_blob('/etc/*')",
    "SELECT * FROM read_json('/etc/hostname')",
    "SELECT * FROM read_parquet('/etc/hostname')",
    "SELECT * FROM parquet_schema('/etc/hostname')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/hostname')",
    'FROM duckdb_secrets()',
  ])('%s', async (sql) => {
    expect((await refusal(sql)).message).toMatch(/^a query reads the lake's tables and nothing else, not \//);
  });

  test.each(["SELECT * FROM '/etc/hostname'", "SELECT * FROM '/etc/hostname.csv'"])('%s', async (sql) => {
    await expect(lake.sql(sql)).rejects.toThrow(/the lake has no table \/etc|nothing else, not \/etc/);
  });

  test.each([
    "FROM enable_logging(storage = 'file', storage_path = 'x')",
    'SELECT * FROM "enable_profiling" ()',
    'FROM truncate_duckdb_logs()',
    'SELECT * FROM (FROM force_checkpoint())',
    "FROM enable_profiling/**/(format = 'json', save_location = 'x')",
    "FROM enable_profiling--\n('json')",
    "FROM system.main.\"Enable_Profiling\"/* /* ' */ */('json')",
    "SELECT E'\\'' AS a, * FROM enable_logging('QueryLog')",
    "SELECT $$'$$ AS a, * FROM enable_logging('QueryLog')",
    `SELECT 1 AS "'" FROM enable_logging('QueryLog')`,
    "SELECT /* ' */ * FROM enable_logging('QueryLog')",
    "SELECT * FROM range(1) WHERE EXISTS (FROM enable_logging('QueryLog'))",
    "WITH a AS MATERIALIZED (FROM enable_logging('QueryLog')) SELECT 1",
    "SELECT 1 UNION ALL SELECT * FROM enable_logging('QueryLog')",
    "EXPLAIN ANALYZE FROM enable_logging('QueryLog')",
    "SUMMARIZE FROM enable_logging('QueryLog')",
    "PIVOT (FROM enable_logging('QueryLog')) ON Success USING count(*)",
    `PIVOT (FROM "Enable_Logging" ('QueryLog')) ON Success USING count(*)`,
    "PIVOT (FROM enable_logging/* /* */ */('QueryLog')) ON Success USING count(*)",
    "PIVOT (FROM enable_logging--\n('QueryLog')) ON Success USING count(*)",
    "FROM query('FROM enable_logging(''QueryLog'')')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "SELECT write_log('x')",
  ])('nor changes the engine: %s', async (sql) => {
    expect((await refusal(sql)).message).toMatch(
      /^only a query that reads the lake can be run, not a call of \w+$/,
    );
  });

  test('though a text may speak of it', async () => {
    expect(
      await answer("SELECT 'enable_logging()' AS text WHERE 'it''s checkpoint()' LIKE '%checkpoint()'"),
    ).toEqual([['enable_logging()']]);
    expect(await answer('SELECT range AS query FROM range(1) /* enable_logging() */')).toEqual([[0]]);
    const pivot =
      "PIVOT (SELECT 1 AS Query, 'a' AS QueryType, 'b?query=1' AS Url) ON QueryType USING count(Query)";
    expect(await answer(`${pivot} -- a query that enable_logging is no part of`)).toEqual([['b?query=1', 1]]);
  });

  test('settings that could change that are locked', async () => {
    expect(
      await answer(
        "SELECT value FROM duckdb_settings() WHERE name IN ('enable_external_access', 'lock_configuration', 'autoinstall_known_extensions', 'allow_community_extensions') ORDER BY name",
      ),
    ).toEqual([['false'], ['false'], ['false'], ['true']]);
  });
});

describe("mistakes in SQL keep the engine's words, at the lines that the user wrote", () => {
  test.each([
    ['SELCT 1', /^Parser Error: syntax error at or near "SELCT"\n\nLINE 1: SELCT 1\n {8}\^$/],
    [
      'SELECT\n  RemotePrt\nFROM DeviceNetworkEvents',
      /^Binder Error: Referenced column "RemotePrt" not found[\s\S]+\n\nLINE 2: {3}RemotePrt\n {10}\^$/,
    ],
    [
      'SELECT\n  lenght(RemoteIP)\nFROM DeviceNetworkEvents',
      /^Catalog Error: [\s\S]+LINE 2: {3}lenght\(RemoteIP\)/,
    ],
    [`SELECT 1,\n${'  1,\n'.repeat(8)}  nothing`, /LINE 10: {3}nothing\n {11}\^$/],
  ])('%j', async (sql, message) => {
    expect((await refusal(sql)).message).toMatch(message);
  });

  test('a value that the query cannot cast is no mistake in the command line: it is the run that failed', async () => {
    const error = await lake
      .sql('SELECT 1,\n  RemoteIP::INTEGER FROM DeviceNetworkEvents')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MerganserError);
    expect(error).not.toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(
      /^Conversion Error: Could not convert string '203\.0\.113\.1' to INT32[\s\S]+LINE 2: {3}RemoteIP::INTEGER/,
    );
  });
});

describe('parameters', () => {
  const value = async (given: unknown, sql = 'SELECT $value AS value') =>
    (await (await lake.sql(sql, { value: given })).rows())[0]?.value;

  test.each<[unknown, unknown]>([
    ['a', 'a'],
    ["'; DROP TABLE x --", "'; DROP TABLE x --"],
    [4444, 4444],
    [0.5, 0.5],
    [9007199254740993n, '9007199254740993'],
    [true, true],
    [null, ''],
    [new Date('2026-01-05T00:00:00.001Z'), '2026-01-05T00:00:00.0010000Z'],
    [
      ['a', "b'"],
      ['a', "b'"],
    ],
    [
      [1, 3_000_000_000],
      [1, 3_000_000_000],
    ],
    [
      [1, 0.5, null],
      [1, 0.5, null],
    ],
  ])('%s is bound as it is', async (given, expected) => {
    const read = await value(given);
    expect(given === null ? (read ?? '') : read).toEqual(expected);
  });

  test('a list serves IN, an empty one too', async () => {
    const sql = 'SELECT count(*) AS value FROM DeviceNetworkEvents WHERE RemotePort IN $value';
    expect(await value([4444, 4446, 1], sql)).toBe(2);
    expect(await value([], sql)).toBe(0);
  });

  test.each([undefined, {}, () => 1, Symbol('x'), new Date(Number.NaN), [[1]], [1, 'a'], [{}]])(
    '%s is no value',
    async (given) => {
      await expect(value(given)).rejects.toThrow(/^parameter value: /);
      await expect(value(given)).rejects.toThrow(UsageError);
    },
  );

  test('one that is not given, or that the query does not have, is named', async () => {
    await expect(lake.sql('SELECT $port')).rejects.toThrow("the query's parameter $port is not given");
    await expect(lake.sql('SELECT $port', { prot: 1, port: 1 })).rejects.toMatchObject({
      message: 'the query has no parameter $prot',
      hint: 'did you mean $port?',
    });
  });
});

test('a table with the name of anything is a table', async () => {
  const folder = temporaryFolder();
  const names = ['hits', 'result', 'select', 'a b', 'it"s', "it's", 'ünï'];
  await writeFile(join(folder, 'a.parquet'), 'SELECT 1 AS n');
  await using named = await openLake(
    Object.fromEntries(names.map((name) => [name, join(folder, 'a.parquet')])),
  );
  for (const name of names) {
    const hits = await named.sql(`SELECT * FROM "${name.replaceAll('"', '""')}"`);
    expect(await hits.rows()).toEqual([{ n: 1 }]);
  }
});

test('a table that cannot be read does not stop a query that does not name it', async () => {
  const folder = temporaryFolder();
  await writeFile(join(folder, 'good.parquet'), 'SELECT 1 AS n');
  await writeFile(join(folder, 'bad.parquet'), 'SELECT 1 AS n', 'FORMAT csv');
  await using mixed = await openLake({
    good: join(folder, 'good.parquet'),
    bad: join(folder, 'bad.parquet'),
  });
  expect((await mixed.sql('FROM good')).rowCount).toBe(1);
  expect((await mixed.sql('SELECT n FROM good WHERE n = $n', { n: 1 })).rowCount).toBe(1);
  expect((await mixed.sql('SELECT 1')).rowCount).toBe(1);
  await expect(mixed.sql('FROM bad')).rejects.toThrow(
    `cannot read ${folder}/bad.parquet: it is too short for a Parquet file`,
  );
});
