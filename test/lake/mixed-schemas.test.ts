import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Int32, Null, Table, TimestampMillisecond, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { networkEvent, query, temporaryFolder, writeFile } from './parquet-files.ts';

/** Values of columns of DeviceNetworkEvents over files that differ from {@link networkEvent} in their columns. */
async function read(columns: string, ...files: Record<string, string>[]): Promise<unknown[][]> {
  const folder = temporaryFolder();
  for (const [number, changes] of files.entries()) {
    await writeFile(join(folder, 'DeviceNetworkEvents', `${number}.parquet`), networkEvent(changes));
  }
  await using lake = await openLake(folder);
  const hits = await lake.sql(`SELECT ${columns} FROM DeviceNetworkEvents ORDER BY ALL`);
  return (await hits.rows()).map((row) => Object.values(row));
}

describe('files of different schemas are one table, by name', () => {
  test('a column that was added last month is empty in the files before', async () => {
    const added = { RemoteUrl: "'c2.example'", LocalPort: '50000' };
    expect(await read('RemoteUrl, LocalPort', {}, added)).toEqual([
      ['', null],
      ['c2.example', 50000],
    ]);
  });

  test('columns in another order and casing are the same columns', async () => {
    const folder = temporaryFolder();
    const file = (name: string) => join(folder, 'DeviceNetworkEvents', name);
    await writeFile(file('a.parquet'), networkEvent());
    await writeFile(
      file('b.parquet'),
      `SELECT RemoteIPType AS remoteiptype, RemotePort AS REMOTEPORT, * EXCLUDE (RemoteIPType, RemotePort) FROM (${networkEvent()})`,
    );
    await using lake = await openLake(folder);
    const rows = await (
      await lake.sql('SELECT DISTINCT RemotePort, RemoteIPType FROM DeviceNetworkEvents')
    ).rows();
    expect(rows).toEqual([{ RemotePort: 4444, RemoteIPType: 'Public' }]);
  });

  test('every type of a whole number is the number', async () => {
    const types = [
      'SMALLINT',
      'USMALLINT',
      'INTEGER',
      'UINTEGER',
      'BIGINT',
      'UBIGINT',
      'HUGEINT',
      'UHUGEINT',
      'FLOAT',
      'DOUBLE',
      'DECIMAL(10,0)',
    ];
    const files = types.map((type) => ({ RemotePort: `4444::${type}`, InitiatingProcessId: `4::${type}` }));
    expect(await read('DISTINCT RemotePort, InitiatingProcessId', ...files)).toEqual([[4444, 4]]);
  });

  test('a missing number is null, as pandas writes it too', async () => {
    const files = ['NULL::BIGINT', "'NaN'::DOUBLE", 'NULL::DOUBLE', 'NULL', 'NULL::JSON'].map((value) => ({
      InitiatingProcessId: value,
    }));
    expect(await read('InitiatingProcessId', ...files)).toEqual(files.map(() => [null]));
  });

  test('every timestamp, naive ones being UTC, is the instant', async () => {
    const files = [
      "TIMESTAMP '2026-01-05 12:00:00'",
      "TIMESTAMPTZ '2026-01-05 14:00:00+02'",
      "TIMESTAMP_NS '2026-01-05 12:00:00'",
      "TIMESTAMP_MS '2026-01-05 12:00:00'",
      "TIMESTAMP_S '2026-01-05 12:00:00'",
      "'2026-01-05T12:00:00Z'",
      "'2026-01-05T12:00:00.0000000Z'",
      "'2026-01-05T14:00:00+02:00'",
      "'2026-01-05T06:30:00.000-05:30'",
      "'2026-01-05 12:00:00'",
    ].map((Timestamp) => ({ Timestamp }));
    expect(await read('DISTINCT Timestamp', ...files)).toEqual([['2026-01-05T12:00:00Z']]);
  });

  test('a date is its midnight, an empty text no time', async () => {
    const files = ["DATE '2026-01-05'", "''", 'NULL::VARCHAR', 'NULL::TIMESTAMP'].map((Timestamp) => ({
      Timestamp,
    }));
    expect(await read('Timestamp', ...files)).toEqual([['2026-01-05T00:00:00Z'], [null], [null], [null]]);
  });

  test('bounds hold for each type of timestamp in its own way, all at once', async () => {
    const folder = temporaryFolder();
    const types = ['TIMESTAMP', 'TIMESTAMPTZ', 'TIMESTAMP_NS', 'TIMESTAMP_MS', 'VARCHAR'];
    for (const type of types) {
      const rows = networkEvent({
        Timestamp: `(TIMESTAMP '2026-01-05 11:59:59' + to_seconds(n))::${type}`,
        ReportId: 'n',
      });
      await writeFile(
        join(folder, 'DeviceNetworkEvents', `${type}.parquet`),
        `${rows} FROM range(4) AS seconds(n)`,
      );
    }
    await using lake = await openLake(folder);
    const bounds = { since: '2026-01-05T12:00:00Z', until: '2026-01-05T12:00:02Z' };
    const hits = await lake.sql(
      'SELECT ReportId, count(*) AS n FROM DeviceNetworkEvents GROUP BY ALL ORDER BY ALL',
      undefined,
      bounds,
    );
    expect(await hits.rows()).toEqual([
      { ReportId: 1, n: types.length },
      { ReportId: 2, n: types.length },
    ]);
  });

  test('text comes as text, as bytes, as an enumeration, as a UUID; a missing one is empty', async () => {
    const files = ["'a'", "'a'::BLOB", "'a'::ENUM('a', 'b')", 'NULL::VARCHAR', 'NULL::BLOB', 'NULL'].map(
      (RemoteUrl) => ({ RemoteUrl }),
    );
    expect(await read('RemoteUrl', ...files)).toEqual([[''], [''], [''], ['a'], ['a'], ['a']]);
    expect(await read('RemoteUrl', { RemoteUrl: "'0195ae3c-3b0f-7c5c-9a33-9d3c0d6f0b2a'::UUID" })).toEqual([
      ['0195ae3c-3b0f-7c5c-9a33-9d3c0d6f0b2a'],
    ]);
  });

  test('a JSON column without a single value, some writer’s artefact, is text', async () => {
    const folder = temporaryFolder();
    await writeFile(
      join(folder, 'T', 'a.parquet'),
      'SELECT 1 AS n, NULL::JSON AS artefact, \'{"k": 1}\'::JSON AS real',
    );
    await using lake = await openLake(folder);
    expect(await lake.columns('T')).toEqual([
      { name: 'n', type: 'int' },
      { name: 'artefact', type: 'string' },
      { name: 'real', type: 'dynamic' },
    ]);
    expect(await (await lake.sql('FROM T')).rows()).toEqual([{ n: 1, artefact: '', real: { k: 1 } }]);
    expect(await read('RemoteUrl, LocalPort', { RemoteUrl: 'NULL::JSON', LocalPort: 'NULL::JSON' })).toEqual([
      ['', null],
    ]);
    expect(await read('RemoteUrl, LocalPort', { RemoteUrl: `'"a"'::JSON`, LocalPort: "'5'::JSON" })).toEqual([
      ['a', 5],
    ]);
  });
});

describe('columns that no contract names take the type that holds them all', () => {
  test.each([
    [['1', '2::BIGINT'], 'long', [1, 2]],
    [['1', '0.5::DOUBLE'], 'real', [0.5, 1]],
    [['1', "'x'"], 'string', ['1', 'x']],
    [['1::BIGINT', 'NULL'], 'long', [1, null]],
  ])('%j is %s', async (values, type, expected) => {
    const folder = temporaryFolder();
    for (const [number, value] of values.entries())
      await writeFile(join(folder, 'T', `${number}.parquet`), `SELECT ${value} AS v`);
    await using lake = await openLake(folder);
    expect(await lake.columns('T')).toEqual([{ name: 'v', type }]);
    const rows = await (await lake.sql('SELECT v FROM T ORDER BY v')).rows();
    expect(rows.map(({ v }) => v)).toEqual(expected);
  });
});

test('a value that cannot be its type is never made another: 4.5 is no PID, and 2^40 no port', async () => {
  await expect(read('InitiatingProcessId', {}, { InitiatingProcessId: '4.5::DOUBLE' })).rejects.toThrow(
    "1.parquet: column InitiatingProcessId holds '4.5'",
  );
  await expect(read('InitiatingProcessId', { InitiatingProcessId: "'inf'::DOUBLE" })).rejects.toThrow(
    "column InitiatingProcessId holds 'inf'",
  );
  await expect(read('InitiatingProcessId', { InitiatingProcessId: '1e20::DOUBLE' })).rejects.toThrow(
    "column InitiatingProcessId holds '1e+20'",
  );
  await expect(
    read('InitiatingProcessId', { InitiatingProcessId: '(2::HUGEINT ** 70)::HUGEINT' }),
  ).rejects.toThrow("column InitiatingProcessId holds '1.1805916207174113e+21'");
  await expect(read('RemotePort', { RemotePort: '(2 ** 40)::BIGINT' })).rejects.toThrow(
    "column RemotePort holds '1099511627776'",
  );
});

test('a port that is checked is still a filter in the scan of the other columns', async () => {
  const folder = temporaryFolder();
  await writeFile(
    join(folder, 'DeviceNetworkEvents', 'a.parquet'),
    networkEvent({ RemotePort: '4444::BIGINT' }),
  );
  await using lake = await openLake(folder);
  const hits = await lake.sql(
    "EXPLAIN SELECT count(*) FROM DeviceNetworkEvents WHERE RemotePort = 4444 AND RemoteIPType = 'Public'",
  );
  const [row] = await hits.rows();
  expect(String(row?.explain_value)).toMatch(/Filters:[\s\S]*RemoteIPType/);
  expect(await query('SELECT 1 AS n')).toEqual([{ n: 1 }]);
});

describe('a table that no contract describes has of each column a type that holds what its files have', () => {
  async function rows(...selects: string[]): Promise<unknown[]> {
    const folder = temporaryFolder();
    for (const [number, select] of selects.entries())
      await writeFile(join(folder, 'T', `${number}.parquet`), select);
    await using lake = await openLake(folder);
    return (await (await lake.sql('SELECT x FROM T ORDER BY x')).rows()).map(({ x }) => x);
  }

  test('decimals of several scales lose nothing', async () => {
    const found = await rows(
      'SELECT 3::DECIMAL(38, 0) AS x',
      'SELECT 1.5::DECIMAL(38, 18) AS x',
      'SELECT 7 AS x',
    );
    expect(found.map(Number)).toEqual([1.5, 3, 7]);
    await expect(
      rows('SELECT 1000000000000000000000::DECIMAL(38, 0) AS x', 'SELECT 1.5::DECIMAL(38, 18) AS x'),
    ).rejects.toThrow("column x holds '1000000000000000000000', which is not a number of at most 20 digits");
  });

  test('lists of instants and of decimals are dynamic', async () => {
    expect(await rows("SELECT [TIMESTAMP '2026-01-05 01:00:00'] AS x")).toEqual([
      ['2026-01-05T01:00:00.0000000Z'],
    ]);
    expect(await rows('SELECT [1.25::DECIMAL(10, 2), NULL] AS x')).toEqual([[1.25, null]]);
  });

  test.each([
    ['first', 0],
    ['last', 1],
  ])('a column of nulls, which Arrow has of no type, does not say which: %s', async (_, at) => {
    const tables = [
      new Table({ x: vectorFromArray([null], new Null()) }),
      new Table({ x: vectorFromArray([7], new Int32()) }),
    ];
    const folder = temporaryFolder();
    for (const [number, table] of (at === 0 ? tables : tables.toReversed()).entries()) {
      writeFileSync(join(folder, `T-${number}.arrow`), tableToIPC(table, 'file'));
    }
    await using lake = await openLake({ T: join(folder, '*.arrow') });
    const hits = await lake.kql('T | where x > 4');
    expect(await hits.rows()).toEqual([{ x: 7 }]);
  });

  test('and in a documented table a column of nulls is one of the contract’s type', async () => {
    const columns = {
      Timestamp: vectorFromArray([new Date('2026-01-05')], new TimestampMillisecond()),
      DeviceName: vectorFromArray(['ws-1'], new Utf8()),
      ActionType: vectorFromArray(['ConnectionSuccess'], new Utf8()),
      RemoteIP: vectorFromArray(['203.0.113.1'], new Utf8()),
      RemotePort: vectorFromArray([null], new Null()),
      RemoteIPType: vectorFromArray(['Public'], new Utf8()),
      InitiatingProcessId: vectorFromArray([4], new Int32()),
      LocalPort: vectorFromArray([null], new Null()),
    };
    await using lake = await openLake({ DeviceNetworkEvents: new Table(columns) });
    const hits = await lake.kql('DeviceNetworkEvents | project RemotePort, LocalPort');
    expect(hits.columns.map(({ type }) => type)).toEqual(['int', 'int']);
    expect(await hits.rows()).toEqual([{ RemotePort: null, LocalPort: null }]);
  });
});
