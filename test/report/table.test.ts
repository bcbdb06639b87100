import { VARCHAR } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ReportOptions } from '../../src/report/options.ts';
import { tableText } from '../../src/report/table/table.ts';
import { onResult, resultOf, textOf } from './results.ts';

const table = (sql: string, options: ReportOptions = {}) =>
  onResult(sql, (result) => textOf(tableText(result, options)));

const PROCESSES = `
  SELECT * FROM (VALUES
    ('winx64_payload.exe', 4433, 247, true, TIMESTAMP '2026-01-31 08:00:00'),
    ('データ同期.exe', 8444, NULL, false, NULL),
    ('', 7443, 1, NULL, TIMESTAMP '2026-01-31 08:00:00.5')
  ) t(ProcessName, Port, "Count", Beacon, "First")`;

test('columns are aligned by cells, numbers to the right, nulls said, rows counted', async () => {
  expect(await table(PROCESSES)).toBe(
    [
      'ProcessName         Port  Count  Beacon  First',
      '──────────────────  ────  ─────  ──────  ────────────────────────────',
      'winx64_payload.exe  4433    247  true    2026-01-31T08:00:00Z',
      'データ同期.exe      8444   null  false   null',
      '                    7443      1  null    2026-01-31T08:00:00.5000000Z',
      '(3 rows)',
      '',
    ].join('\n'),
  );
});

test('one row is a row, none are no rows', async () => {
  expect(await table('SELECT 1 AS a')).toBe('a\n─\n1\n(1 row)\n');
  expect(await table('SELECT 1 AS a WHERE false')).toBe('a\n─\n(no rows)\n');
});

test('a result without columns is its number of rows', async () => {
  const bare = { columns: [], chunks: () => resultOf(ONE).chunks() };
  expect(await textOf(tableText(bare))).toBe('(1 row, no columns)\n');
});

const ONE = [{ name: 's', type: 'string' as const, physical: VARCHAR, values: ['x'] }];

test('texts give up width, the widest first; numbers and times do not', async () => {
  const sql = `SELECT 'abcdefghijklmnopqrstuvwxyz' AS a, 1234567890123 AS n, 'short' AS b, repeat('x', 60) AS c`;
  expect(await table(sql, { columns: 60 })).toBe(
    [
      'a                               n  b      c',
      '──────────────────  ─────────────  ─────  ──────────────────',
      'abcdefghijklmnopq…  1234567890123  short  xxxxxxxxxxxxxxxxx…',
      '(1 row)',
      '',
    ].join('\n'),
  );
});

test('columns that cannot be made to fit become records', async () => {
  const sql = `SELECT 'winx64_payload.exe' AS ProcessName, 'C:\\Users\\p\\winx64_payload.exe -x' AS ProcessCmd, 247 AS n`;
  expect(await table(sql, { columns: 24 })).toBe(
    [
      '── row 1 ───────────────',
      'ProcessName  winx64_pay…',
      'ProcessCmd   C:\\Users\\p…',
      'n            247',
      '(1 row)',
      '',
    ].join('\n'),
  );
});

test('without Unicode the drawing is ASCII', async () => {
  expect(await table(`SELECT 'abcdefghijklmnop' AS a`, { columns: 12, unicode: false })).toBe(
    'a\n------------\nabcdefghi...\n(1 row)\n',
  );
});

test('colour is there only when asked for', async () => {
  expect(await table('SELECT 1 AS a')).not.toContain('\u001b');
  expect(await table('SELECT 1 AS a', { color: true })).toBe(
    '\u001b[1ma\u001b[22m\n\u001b[2m─\u001b[22m\n1\n\u001b[2m(1 row)\u001b[22m\n',
  );
});

test('escape sequences in names and values are shown, not obeyed', async () => {
  const sql = `SELECT E'\\x1b]0;owned\\x07\\x1b[2J' AS "a\u001b[31m", E'two\\nlines\\r\\t' AS b, '\u202egpj.exe' AS c,
    [E'\\x1b[1m'] AS d`;
  expect(await table(sql)).toBe(
    [
      'a\\x1b[31m                b               c              d',
      '───────────────────────  ──────────────  ─────────────  ─────────────',
      '\\x1b]0;owned\\x07\\x1b[2J  two\\nlines\\r\\t  \\u202egpj.exe  ["\\u001b[1m"]',
      '(1 row)',
      '',
    ].join('\n'),
  );
});

test('rows beyond the measured ones keep to the columns', async () => {
  const sql = `SELECT CASE WHEN i = 4999 THEN repeat('y', 50) ELSE 'x' END AS s, i FROM range(5000) t(i)`;
  const lines = (await table(sql, { columns: 40 })).split('\n');
  expect(lines).toHaveLength(5_004);
  expect(lines[2]).toBe('x     0');
  expect(lines[5_001]).toBe('…  4999');
  expect(lines[5_002]).toBe('(5,000 rows)');
});

test('whatever the data, no line is wider than the terminal and no control character gets through', async () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'é', '鴨', '\u001b', '\n', '\u009b', '\u202e', '🦆', ' ') }),
    fc.string({ unit: 'binary' }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 5, max: 60 }),
      fc.boolean(),
      async (rows, columns, unicode) => {
        const result = resultOf(
          [0, 1].map((index) => ({
            name: `c${index}`,
            type: 'string' as const,
            physical: VARCHAR,
            values: rows.map((row) => row[index as 0 | 1]),
          })),
        );
        const printed = await textOf(tableText(result, { columns, unicode }));
        expect(printed).not.toMatch(CONTROL);
        for (const line of printed.split('\n')) expect(leastCells(line)).toBeLessThanOrEqual(columns);
      },
    ),
    { numRuns: 100 },
  );
});

/** Anything a terminal would act on, but for the line ends that the table itself makes. */
const CONTROL = /(?!\n)\p{Cc}|[\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;

/** Cells by a measure of the test's own: two for a duck or a kanji, one for what is surely one. */
function leastCells(line: string): number {
  let cells = 0;
  for (const character of line) {
    if (/[鴨🦆]/u.test(character)) cells += 2;
    else if (/[\x20-\x7eé…─]/u.test(character)) cells += 1;
  }
  return cells;
}
