import { BIGINT, BOOLEAN, DOUBLE, VARCHAR } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonlText, jsonText } from '../../src/report/json.ts';
import { onResult, resultOf, textOf } from './results.ts';

const EDGES = `
  SELECT * FROM (VALUES
    ('a "quoted", text', 9007199254740991::BIGINT, 1.5::DOUBLE, true, TIMESTAMP '2026-01-31 08:00:00'),
    (E'two\\nlines', 9007199254740993::BIGINT, 'nan'::DOUBLE, false, TIMESTAMP '2026-01-31 08:00:00.123456'),
    ('', (-9223372036854775808)::BIGINT, '-infinity'::DOUBLE, NULL, NULL),
    (NULL, NULL, 'infinity'::DOUBLE, NULL, NULL),
    ('žluťoučký 🦆 鴨', 0, NULL, NULL, NULL)
  ) t(s, n, r, b, t)`;

const EDGE_LINES = [
  '{"s":"a \\"quoted\\", text","n":9007199254740991,"r":1.5,"b":true,"t":"2026-01-31T08:00:00Z"}',
  '{"s":"two\\nlines","n":"9007199254740993","r":"NaN","b":false,"t":"2026-01-31T08:00:00.1234560Z"}',
  '{"s":"","n":"-9223372036854775808","r":"-Infinity","b":null,"t":null}',
  '{"s":"","n":null,"r":"Infinity","b":null,"t":null}',
  '{"s":"žluťoučký 🦆 鴨","n":0,"r":null,"b":null,"t":null}',
];

test('JSON lines hold an object a row', async () => {
  expect(await onResult(EDGES, (result) => textOf(jsonlText(result)))).toBe(
    EDGE_LINES.map((line) => `${line}\n`).join(''),
  );
});

test('JSON is one array, a row a line', async () => {
  expect(await onResult(EDGES, (result) => textOf(jsonText(result)))).toBe(
    `[\n${EDGE_LINES.join(',\n')}\n]\n`,
  );
});

test('an empty result is an empty array, and no lines', async () => {
  const nothing = 'SELECT 1 AS a WHERE false';
  expect(await onResult(nothing, (result) => textOf(jsonText(result)))).toBe('[]\n');
  expect(await onResult(nothing, (result) => textOf(jsonlText(result)))).toBe('');
});

test('dynamic is JSON: a list, an object, a text of JSON', async () => {
  const sql = `SELECT ['b', NULL] AS l, {'k': 1} AS o, '{"x": [1, 2]}'::JSON AS j`;
  expect(await onResult(sql, (result) => textOf(jsonlText(result)))).toBe(
    '{"l":["b",null],"o":{"k":1},"j":{"x":[1,2]}}\n',
  );
});

test('columns keep their order and their names, whatever these are', async () => {
  const sql = `SELECT 1 AS "2", 2 AS "1", 3 AS "__proto__", 4 AS "a""b"`;
  expect(await onResult(sql, (result) => textOf(jsonlText(result)))).toBe(
    '{"2":1,"1":2,"__proto__":3,"a\\"b":4}\n',
  );
});

test('control and direction-changing characters are escaped, which leaves the value the same', async () => {
  const value = '\u001b[2J\u009b1m\u007f\u202egpj.exe\u200b\u{e0041}';
  const text = await textOf(
    jsonlText(resultOf([{ name: 's', type: 'string', physical: VARCHAR, values: [value] }])),
  );
  expect(text).toBe('{"s":"\\u001b[2J\\u009b1m\\u007f\\u202egpj.exe\\u200b\\udb40\\udc41"}\n');
  expect(JSON.parse(text)).toEqual({ s: value });
});

test('more rows than a chunk holds are all there', async () => {
  const text = await onResult('SELECT i FROM range(5000) t(i)', (result) => textOf(jsonText(result)));
  expect(JSON.parse(text)).toEqual(Array.from({ length: 5000 }, (_, i) => ({ i })));
});

test('any values come back from JSON lines', async () => {
  const row = fc.record({
    s: fc.option(fc.string({ unit: 'binary' })),
    n: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    r: fc.option(fc.double()),
    b: fc.option(fc.boolean()),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 8 }), fc.integer({ min: 1, max: 4 }), async (rows, size) => {
      const result = resultOf(
        [
          { name: 's', type: 'string', physical: VARCHAR, values: rows.map(({ s }) => s) },
          { name: 'n', type: 'long', physical: BIGINT, values: rows.map(({ n }) => n) },
          { name: 'r', type: 'real', physical: DOUBLE, values: rows.map(({ r }) => r) },
          { name: 'b', type: 'bool', physical: BOOLEAN, values: rows.map(({ b }) => b) },
        ],
        size,
      );
      const lines = (await textOf(jsonlText(result))).split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
        rows.map(({ s, n, r, b }) => ({
          s: s ?? '',
          n: n === null ? null : n >= -(2n ** 53n) + 1n && n <= 2n ** 53n - 1n ? Number(n) : `${n}`,
          r: r === null ? null : Number.isFinite(r) ? r + 0 : `${r}`,
          b,
        })),
      );
    }),
    { numRuns: 100 },
  );
});
