/** Queries that are small as text and large once functions, tables and values stand wherever they are named. */
import { describe, expect, test } from 'vitest';
import { translate } from './engine.ts';

/** `first`, then as many lines of which each names the one before twice, then what they come to. */
const doubled = (first: string, line: (n: number) => string, levels: number, last: string): string =>
  [first, ...Array.from({ length: levels }, (_, n) => line(n + 1)), last].join('\n');

const TABULAR = 'let f0 = () { DeviceEvents };';
const SUM = 'let f0 = (x: long) { x + 1 };';

/** By what multiplies: the query for a number of levels, and the text that the refusal points to. */
const MULTIPLYING: Readonly<Record<string, [query: (levels: number) => string, at: string]>> = {
  'calls of a function that gives a table': [
    (n) =>
      doubled(TABULAR, (i) => `let f${i} = () { union f${i - 1}(), f${i - 1}() };`, n, `f${n}() | count`),
    'f25()',
  ],
  'lets in functions': [
    (n) =>
      doubled(
        TABULAR,
        (i) => `let f${i} = () { let a = f${i - 1}(); let b = f${i - 1}(); union a, b };`,
        n,
        `f${n}() | count`,
      ),
    'f25()',
  ],
  'a table that is handed on': [
    (n) =>
      doubled(
        'let f0 = (T: (*)) { T | take 1 };',
        (i) => `let f${i} = (T: (*)) { union (T | invoke f${i - 1}()), (T | invoke f${i - 1}()) };`,
        n,
        `DeviceEvents | invoke f${n}() | count`,
      ),
    'invoke f25()',
  ],
  'subqueries in functions': [
    (n) =>
      doubled(
        'let f0 = () { toscalar(DeviceEvents | count) };',
        (i) =>
          `let f${i} = () { toscalar(DeviceEvents | where FileSize in (f${i - 1}(), f${i - 1}()) | count) };`,
        n,
        `print f${n}()`,
      ),
    'f25()',
  ],
  'calls of a function that gives a value': [
    (n) =>
      doubled(
        SUM,
        (i) => `let f${i} = (x: long) { f${i - 1}(x) * f${i - 1}(x) };`,
        n,
        `print f${n}(rand(9))`,
      ),
    'f25(rand(9))',
  ],
  'a parameter that is named twice': [
    (n) =>
      doubled(
        'let f0 = (x: real) { x * x };',
        (i) => `let f${i} = (x: real) { f0(f${i - 1}(x)) };`,
        n,
        `print f${n}(rand())`,
      ),
    'f25(rand())',
  ],
  'values with names': [
    (n) =>
      doubled(
        'let a0 = toscalar(DeviceEvents | count);',
        (i) => `let a${i} = a${i - 1} * a${i - 1};`,
        n,
        `print a${n}`,
      ),
    'a13 * a13',
  ],
  'tables with names': [
    (n) =>
      doubled('let t0 = DeviceEvents;', (i) => `let t${i} = union t${i - 1}, t${i - 1};`, n, `t${n} | count`),
    'union t13, t13',
  ],
  'tables that are materialized': [
    (n) =>
      doubled(
        'let t0 = materialize(DeviceEvents);',
        (i) => `let t${i} = materialize(union t${i - 1}, t${i - 1});`,
        n,
        `t${n} | count`,
      ),
    'union t13, t13',
  ],
};

describe('a query that multiplies', () => {
  test.each(Object.entries(MULTIPLYING))(
    'is refused where it does, by what it would be: %s',
    (_, [query, at]) => {
      const kql = query(25);
      const [found, ...more] = translate(kql).diagnostics;
      expect(found).toMatchObject({
        code: 'MG008',
        message: expect.stringMatching(/ more than [\d,]+ (steps|parts|times)$/),
      });
      expect(found!.hint).toBeDefined();
      expect(kql.slice(found!.start, found!.start + found!.length)).toBe(at);
      expect(more).toEqual([]);
    },
    10_000,
  );

  test.each(Object.entries(MULTIPLYING))('translates while it is small: %s', (_, [query]) => {
    expect(translate(query(3)).diagnostics).toEqual([]);
  });
});

test('what the engine would give up on is refused before, at a clause of the query', () => {
  const [query] = MULTIPLYING['calls of a function that gives a table']!;
  expect(translate(query(9)).diagnostics).toEqual([]);
  expect(translate(query(10)).diagnostics).toMatchObject([
    { code: 'MG008', message: 'the query has 1,024 steps, of which DuckDB takes 950' },
  ]);
});

test('names that are used often and come to little are no matter', () => {
  const list = `dynamic([${Array.from({ length: 21_000 }, (_, i) => `"${i}"`).join()}])`;
  const uses = Array.from({ length: 2 }, () => 'where SHA1 in (bad)').join(' | ');
  expect(translate(`let bad = ${list}; DeviceEvents | ${uses}`).diagnostics).toEqual([]);
  const lines = Array.from(
    { length: 25 },
    (_, i) => `let t${i + 1} = t${i} | where SHA1 in (t${i} | project SHA1);`,
  );
  expect(translate(`let t0 = DeviceEvents;\n${lines.join('\n')}\nt25`).diagnostics).toEqual([]);
});
