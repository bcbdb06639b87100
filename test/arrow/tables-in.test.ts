import {
  Bool,
  DateMillisecond,
  Dictionary,
  Field,
  Int16,
  Int32,
  Int64,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  tableFromArrays,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { appendArrow } from '../../src/lake/arrow/arrow.ts';
import { connect, texts, types } from './engine.ts';

async function loaded(table: Table, name = 't') {
  const connection = await connect();
  const rows = await appendArrow(connection, name, table.schema, table.batches);
  return { connection, rows };
}

test('a table made by apache-arrow of JavaScript arrays goes in', async () => {
  const table = tableFromArrays({
    Timestamp: [new Date('2026-01-31T12:34:56.789Z'), null],
    DeviceName: ['ws-01', null],
    RemotePort: Int32Array.of(443, 8443),
    ReportId: BigInt64Array.of(9007199254740993n, -1n),
  });
  const { connection, rows } = await loaded(table);
  expect(rows).toBe(2);
  expect(await texts(connection, 'FROM t')).toEqual([
    ['2026-01-31 12:34:56.789', 'ws-01', '443', '9007199254740993'],
    [null, null, '8443', '-1'],
  ]);
});

test('a Date64 keeps its time of day, which apache-arrow gives it', async () => {
  const table = new Table({
    d: vectorFromArray([new Date('2026-01-31T12:34:56.789Z')], new DateMillisecond()),
  });
  const { connection } = await loaded(table);
  expect(await texts(connection, 'FROM t')).toEqual([['2026-01-31 12:34:56.789']]);
});

test('a table of no rows keeps its columns', async () => {
  const table = new Table(new Schema([new Field('a', new Int32(), true), new Field('b', new Utf8(), true)]));
  const { connection, rows } = await loaded(table);
  expect(rows).toBe(0);
  expect(await types(connection, 't')).toEqual({ a: 'INTEGER', b: 'VARCHAR' });
});

test.each([
  ['"quoted ""name"""', '"quoted ""name"""'],
  ['arrow."with.a dot"', 'arrow."with.a dot"'],
  ['"arrow"."Ünï"', 'arrow."Ünï"'],
  ['memory.arrow.plain', 'arrow.plain'],
])('the table may be named %s', async (name, found) => {
  const connection = await connect();
  await connection.run('CREATE SCHEMA arrow');
  const { schema, batches } = tableFromArrays({ a: Int32Array.of(1) });
  await appendArrow(connection, name, schema, batches);
  expect(await texts(connection, `FROM ${found}`)).toEqual([['1']]);
});

test('column and field names are names, whatever they hold', async () => {
  const nasty = 'a"; DROP TABLE t; --';
  const type = new Struct([new Field(nasty, new Int32(), true)]);
  const table = new Table({ [nasty]: vectorFromArray([{ [nasty]: 1 }], type) });
  const { connection } = await loaded(table);
  expect(await types(connection, 't')).toEqual({ [nasty]: 'STRUCT("a""; DROP TABLE t; --" INTEGER)' });
});

/** 10,000 rows of one column: value i is `value(i)`, null where i is a multiple of 7. */
const COUNT = 10_000;
const sevenths = <T>(value: (i: number) => T) =>
  Array.from({ length: COUNT }, (_, i) => (i % 7 === 0 ? null : value(i)));
const COLUMNS: Record<string, [vector: () => Vector, sql: string]> = {
  int: [
    () =>
      vectorFromArray(
        sevenths((i) => i),
        new Int32(),
      ),
    'i',
  ],
  bool: [
    () =>
      vectorFromArray(
        sevenths((i) => i % 3 === 0),
        new Bool(),
      ),
    'i % 3 = 0',
  ],
  'short and long text': [
    () =>
      vectorFromArray(
        sevenths((i) => 'é'.repeat(i % 11) + i),
        new Utf8(),
      ),
    "repeat('é', (i % 11)::INTEGER) || i",
  ],
  timestamp: [
    () =>
      vectorFromArray(
        sevenths((i) => new Date(i * 1_001)),
        new TimestampMillisecond('UTC'),
      ),
    'epoch_ms(i * 1001)::TIMESTAMPTZ',
  ],
  dictionary: [
    () =>
      vectorFromArray(
        sevenths((i) => `entry number ${i % 100}`),
        new Dictionary(new Utf8(), new Int16()),
      ),
    "'entry number ' || i % 100",
  ],
  list: [
    () =>
      vectorFromArray(
        sevenths((i) => [i, i + 1].slice(0, i % 3)),
        new List(new Field('', new Int32(), true)),
      ),
    '[i, i + 1][1 : i % 3]',
  ],
  struct: [
    () =>
      vectorFromArray(
        sevenths((i) => ({ n: i, s: i % 2 === 0 ? null : `text number ${i}` })),
        new Struct<{ n: Int32; s: Utf8 }>([
          new Field('n', new Int32(), true),
          new Field('s', new Utf8(), true),
        ]),
      ),
    "{n: i, s: CASE WHEN i % 2 = 0 THEN NULL ELSE 'text number ' || i END}",
  ],
};

describe.each(Object.entries(COLUMNS))('%s', (_, [vector, sql]) => {
  const differing = (first: number) => `
    SELECT * FROM (SELECT c, row_number() OVER () - 1 + ${first} AS i FROM t)
    WHERE c::VARCHAR IS DISTINCT FROM CASE WHEN i % 7 = 0 THEN NULL ELSE (${sql})::VARCHAR END
    LIMIT 3`;

  test('many rows, nulls among them, arrive in order', async () => {
    const { connection, rows } = await loaded(new Table({ c: vector() }));
    expect(rows).toBe(COUNT);
    expect(await texts(connection, differing(0))).toEqual([]);
  });

  test.each([1, 8, 1_003])('a slice from row %i on is those rows', async (first) => {
    const { connection, rows } = await loaded(new Table({ c: vector() }).slice(first, first + 5_001));
    expect(rows).toBe(5_001);
    expect(await texts(connection, differing(first))).toEqual([]);
  });
});

test('bytes under a null need not be text', async () => {
  const fields = [new Field('s', new Utf8(), true)];
  const text = makeData({
    type: new Utf8(),
    length: 3,
    nullCount: 1,
    nullBitmap: Uint8Array.of(0b101),
    valueOffsets: Int32Array.of(0, 14, 16, 30),
    data: Buffer.concat([
      Buffer.from('fourteen bytes'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('FOURTEEN BYTES'),
    ]),
  });
  const data = makeData({ type: new Struct(fields), length: 3, nullCount: 0, children: [text] });
  const { connection } = await loaded(new Table(new RecordBatch(new Schema(fields), data)));
  expect(await texts(connection, 'FROM t')).toEqual([['fourteen bytes'], [null], ['FOURTEEN BYTES']]);
});

test('a null entry of a dictionary is a null', async () => {
  const entries = vectorFromArray(['a', null], new Utf8());
  const type = new Dictionary(new Utf8(), new Int16());
  const data = makeData({ type, length: 3, data: Int16Array.of(0, 1, 0), dictionary: entries });
  const { connection } = await loaded(new Table({ d: new Vector([data]) }));
  expect(await texts(connection, 'FROM t')).toEqual([['a'], [null], ['a']]);
});

test('batches may come one by one, from an async iterable', async () => {
  const connection = await connect();
  const { schema, batches } = new Table({ n: vectorFromArray([1n, 2n], new Int64()) });
  async function* twice() {
    yield* batches;
    yield* batches;
  }
  expect(await appendArrow(connection, 't', schema, twice())).toBe(4);
  expect(await texts(connection, 'SELECT n FROM t')).toEqual([['1'], ['2'], ['1'], ['2']]);
});
