import { afterAll, beforeAll, expect, test } from 'vitest';
import { toJson } from '../../src/engine/values.ts';
import { openLake, type TelemetryLake } from '../../src/index.ts';

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

test('a column of any name is a property of its own', async () => {
  const hits = await lake.sql(`SELECT 1 AS "__proto__", 2 AS "constructor", 3 AS "a b"`);
  const [row] = await hits.rows();
  expect(Object.entries(row!)).toEqual([
    ['__proto__', 1],
    ['constructor', 2],
    ['a b', 3],
  ]);
});
