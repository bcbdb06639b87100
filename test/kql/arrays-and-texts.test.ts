/** Functions that look for things in arrays, bags and texts: random ones against a plain reading, and very long ones. */
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { openEngine, rowsOf } from './engine.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
});

const run = (query: string): Promise<unknown[][]> => rowsOf(connection, query);

const text = (max: number) => fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), maxLength: max });
const member = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('', 'a', 'B', 'b'), fc.boolean());
const array = fc.array(member, { maxLength: 9 });
const gaps = fc.array(fc.option(fc.integer({ min: 0, max: 3 })), { maxLength: 9 });
const bag = fc.dictionary(fc.constantFrom('a', 'B', 'b', 'x y', 'é'), member, { maxKeys: 4 });
const literal = (value: unknown): string => `dynamic(${JSON.stringify(value)})`;

/** Where a text begins in another, by characters, overlapping places as well. */
function places(s: string, needle: string): number[] {
  const [all, part] = [[...s], [...needle]];
  return all.flatMap((_, i) => (part.every((c, k) => all[i + k] === c) ? [i] : []));
}

/** Out of `values`, the first of each: what a set function gives, in the order in which it is met. */
const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Each gap as what stood last before it. */
function filled<T>(values: readonly (T | null)[]): (T | null)[] {
  let last: T | null = null;
  return values.map((value) => {
    last = value ?? last;
    return last;
  });
}

test('texts are found in texts, and counted, where a walk over all places finds them', async () => {
  const row = fc.record({
    s: text(12),
    needle: text(3).filter((each) => each !== ''),
    start: fc.integer({ min: -14, max: 14 }),
    length: fc.integer({ min: -1, max: 14 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 60, maxLength: 60 }), async (rows) => {
      const cells = rows.map(
        (each, i) => `${i}, "${each.s}", "${each.needle}", ${each.start}, ${each.length}`,
      );
      const found =
        await run(`datatable(i:long, s:string, n:string, start:long, len:long)[${cells.join(', ')}]
| sort by i asc
| project countof(s, n), indexof(s, n, start, len), indexof(s, n, start, len, 2)`);
      const expected = rows.map(({ s, needle, start, length }) => {
        const size = [...s].length;
        const from = start < 0 ? size + start : start;
        const to = length < 0 ? size : from + length;
        const within = from < 0 ? [] : places(s, needle).filter((place) => place >= from && place < to);
        return [places(s, needle).length, within[0] ?? -1, within[1] ?? -1];
      });
      expect(found).toEqual(expected);
    }),
    { numRuns: 8 },
  );
});

/** Whether a text holds another as whole terms, which are runs of letters and digits; `start`: as the start of one. */
function holds(s: string, needle: string, part: 'whole' | 'start' | 'end'): boolean {
  const inTerm = (c: string | undefined): boolean => c !== undefined && /[a-zé0-9]/i.test(c);
  const [all, sought] = [[...s.toLowerCase()], [...needle.toLowerCase()]];
  return places(s.toLowerCase(), needle.toLowerCase()).some((at) => {
    const begins = part === 'end' || !inTerm(sought[0]) || !inTerm(all[at - 1]);
    const ends = part === 'start' || !inTerm(sought.at(-1)) || !inTerm(all[at + sought.length]);
    return begins && ends;
  });
}

test('terms are found where a walk over all places finds them, whole or by their start or end', async () => {
  const words = (max: number) =>
    fc.string({
      unit: fc.constantFrom('a', 'A', 'b', 'é', 'É', '1', '_', ' ', '.', '+'),
      minLength: 1,
      maxLength: max,
    });
  const texts = fc.array(words(10), { minLength: 40, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(texts, fc.array(words(3), { minLength: 10, maxLength: 10 }), async (rows, needles) => {
      const [n, m] = needles as [string, string];
      const list = (count: number): string =>
        needles
          .slice(0, count)
          .map((each) => `"${each}"`)
          .join(', ');
      const found = await run(`datatable(i:long, s:string)[${rows.map((s, i) => `${i}, "${s}"`).join(', ')}]
| sort by i asc
| project s has "${n}", s !has "${n}", s hasprefix "${n}", s hassuffix "${n}", s has_any (${list(3)}), s has_any (${list(10)}),
    s has_all ("${n}", "${m}"), s has_any (dynamic([${list(3)}])), s has_cs "${n}"`);
      const expected = rows.map((s) => {
        const whole = (each: string): boolean => holds(s, each, 'whole');
        const exactly = places(s, n).some((at) =>
          holds(s.slice(Math.max(0, at - 1), at + n.length + 1), n, 'whole'),
        );
        return [
          ...[whole(n), !whole(n), holds(s, n, 'start'), holds(s, n, 'end'), needles.slice(0, 3).some(whole)],
          ...[needles.some(whole), whole(n) && whole(m), needles.slice(0, 3).some(whole), exactly],
        ];
      });
      expect(found).toEqual(expected);
    }),
    { numRuns: 15 },
  );
});

test('arrays and bags are compared, joined and filled as an element by element reading has it', async () => {
  const row = fc.record({ a: array, b: array, g: gaps, x: bag, y: bag });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 40, maxLength: 40 }), async (rows) => {
      const cells = rows.map(
        ({ a, b, g, x, y }, i) => `${i}, ${[a, b, g, x, y].map((each) => literal(each)).join(', ')}`,
      );
      const found =
        await run(`datatable(i:long, a:dynamic, b:dynamic, g:dynamic, x:dynamic, y:dynamic)[${cells.join(', ')}]
| sort by i asc
| project set_union(a, b), set_intersect(a, b), set_difference(a, b), zip(a, b), array_index_of(a, 3, 1),
    series_fill_forward(g), series_fill_backward(g), bag_merge(x, y), bag_remove_keys(x, dynamic(["b", "x"])), bag_zip(b, a)`);
      const expected = rows.map(({ a, b, g, x, y }) => [
        distinct([...a, ...b]),
        distinct(a.filter((each) => b.includes(each))),
        distinct(a.filter((each) => !b.includes(each))),
        Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i] ?? null, b[i] ?? null]),
        a.findIndex((each, i) => i >= 1 && each === 3),
        filled(g).map((each, i) => each ?? g[i]),
        filled(g.toReversed()).toReversed(),
        { ...y, ...x },
        Object.fromEntries(Object.entries(x).filter(([key]) => key !== 'b' && key !== 'x')),
        Object.fromEntries(
          b.flatMap((key, i) => (typeof key === 'string' ? [[key, a[i] ?? null] as const] : [])),
          // Of a name that comes twice, the value is a JSON parser's choice: the last.
        ),
      ]);
      expect(found).toEqual(expected);
    }),
    { numRuns: 8 },
  );
});

test('very long ones come to an end', async () => {
  const sought = `range i from 1 to 30000 step 1
| summarize n = make_list(i), s = make_list(tostring(i)), g = make_list_with_nulls(iff(i % 100 == 0, i, long(null)))
| extend bag = bag_zip(s, n), t = strcat_array(s, "")
| project
    array_length(set_union(n, s)),
    array_length(set_intersect(n, n)),
    array_length(set_difference(s, n)),
    array_length(zip(n, s)),
    array_length(array_iff(n, s, n)),
    tolong(array_sort_desc(n, s)[0][0]),
    array_index_of(n, 30000, 1),
    tolong(series_fill_forward(g)[29998]),
    tolong(series_fill_backward(g)[0]),
    array_length(bag_keys(bag_merge(bag, bag_pack("x", 1)))),
    array_length(bag_keys(bag_remove_keys(bag, dynamic(["7"])))),
    array_length(extract_all("(9)(.)", t)) > 0,
    countof(t, "29999"),
    indexof(t, "29999", 5)`;
  const digits = Array.from({ length: 30_000 }, (_, i) => String(i + 1)).join('');
  expect(await run(sought)).toEqual([
    [60_000, 30_000, 30_000, 30_000, 30_000, 30_000, 29_999, 29_900, 100, 30_001, 29_999, true].concat(
      digits.split('29999').length - 1,
      digits.indexOf('29999', 5),
    ),
  ]);
});
