import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toJson } from '../../src/engine/values.ts';
import { openLake, type TelemetryLake } from '../../src/index.ts';
import { runs } from '../runs.ts';

let lake: TelemetryLake;
beforeAll(async () => {
  lake = await openLake('data/sample');
});
afterAll(async () => lake.close());

test('lists come column by column as they come value by value: empty, null, of nulls, of lists, in every chunk', async () => {
  const hits = await lake.sql(`
    SELECT
      CASE WHEN i % 5 = 0 THEN NULL ELSE list_transform(range(i % 4), lambda x: CASE WHEN x = 1 THEN NULL ELSE i || 'a' || x END) END AS texts,
      [range(i % 3), NULL, []] AS lists,
      [TIMESTAMP '1969-12-31 23:59:59.5' + to_seconds(i)] AS times,
      [{ name: 'a' || i, bytes: 9007199254740993 + i }] AS structs
    FROM range(5000) AS numbers(i)`);
  const rows = await hits.rows();
  const expected: unknown[] = [];
  for await (const chunk of hits.stream().chunks()) {
    for (const values of chunk.getRows()) expected.push(values.map((value) => toJson(value, 'dynamic')));
  }
  expect(rows.map((row) => Object.values(row))).toEqual(expected);
  expect(rows[0]).toEqual({
    texts: null,
    lists: [[], null, []],
    times: ['1969-12-31T23:59:59.5000000Z'],
    structs: [{ name: 'a0', bytes: '9007199254740993' }],
  });
  expect(rows[4_999]!.texts).toEqual(['4999a0', null, '4999a2']);
});

test('text, instants and numbers come column by column as they come value by value', async () => {
  const hits = await lake.sql(`
    SELECT
      CASE WHEN i % 7 = 0 THEN NULL ELSE repeat(CASE WHEN i % 2500 < 40 THEN 'naïve 🦆' ELSE 'ascii' END, (i % 9)::BIGINT) END AS text,
      CASE WHEN i % 5 = 0 THEN NULL ELSE make_timestamp((i - 2500) * 123456789000) END AS instant,
      CASE WHEN i % 3 = 0 THEN NULL ELSE (i % 1000) * 4503599627370497 END AS number,
      CASE WHEN i % 11 = 0 THEN NULL ELSE (i - 2500)::INTEGER END AS small,
      CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN '-inf'::DOUBLE ELSE (i - 2500) / 7 END AS share,
      CASE i % 3 WHEN 0 THEN NULL ELSE i % 3 = 1 END AS truth,
      list_transform(range(i % 3), lambda x: (x - 1) / 4) AS shares,
      list_transform(range(i % 4), lambda x: CASE WHEN x < 2 THEN x = 1 END) AS truths,
      list_transform(range(i % 3), lambda x: CASE WHEN x = 1 THEN NULL ELSE make_timestamp(i) END) AS instants
    FROM range(5000) AS numbers(i)`);
  const rows = await hits.rows();
  const expected: unknown[] = [];
  for await (const chunk of hits.stream().chunks()) {
    for (const values of chunk.getRows()) {
      expected.push(values.map((value, index) => toJson(value, hits.columns[index]!.type)));
    }
  }
  expect(rows.map((row) => Object.values(row))).toEqual(expected);
  expect(rows[0]).toMatchObject({ text: '', instant: null, number: null, instants: [] });
  expect(rows[1]).toMatchObject({ text: 'naïve 🦆', number: 4503599627370497, truth: true, truths: [false] });
  expect(rows[3]).toMatchObject({ truth: null, truths: [false, true, null] });
  expect(rows[4]).toMatchObject({ text: 'naïve 🦆'.repeat(4), number: '18014398509481988' });
  expect(rows[2501]).toMatchObject({ instant: '1970-01-02T10:17:36.7890000Z' });
});

test('an instant that no date of JavaScript reaches is its text, also among others', async () => {
  const hits = await lake.sql(`
    SELECT unnest([TIMESTAMP '2026-01-05 08:00:00.5', TIMESTAMP 'infinity', TIMESTAMP '290000-01-01', NULL]) AS instant`);
  expect((await hits.rows()).map(({ instant }) => instant)).toEqual([
    '2026-01-05T08:00:00.5000000Z',
    'infinity',
    '290000-01-01 00:00:00',
    null,
  ]);
});

test('an infinite time is its name, whatever type has it', async () => {
  const hits = await lake.sql(`
    SELECT '-infinity'::DATE AS a, 'infinity'::DATE AS b, '-infinity'::TIMESTAMP_S AS c, 'infinity'::TIMESTAMP_MS AS d,
      '-infinity'::TIMESTAMP_NS AS e, 'infinity'::TIMESTAMPTZ AS f, ['infinity'::DATE] AS g`);
  expect(Object.values((await hits.rows())[0]!)).toEqual([
    '-infinity',
    'infinity',
    '-infinity',
    'infinity',
    '-infinity',
    'infinity',
    ['infinity'],
  ]);
});

test('nanoseconds are cut towards the past, on both sides of 1970', async () => {
  await fc.assert(
    fc.asyncProperty(fc.bigInt({ min: -2_000_000_000_000n, max: 2_000_000_000_000n }), async (nanos) => {
      const hits = await lake.sql(`SELECT make_timestamp_ns(${nanos}) AS t`);
      // Some time after 1970 the same digits stand behind the second.
      const [second, rest] = [Math.floor(Number(nanos) / 1e9), (nanos + 10n ** 18n) % 10n ** 9n];
      const whole = new Date(second * 1000).toISOString().slice(0, 19);
      const fraction = rest < 1000n ? '' : `.${String(rest).padStart(9, '0').slice(0, 6)}0`;
      expect(await hits.rows()).toEqual([{ t: `${whole}${fraction}Z` }]);
      await hits.close();
    }),
    { numRuns: runs(20), examples: [[-1n], [-1000n], [-999n], [0n], [999n], [-1_000_000_000n]] },
  );
});

test('arrays, unions and variants are the JSON that they hold', async () => {
  const hits = await lake.sql(`
    SELECT [1, 2]::INT[2] AS array, [[1.5, 'nan'::DOUBLE]]::DOUBLE[2][1] AS nested, NULL::INT[2] AS none,
      union_value(num := 2) AS one, [union_value(at := TIMESTAMP '2026-01-05')] AS ones,
      {'a': 1, 'b': ['x', NULL], 't': TIMESTAMP '2026-01-05 08:00:00.5'}::VARIANT AS variant,
      'text'::VARIANT AS text, {'k': [1::VARIANT]} AS within, NULL::VARIANT AS null`);
  expect(await hits.rows()).toEqual([
    {
      array: [1, 2],
      nested: [[1.5, 'NaN']],
      none: null,
      one: { num: 2 },
      ones: [{ at: '2026-01-05T00:00:00Z' }],
      variant: { a: 1, b: ['x', null], t: '2026-01-05T08:00:00.5000000Z' },
      text: 'text',
      within: { k: [1] },
      null: null,
    },
  ]);
});

test('a column of any name is a property of its own', async () => {
  const hits = await lake.sql(`SELECT 1 AS "__proto__", 2 AS "constructor", 3 AS "a b"`);
  const [row] = await hits.rows();
  expect(Object.entries(row!)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
    ['a b', 3],
  ]);
});

test('numbers within dynamic that a double would change are their own text, as longs are', async () => {
  const hits = await lake.kql(
    'print d = parse_json(@\'{"id":9007199254740993,"safe":9007199254740991,"many":[12345678901234567890,-9007199254740993,1.5],"big":1e400,"text":"9007199254740993 \\"1234567890123456789","12345678901234567890":0}\'), n = parse_json("9007199254740993")',
  );
  expect(await hits.rows()).toEqual([
    {
      d: {
        id: '9007199254740993',
        safe: 9007199254740991,
        many: ['12345678901234567890', '-9007199254740993', 1.5],
        big: '1e400',
        text: '9007199254740993 "1234567890123456789',
        '12345678901234567890': 0,
      },
      n: '9007199254740993',
    },
  ]);
});
