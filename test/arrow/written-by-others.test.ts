import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendArrow, readArrowFile } from '../../src/lake/arrow/arrow.ts';
import { connect, texts, types, written } from './engine.ts';

async function load(connection: DuckDBConnection, name: string): Promise<number> {
  const { schema, batches } = await readArrowFile(written(name));
  return appendArrow(connection, 't', schema, batches, { file: written(name) });
}

const EVENTS = [
  [
    '2026-01-31 23:59:59.123456+00',
    'ws-01.corp.example',
    'bcrypt.dll',
    '9007199254740993',
    '443',
    '0.5',
    'true',
    '[bcrypt.dll, NULL]',
  ],
  [null, null, 'ncrypt.dll', '-1', '8443', 'nan', 'false', '[]'],
  ['1969-12-31 23:59:59.000001+00', '', null, null, null, null, null, null],
  ['2026-02-01 00:00:00+00', 'exactly12byt', 'bcrypt.dll', '0', '0', '-inf', 'true', '[a]'],
  [
    '2026-02-01 00:00:01+00',
    'thirteen byte',
    '日本語.dll',
    '9223372036854775807',
    '65535',
    '-0.0',
    'true',
    '[b, c]',
  ],
];

describe.each([
  'pyarrow-default.feather',
  'pyarrow-zstd.arrow',
  'pyarrow-stream.arrows',
  'pyarrow-metadata-v4.arrow',
  'polars.arrow',
  'polars-lz4.arrow',
  'polars-zstd.arrows',
])('%s', (name) => {
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await connect(afterAll);
    expect(await load(connection, name)).toBe(5);
  });

  test('has its five rows, every value of them', async () => {
    expect(await texts(connection, 'FROM t')).toEqual(EVENTS);
  });

  test('has the types of its columns', async () => {
    expect(await types(connection, 't')).toEqual({
      Timestamp: 'TIMESTAMP WITH TIME ZONE',
      DeviceName: 'VARCHAR',
      FileName: 'VARCHAR',
      ReportId: 'BIGINT',
      RemotePort: 'INTEGER',
      Score: 'DOUBLE',
      Initiated: 'BOOLEAN',
      Libraries: 'VARCHAR[]',
    });
  });
});

test.each(['pyarrow-no-batches.arrow', 'pyarrow-empty-batch.arrows'])(
  '%s is a table without rows',
  async (name) => {
    const connection = await connect();
    expect(await load(connection, name)).toBe(0);
    expect(Object.keys(await types(connection, 't'))).toHaveLength(8);
    expect(await texts(connection, 'FROM t')).toEqual([]);
  },
);

test('rows beyond one chunk of the engine arrive in order, compressed by LZ4 in blocks', async () => {
  const connection = await connect();
  expect(await load(connection, 'pyarrow-many-rows.feather')).toBe(2_500);
  const wrong = await texts(
    connection,
    `SELECT * FROM (SELECT *, row_number() OVER () - 1 AS i FROM t)
     WHERE n <> i
       OR text IS DISTINCT FROM CASE WHEN i % 5 <> 0 THEN NULL ELSE repeat('row ', (i % 50)::INTEGER) || i % 10 END`,
  );
  expect(wrong).toEqual([]);
});

test.each([
  ['pyarrow-delta-dictionary.arrows', [['a'], ['b'], ['a'], ['c is longer than twelve'], [null], ['b']]],
  ['pyarrow-delta-dictionary.arrow', [['a'], ['b'], ['a'], ['c is longer than twelve'], [null], ['b']]],
  ['pyarrow-replaced-dictionary.arrows', [['a'], ['b'], ['a'], ['c'], [null], ['d']]],
])('%s: each batch is read with the dictionary of its time', async (name, rows) => {
  const connection = await connect();
  await load(connection, name);
  expect(await texts(connection, 'FROM t')).toEqual(rows);
});

/** Type, first and third value; the second row is null in every column. */
const TYPES: Record<string, [type: string, first: string | null, third: string | null]> = {
  null: ['VARCHAR', null, null],
  float16: ['FLOAT', '1.5', '-0.25'],
  float32: ['FLOAT', '0.1', '-1e+30'],
  large_string: ['VARCHAR', 'a', 'a longer text than twelve'],
  string_view: ['VARCHAR', 'a', 'a longer text than twelve'],
  binary: ['BLOB', '\\x00\\xFF', 'longer than twelve bytes'],
  large_binary: ['BLOB', '\\x00\\xFF', ''],
  binary_view: ['BLOB', '\\x00\\xFF', 'longer than twelve bytes'],
  fixed_size_binary: ['BLOB', 'abc', '\\x00\\x01\\x02'],
  decimal4: ['DECIMAL(4,2)', '-1.25', '99.99'],
  decimal9: ['DECIMAL(9,2)', '-1.25', '1234567.89'],
  decimal18: ['DECIMAL(18,2)', '-1.25', '1234567890123456.78'],
  decimal38: ['DECIMAL(38,2)', '-1.25', '123456789012345678901234567890123456.78'],
  decimal32: ['DECIMAL(9,2)', '-1.25', '1234567.89'],
  decimal256: ['DECIMAL(20,2)', '-1.25', '99.99'],
  date32: ['DATE', '2026-01-31', '1969-12-31'],
  date64: ['TIMESTAMP_MS', '2026-01-31 00:00:00', '1969-12-31 00:00:00'],
  interval: ['INTERVAL', '1 month -2 days 00:00:03.000001', '-00:00:00.000001'],
  large_list: ['SMALLINT[][]', '[[1, NULL], []]', '[NULL, [2]]'],
  fixed_size_list: ['INTEGER[]', '[1, 2]', '[3, NULL]'],
  struct: ['STRUCT(a BIGINT, b STRUCT(c VARCHAR))', "{'a': 1, 'b': {'c': x}}", "{'a': NULL, 'b': NULL}"],
  map: ['MAP(VARCHAR, INTEGER)', '{k=1, l=NULL}', '{}'],
  dictionary_of_timestamps: ['TIMESTAMP WITH TIME ZONE', '2026-01-31 12:34:56+00', '2026-01-31 12:34:56+00'],
  int8: ['TINYINT', '-128', '127'],
  int16: ['SMALLINT', '-32768', '32767'],
  int32: ['INTEGER', '-2147483648', '2147483647'],
  int64: ['BIGINT', '-9223372036854775808', '9223372036854775807'],
  uint8: ['UTINYINT', '0', '255'],
  uint16: ['USMALLINT', '0', '65535'],
  uint32: ['UINTEGER', '0', '4294967295'],
  uint64: ['UBIGINT', '0', '18446744073709551615'],
  timestamp_s: ['TIMESTAMP_S', '2026-01-31 12:34:56', '1969-12-31 23:59:58'],
  timestamp_ms: ['TIMESTAMP_MS', '2026-01-31 12:34:56', '1969-12-31 23:59:58'],
  timestamp_us: ['TIMESTAMP', '2026-01-31 12:34:56', '1969-12-31 23:59:58'],
  timestamp_ns: ['TIMESTAMP_NS', '2026-01-31 12:34:56.000001999', '1969-12-31 23:59:57.999999999'],
  zoned_s: ['TIMESTAMP WITH TIME ZONE', '2026-01-31 12:34:56+00', '1969-12-31 23:59:58+00'],
  zoned_ms: ['TIMESTAMP WITH TIME ZONE', '2026-01-31 12:34:56+00', '1969-12-31 23:59:58+00'],
  zoned_us: ['TIMESTAMP WITH TIME ZONE', '2026-01-31 12:34:56+00', '1969-12-31 23:59:58+00'],
  zoned_ns: ['TIMESTAMP WITH TIME ZONE', '2026-01-31 12:34:56.000001+00', '1969-12-31 23:59:57.999999+00'],
  duration_s: ['INTERVAL', '00:01:30', '-00:00:01'],
  duration_ms: ['INTERVAL', '00:01:30', '-00:00:01'],
  duration_us: ['INTERVAL', '00:01:30', '-00:00:01'],
  duration_ns: ['INTERVAL', '00:01:30.000001', '-00:00:01.000001'],
  time_s: ['TIME', '12:34:56', '00:00:00'],
  time_ms: ['TIME', '12:34:56', '00:00:00'],
  time_us: ['TIME', '12:34:56', '00:00:00'],
  time_ns: ['TIME', '12:34:56.000001', '00:00:00'],
};

describe.each(['pyarrow-types.arrow', 'pyarrow-types-lz4.arrows'])('%s', (name) => {
  let connection: DuckDBConnection;
  beforeAll(async () => {
    connection = await connect(afterAll);
    expect(await load(connection, name)).toBe(3);
  });

  test.each(Object.entries(TYPES))('%s', async (column, [type, first, third]) => {
    expect((await types(connection, 't'))[column]).toBe(type);
    expect(await texts(connection, `SELECT "${column}" FROM t`)).toEqual([[first], [null], [third]]);
  });

  test('a dictionary inside a struct is decoded', async () => {
    expect(await texts(connection, 'SELECT struct_of_dictionary.d FROM t')).toEqual([['x'], [null], ['x']]);
  });

  test('inside a null struct everything is null', async () => {
    expect(await texts(connection, 'SELECT struct.a, struct.b.c FROM t')).toEqual([
      ['1', 'x'],
      [null, null],
      [null, null],
    ]);
  });
});
