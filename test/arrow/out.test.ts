import { readFileSync } from 'node:fs';
import { DuckDBDataChunk, type DuckDBType, type DuckDBValue, INTEGER, VARCHAR } from '@duckdb/node-api';
import { RecordBatchReader, type Table, tableFromIPC, Vector } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { type ResultStream, resultStream } from '../../src/engine/result.ts';
import { arrowTable, writeArrow } from '../../src/report/arrow.ts';
import type { Column, KqlType } from '../../src/schema/kql-types.ts';
import { connect, temporaryFile } from './engine.ts';

async function stream(sql: string, declared?: readonly Column[]): Promise<ResultStream> {
  const connection = await connect();
  return resultStream(await connection.stream(sql), declared);
}

async function column(select: string, type?: KqlType): Promise<{ type: string; values: unknown[] }> {
  const table = await arrowTable(await stream(`SELECT ${select} AS c`, type && [{ name: 'c', type }]));
  return { type: String(table.schema.fields[0]!.type), values: plain(table) };
}

/** The first column's values; lists as arrays. */
function plain(table: Table): unknown[] {
  const list = (value: unknown): unknown => (value instanceof Vector ? [...value] : value);
  return [...table.getChildAt(0)!].map(list);
}

const rows = (...values: string[]) => `unnest([${values.join(', ')}])`;

describe('types and values', () => {
  test.each<[KqlType, string, string, unknown[]]>([
    [
      'string',
      rows("'a'", "''", 'NULL', "'twelve bytes'", "'thirteen byte'", "'日本語 🙂'"),
      'Utf8',
      ['a', '', '', 'twelve bytes', 'thirteen byte', '日本語 🙂'],
    ],
    ['int', rows('-2147483648', 'NULL', '2147483647'), 'Int32', [-2147483648, null, 2147483647]],
    ['int', rows('255::UTINYINT', 'NULL'), 'Int32', [255, null]],
    ['int', rows('7::BIGINT', 'NULL'), 'Int32', [7, null]],
    [
      'long',
      rows('9007199254740993', 'NULL', '-9223372036854775808'),
      'Int64',
      [9007199254740993n, null, -9223372036854775808n],
    ],
    ['long', rows('4294967295::UINTEGER', 'NULL'), 'Int64', [4294967295n, null]],
    ['long', rows('12::HUGEINT', 'NULL'), 'Int64', [12n, null]],
    [
      'real',
      rows("'nan'::DOUBLE", 'NULL', "'-inf'::DOUBLE", '0.1::DOUBLE'),
      'Float64',
      [Number.NaN, null, Number.NEGATIVE_INFINITY, 0.1],
    ],
    ['real', rows('0.5::FLOAT', 'NULL'), 'Float64', [0.5, null]],
    ['real', rows('1.25::DECIMAL(9,2)', 'NULL'), 'Float64', [1.25, null]],
    ['bool', rows('true', 'false', 'NULL', 'true'), 'Bool', [true, false, null, true]],
    [
      'guid',
      rows("'74be27de-1e4e-49d9-b579-fe0b331d3642'::UUID", 'NULL'),
      'Utf8',
      ['74be27de-1e4e-49d9-b579-fe0b331d3642', null],
    ],
    [
      'guid',
      rows("'74be27de-1e4e-49d9-b579-fe0b331d3642'", 'NULL'),
      'Utf8',
      ['74be27de-1e4e-49d9-b579-fe0b331d3642', null],
    ],
    ['string', rows("'b'::ENUM('a', 'b')", 'NULL'), 'Utf8', ['b', '']],
    [
      'decimal',
      rows('170141183460469231731687303715884105727::HUGEINT', 'NULL'),
      'Utf8',
      ['170141183460469231731687303715884105727', null],
    ],
    ['dynamic', rows(`'{"a": 1}'::JSON`, 'NULL', `'[1,2]'::JSON`), 'Utf8', ['{"a": 1}', null, '[1,2]']],
    ['dynamic', rows('{a: 1, b: [NULL, 2]}', 'NULL'), 'Utf8', ['{"a":1,"b":[null,2]}', null]],
    ['dynamic', rows("MAP {'k': 1.5::DOUBLE}", 'NULL'), 'Utf8', ['{"k":1.5}', null]],
    ['dynamic', `unnest([[['a'], []], NULL])`, 'Utf8', ['[["a"],[]]', null]],
    [
      'dynamic',
      `unnest([['a', NULL, 'longer than twelve'], [], NULL, ['']])`,
      'List<Utf8>',
      [['a', null, 'longer than twelve'], [], null, ['']],
    ],
    ['dynamic', `unnest([[1, NULL], NULL, [], [2]])`, 'List<Int32>', [[1, null], null, [], [2]]],
    ['dynamic', `unnest([[true, NULL, false], NULL])`, 'List<Bool>', [[true, null, false], null]],
  ])('%s of %s', async (type, select, arrow, values) => {
    expect(await column(select, type)).toEqual({ type: arrow, values });
  });

  test('a datetime is in microseconds, in UTC, whatever carries it', async () => {
    const instant = BigInt(Date.UTC(2026, 0, 31, 23, 59, 59)) * 1_000n + 123_456n;
    const whole = instant - 123_456n;
    const midnight = BigInt(Date.UTC(2026, 0, 31)) * 1_000n;
    for (const [select, values] of [
      [rows("TIMESTAMP '2026-01-31 23:59:59.123456'", 'NULL'), [instant, 0n]],
      [rows("TIMESTAMPTZ '2026-02-01 05:29:59.123456+05:30'", 'NULL'), [instant, 0n]],
      [rows("TIMESTAMP_NS '2026-01-31 23:59:59.123456789'", 'NULL'), [instant, 0n]],
      [rows("TIMESTAMP_S '2026-01-31 23:59:59'", 'NULL'), [whole, 0n]],
      [rows("DATE '2026-01-31'", 'NULL'), [midnight, 0n]],
      [rows("TIMESTAMP '1969-12-31 23:59:59.999999'"), [-1n]],
    ] as const) {
      const table = await arrowTable(await stream(`SELECT ${select} AS c`));
      expect(String(table.schema.fields[0]!.type)).toBe('Timestamp<MICROSECOND, UTC>');
      expect([...table.batches[0]!.data.children[0]!.values]).toEqual(values);
      expect(table.getChildAt(0)!.nullCount).toBe(values.length - 1);
    }
  });

  test.each<[string, KqlType | undefined, string, bigint]>([
    [
      "INTERVAL '1 month 2 days 00:00:00.000003'",
      undefined,
      'Duration<MICROSECOND>',
      32n * 86_400_000_000n + 3n,
    ],
    ["TIME '00:00:01.5'", undefined, 'Duration<MICROSECOND>', 1_500_000n],
    ['15::BIGINT', 'timespan', 'Duration<NANOSECOND>', 1_500n],
    ['(-1)::BIGINT', 'timespan', 'Duration<NANOSECOND>', -100n],
  ])('the timespan %s', async (value, type, arrow, expected) => {
    const declared = type && [{ name: 'c', type }];
    const table = await arrowTable(await stream(`SELECT ${rows(value, 'NULL')} AS c`, declared));
    expect(String(table.schema.fields[0]!.type)).toBe(arrow);
    expect([...table.batches[0]!.data.children[0]!.values]).toEqual([expected, 0n]);
    expect(table.getChildAt(0)!.nullCount).toBe(1);
  });

  test.each([
    [4, 2, '-1.25', -125n],
    [9, 3, '-1234.567', -1234567n],
    [18, 6, '-123456789012.345678', -123456789012345678n],
    [38, 10, '-1234567890123456789012345678.9012345678', -12345678901234567890123456789012345678n],
  ])('a decimal of %i digits keeps them, %i behind the point', async (precision, scale, text, unscaled) => {
    const table = await arrowTable(
      await stream(`SELECT ${rows(`${text}::DECIMAL(${precision},${scale})`, 'NULL')} AS c`),
    );
    expect(table.schema.fields[0]!.type).toMatchObject({ precision, scale, bitWidth: 128 });
    const words = [...(table.batches[0]!.data.children[0]!.values as Uint32Array)].map(BigInt);
    const value = words.slice(0, 4).reduce((sum, word, index) => sum | (word << BigInt(32 * index)), 0n);
    expect(BigInt.asIntN(128, value)).toBe(unscaled);
    expect(words.slice(4)).toEqual([0n, 0n, 0n, 0n]);
  });

  test('what Arrow has no room for is refused with the column and a way out', async () => {
    const tooLong = stream('SELECT 9223372036854775807 AS span', [{ name: 'span', type: 'timespan' }]);
    await expect(arrowTable(await tooLong)).rejects.toMatchObject({
      name: 'MerganserError',
      message: "column span cannot be written as Arrow: 922337203685477580700 does not fit Arrow's 64 bits",
      hint: expect.stringContaining('json'),
    });
    const tooLarge = stream('SELECT 2147483648 AS n', [{ name: 'n', type: 'int' }]);
    await expect(arrowTable(await tooLarge)).rejects.toThrow(
      'column n cannot be written as Arrow: 2147483648 does not fit an int',
    );
  });

  test.each([
    "'infinity'::TIMESTAMP",
    "'-infinity'::TIMESTAMP",
    "'-infinity'::TIMESTAMPTZ",
    "'infinity'::TIMESTAMP_NS",
    "'infinity'::DATE",
    "[NULL, '-infinity'::TIMESTAMP]",
  ])('an infinite time, as of %s', async (infinite) => {
    const result = stream(`SELECT unnest([NULL, ${infinite}]) AS t`);
    await expect(arrowTable(await result)).rejects.toThrow(
      'column t cannot be written as Arrow: it holds an infinite time, and Arrow has none',
    );
  });
});

/** Rows i = 0, 1, … whose columns are all known from i. */
const MANY = (count: number) => `
  SELECT i::INTEGER AS n,
    CASE WHEN i % 3 = 0 THEN 'short' WHEN i % 3 = 1 THEN 'longer than twelve ' || i END AS s,
    CASE WHEN i % 7 > 0 THEN i % 2 = 0 END AS b,
    CASE WHEN i % 5 > 0 THEN [i::VARCHAR, 'element number ' || i][1 : i % 3] END AS l
  FROM range(${count}) r(i)
  ORDER BY i`;

function checkMany(table: Table, count: number): void {
  expect(table.numRows).toBe(count);
  const [n, s, b, l] = table.schema.fields.map((_, index) => [...table.getChildAt(index)!]);
  const wrong: number[] = [];
  for (let i = 0; i < count; i++) {
    const text = ['short', `longer than twelve ${i}`, ''][i % 3];
    const bool = i % 7 > 0 ? i % 2 === 0 : null;
    const list = i % 5 > 0 ? [`${i}`, `element number ${i}`].slice(0, i % 3) : null;
    const elements = l![i] === null ? null : [...(l![i] as Iterable<string>)];
    const same =
      n![i] === i && s![i] === text && b![i] === bool && JSON.stringify(elements) === JSON.stringify(list);
    if (!same) wrong.push(i);
  }
  expect(wrong).toEqual([]);
}

describe('many rows', () => {
  test('are all there, in order, in batches of 65,536', async () => {
    const table = await arrowTable(await stream(MANY(150_000)));
    checkMany(table, 150_000);
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([65_536, 65_536, 18_928]);
  });

  test('are the same in a file, which is an IPC file', async () => {
    const path = temporaryFile('out.arrow');
    await writeArrow(await stream(MANY(70_000)), path);
    const bytes = readFileSync(path);
    expect(RecordBatchReader.from(bytes).isFile()).toBe(true);
    checkMany(tableFromIPC(bytes), 70_000);
  });
});

test('a file also reads as the stream that the format puts into it', async () => {
  const path = temporaryFile('out.arrow');
  await writeArrow(await stream(MANY(1_000)), path);
  checkMany(tableFromIPC(readFileSync(path).subarray(8)), 1_000);
});

test('no rows give a table and a file with all columns', async () => {
  const path = temporaryFile('out.arrow');
  const names = ['n', 's', 'b', 'l'];
  const table = await arrowTable(await stream(MANY(0)));
  expect([table.numRows, table.schema.names]).toEqual([0, names]);
  await writeArrow(await stream(MANY(0)), path);
  const read = tableFromIPC(readFileSync(path));
  expect([read.numRows, read.schema.names]).toEqual([0, names]);
});

/** More than a batch. */
const CUT_ROWS = 70_000;

/** A result in chunks of `size` rows: text, null in every fourth row, and a number. */
function cut(size: number): ResultStream {
  const physical: DuckDBType[] = [VARCHAR, INTEGER];
  const text = (i: number): DuckDBValue => (i % 4 === 0 ? null : 'x'.repeat(i % 30));
  return {
    columns: [
      { name: 's', type: 'dynamic', physical: VARCHAR },
      { name: 'n', type: 'int', physical: INTEGER },
    ],
    async *chunks() {
      for (let from = 0; from < CUT_ROWS; from += size) {
        const count = Math.min(size, CUT_ROWS - from);
        const chunk = DuckDBDataChunk.create(physical, count);
        const indices = Array.from({ length: count }, (_, row) => from + row);
        chunk.setColumnValues(0, indices.map(text));
        chunk.setColumnValues(
          1,
          indices.map((i) => (i % 4 === 1 ? null : i)),
        );
        yield chunk;
      }
    },
  };
}

test('the same rows give the same bytes, however the engine cuts its chunks', async () => {
  const [whole, odd] = [temporaryFile('whole.arrow'), temporaryFile('odd.arrow')];
  await writeArrow(cut(2_048), whole);
  await writeArrow(cut(777), odd);
  expect(readFileSync(odd).equals(readFileSync(whole))).toBe(true);
});

test('what memory holds under a null is not written', async () => {
  const chunk = DuckDBDataChunk.create([INTEGER], 2);
  const vector = chunk.getColumnVector(0);
  for (const value of [123_456_789, null]) vector.setItem(1, value);
  vector.setItem(0, 7);
  vector.flush();
  const table = await arrowTable({
    columns: [{ name: 'n', type: 'int', physical: INTEGER }],
    async *chunks() {
      yield chunk;
    },
  });
  expect([...table.batches[0]!.data.children[0]!.values]).toEqual([7, 0]);
  expect([...table.getChildAt(0)!]).toEqual([7, null]);
});

test('an error of the engine passes through as it is', async () => {
  const broken = new Error('broken on purpose');
  const result: ResultStream = {
    columns: cut(1).columns,
    async *chunks() {
      yield* cut(2_048).chunks();
      throw broken;
    },
  };
  await expect(arrowTable(result)).rejects.toBe(broken);
  await expect(writeArrow(result, temporaryFile('out.arrow'))).rejects.toBe(broken);
});
