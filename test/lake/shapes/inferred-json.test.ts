import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../../src/index.ts';
import { jsonLake, lines } from './json-lake.ts';

/** A table of the user's own: its columns' types, and its rows as the library gives them. */
async function proxy(files: Readonly<Record<string, string>>, query = 'Proxy') {
  const named = Object.entries(files).map(([name, text]) => [`Proxy/${name}`, text]);
  await using lake = await openLake(await jsonLake(Object.fromEntries(named)));
  const columns = await lake.columns('Proxy');
  return {
    types: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
    rows: await (await lake.kql(query)).rows(),
  };
}

const UPPER_GUID = 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11';

describe('a table that no contract describes keeps what its JSON says', () => {
  test('objects have the members that they have, and these their own form', async () => {
    const bag = { a: 1, when: '2026-01-31T08:00:00Z', id: UPPER_GUID, at: '12:30' };
    const query = 'Proxy | project keys = bag_keys(p), p';
    expect(await proxy({ 'a.jsonl': lines({ p: bag }, { p: { b: 2.5 } }) }, query)).toMatchObject({
      types: { p: 'dynamic' },
      rows: [
        { keys: ['a', 'when', 'id', 'at'], p: bag },
        { keys: ['b'], p: { b: 2.5 } },
      ],
    });
  });

  test.each([
    '12:30',
    '00-11-22',
    '12-31-99',
    '2026-01-31',
    UPPER_GUID,
    '1',
    '1.50',
    'true',
    '{"a":1}',
    '',
    ' x ',
  ])('the text %j is a string, as it is written', async (text) => {
    const found = await proxy({ 'a.jsonl': lines({ t: text }) });
    expect(found).toEqual({ types: { t: 'string' }, rows: [{ t: text }] });
  });

  test('the text is the same in an array beside lines', async () => {
    const files = {
      'a.json': JSON.stringify([{ t: '12:30', n: 7, when: '2026-01-31T08:00:00Z', odd: true }]),
      'b.jsonl': lines({ t: 'noon', n: 2.5, when: 'never', odd: 1 }),
    };
    expect(await proxy(files, 'Proxy | sort by n desc')).toEqual({
      types: { t: 'string', n: 'real', when: 'string', odd: 'string' },
      rows: [
        { t: '12:30', n: 7, when: '2026-01-31T08:00:00Z', odd: 'true' },
        { t: 'noon', n: 2.5, when: 'never', odd: '1' },
      ],
    });
  });

  test('the text is the same beside CSV, which has nothing but text', async () => {
    const files = {
      'a.jsonl': lines({ t: '2026-01-31T08:00:00Z', n: 7, bag: { x: '12:30' }, own: 1 }, { t: null }),
      'b.csv': 'T,n,bag\n2026-01-31T08:00:00Z,8,-\n',
    };
    expect(await proxy(files, 'Proxy | sort by n asc')).toEqual({
      types: { t: 'string', n: 'string', bag: 'string', own: 'long' },
      rows: [
        { t: '', n: '', bag: '', own: null },
        { t: '2026-01-31T08:00:00Z', n: '7', bag: '{"x":"12:30"}', own: 1 },
        { t: '2026-01-31T08:00:00Z', n: '8', bag: '-', own: null },
      ],
    });
  });

  // 100-nanosecond ticks are what Kusto has; the lake's times are microseconds, as they are for documented tables.
  test.each([
    ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00Z'],
    ['2026-01-31T08:00:00.1234567Z', '2026-01-31T08:00:00.1234560Z'],
    ['2026-01-31T08:00:00.5Z', '2026-01-31T08:00:00.5000000Z'],
    ['2026-01-31T10:00:00+02:00', '2026-01-31T08:00:00Z'],
    ['2026-01-31 08:00:00', '2026-01-31T08:00:00Z'],
  ])('%s is a datetime, whatever its digits', async (text, datetime) => {
    const found = await proxy({ 'a.jsonl': lines({ t: '2026-01-31T07:00:00Z' }, { t: text }, { t: null }) });
    expect(found.types).toEqual({ t: 'datetime' });
    expect(found.rows.map(({ t }) => t)).toEqual(['2026-01-31T07:00:00Z', datetime, null]);
  });

  test.each([
    '2026-02-30T08:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T08:00:00 CET',
    '31.01.2026 08:00:00',
  ])('%s is no time that is sure, so its column is text', async (text) => {
    const found = await proxy({ 'a.jsonl': lines({ t: '2026-01-31T07:00:00Z' }, { t: text }) });
    expect(found).toEqual({ types: { t: 'string' }, rows: [{ t: '2026-01-31T07:00:00Z' }, { t: text }] });
  });

  test('whole numbers keep every digit of 64 bits; larger ones are real, as in Kusto', async () => {
    const text = '{"a":9007199254740993,"b":9223372036854775807}\n{"a":-1,"b":9223372036854775808}\n';
    expect(await proxy({ 'a.jsonl': text })).toEqual({
      types: { a: 'long', b: 'real' },
      rows: [
        { a: '9007199254740993', b: 2 ** 63 },
        { a: -1, b: 2 ** 63 },
      ],
    });
  });

  test('a key spelled otherwise in another file is the same column, and in the same file refused', async () => {
    const found = await proxy(
      { 'a.jsonl': lines({ a: 1 }), 'b.jsonl': lines({ A: 2 }) },
      'Proxy | sort by a asc',
    );
    expect(found).toEqual({ types: { a: 'long' }, rows: [{ a: 1 }, { a: 2 }] });
    await expect(proxy({ 'a.jsonl': lines({ a: 1 }, { A: 2 }) })).rejects.toThrow(
      /a\.jsonl: its records have both A and a, which name one column/,
    );
  });

  test('a key without a letter names no column, and is refused by file', async () => {
    await expect(proxy({ 'a.jsonl': '{"a":1}\n{"":2}\n' })).rejects.toThrow(
      /a\.jsonl: its records have the key "", which names no column/,
    );
  });

  test('columns come in the order of the first records, then those that come later', async () => {
    const late = lines({ z: 1, b: 1 }, ...Array.from({ length: 9000 }, () => ({ b: 1 })), {
      y: 1,
      c: 1,
      a: 1,
    });
    const found = await proxy({ 'a.jsonl': late }, 'Proxy | where isnotnull(y)');
    expect(Object.keys(found.types)).toEqual(['z', 'b', 'a', 'c', 'y']);
    expect(found.rows).toEqual([{ z: null, b: null, a: 1, c: 1, y: 1 }]);
  });

  test('records without a key are rows, and what is no record is refused by file and line', async () => {
    const counted = 'Proxy | count';
    expect((await proxy({ 'a.jsonl': '{}\n{}\n', 'b.jsonl': '{"a":1}\n' }, counted)).rows).toEqual([
      { Count: 3 },
    ]);
    expect((await proxy({ 'a.jsonl': '{}\n{}\n' }, counted)).rows).toEqual([{ Count: 2 }]);
    await expect(proxy({ 'a.jsonl': '{"a":1}\n[2]\n' })).rejects.toThrow(
      /a\.jsonl: line 2: an object is expected, not \[2\]/,
    );
    await expect(proxy({ 'a.jsonl': '{"a":1}\n{"a":1,"a":2}\n' })).rejects.toThrow(
      /a\.jsonl: line 2: it has a 2 times/,
    );
  });

  test('every value is what JSON.parse reads, in the type that its column’s kinds call for', async () => {
    const time = fc
      .date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString());
    const text = fc.oneof(
      fc.constantFrom('12:30', '00-11-22', UPPER_GUID, '1', 'true', '2026-01-31'),
      fc.string(),
    );
    const bag = fc.oneof(
      fc.dictionary(fc.string(), fc.oneof(text, time, fc.integer())),
      fc.array(fc.integer()),
    );
    const kinds = {
      bool: fc.boolean(),
      long: fc.integer(),
      real: fc.integer({ min: -9999, max: 9999 }).map((n) => n + 0.5),
      datetime: time,
      string: text,
      dynamic: bag,
    };
    const column = fc
      .subarray(Object.keys(kinds) as (keyof typeof kinds)[], { minLength: 1, maxLength: 2 })
      .chain((some) =>
        fc.array(fc.oneof(fc.constant(null), ...some.map((kind) => kinds[kind] as fc.Arbitrary<unknown>)), {
          minLength: 3,
          maxLength: 3,
        }),
      );
    await fc.assert(
      fc.asyncProperty(fc.array(column, { minLength: 1, maxLength: 4 }), async (columns) => {
        const records = [0, 1, 2].map((row) => ({
          row,
          ...Object.fromEntries(columns.map((values, index) => [`c${index}`, values[row]])),
        }));
        const files = {
          'a.jsonl': lines(...records.slice(0, 2)),
          'b.json': JSON.stringify(records.slice(2)),
        };
        const found = await proxy(files, 'Proxy | sort by row asc');
        const types = columns.map(typeOf);
        expect(Object.values(found.types)).toEqual(['long', ...types]);
        const wanted = records.map((_, row) =>
          columns.map((values, index) => given(values[row], types[index]!)),
        );
        expect(found.rows.map((row) => columns.map((_, index) => row[`c${index}`]))).toEqual(wanted);
      }),
      { numRuns: 60 },
    );
  });
});

const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/;

/** Kusto's type of a column with these values, by the words of the rule. */
function typeOf(values: readonly unknown[]): string {
  const present = values.filter((value) => value !== null);
  const all = (is: (value: unknown) => boolean) => present.length > 0 && present.every(is);
  if (present.some((value) => typeof value === 'object')) return 'dynamic';
  if (all((value) => typeof value === 'boolean')) return 'bool';
  if (all((value) => Number.isInteger(value))) return 'long';
  if (all((value) => typeof value === 'number')) return 'real';
  return all((value) => typeof value === 'string' && ISO.test(value)) ? 'datetime' : 'string';
}

/** A value as the library gives it in a column of the type. */
function given(value: unknown, type: string): unknown {
  if (type === 'string') return value === null ? '' : String(value);
  if (type !== 'datetime' || value === null) return value;
  const [, whole, fraction] = /^(.*)\.(\d{3})Z$/.exec(new Date(value as string).toISOString())!;
  return fraction === '000' ? `${whole}Z` : `${whole}.${fraction}0000Z`;
}

describe('externaldata reads JSON by its declared types', () => {
  const record = {
    t: '12:30',
    when: '2026-01-31T08:00:00.1234567Z',
    n: 7,
    flag: true,
    bag: { x: '2026-01-31T08:00:00Z', y: UPPER_GUID },
    mac: '00-11-22',
  };
  const read = async (declared: string, records: unknown[] = [record]) => {
    const folder = await jsonLake({ 'Proxy/a.jsonl': lines({ a: 1 }) });
    mkdirSync(join(folder, 'lists'));
    writeFileSync(join(folder, 'lists', 'feed.jsonl'), lines(...records));
    await using lake = await openLake(join(folder, 'Proxy'), { watchlists: join(folder, 'lists') });
    return await (await lake.kql(`externaldata(${declared})["https://x.example/feed.jsonl"]`)).rows();
  };

  test('string is the text that is there, whatever it looks like', async () => {
    expect(await read('t:string, when:string, n:string, flag:string, bag:string, mac:string')).toEqual([
      { ...record, n: '7', flag: 'true', bag: JSON.stringify(record.bag) },
    ]);
  });

  test('other types are read out of it', async () => {
    expect(await read('when:datetime, n:long, flag:bool, bag:dynamic')).toEqual([
      { when: '2026-01-31T08:00:00.1234560Z', n: 7, flag: true, bag: record.bag },
    ]);
    expect(await read('n:real, mac:dynamic')).toEqual([{ n: 7, mac: '00-11-22' }]);
  });

  test('as each record has it, if no other has it so', async () => {
    const mixed = [{ v: 1 }, { v: '2' }, { v: null }, {}, { v: 'x' }];
    expect(await read('v:string', mixed)).toEqual(['1', '2', '', '', 'x'].map((v) => ({ v })));
    expect(await read('v:long', mixed)).toEqual([1, 2, null, null, null].map((v) => ({ v })));
  });
});
