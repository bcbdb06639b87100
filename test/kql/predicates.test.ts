import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { runs } from '../runs.ts';
import { openEngine, rowsOf } from './engine.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
});

/** Rows in which every column is null, empty, NaN, alike or unlike its neighbour in some. */
const ROWS = `datatable(id:long, s:string, t:string, i:string, x:long, y:long, r:real, q:real, b:bool, c:bool, d:datetime, j:dynamic)[
  1, 'a', 'a', '10.0.0.1', 1, 1, 1.5, 1.5, true, true, datetime(2026-01-01), dynamic({'a': 1, 'k': 'a', 'l': [1, 2]}),
  2, 'a b', 'B', '192.168.1.1 x', 1, 2, 2.0, 1.0, true, false, datetime(2026-01-01 12:00), dynamic({'a': 2, 'k': 'b', 'l': [3]}),
  3, '', '', '', long(null), long(null), real(null), real(null), bool(null), bool(null), datetime(null), dynamic(null),
  4, 'A', '', '8.8.8.8', 2, long(null), real(nan), real(nan), false, bool(null), datetime(2027-01-01), dynamic([1, 'a']),
  5, 'é b', 'é', '10.0.0.1', long(null), 2, real(nan), 1.0, bool(null), true, datetime(2025-06-01), dynamic({'l': []}),
  6, 'x,b', 'x', 'fe80::1', 3, 3, 1.0, real(nan), false, false, datetime(2026-01-02), dynamic({'a': null, 'k': ''}),
  7, 'true', 'TRUE', '1.1.1.1', 2, 1, real(null), 1.0, true, bool(null), datetime(2026-01-01), dynamic('a'),
  8, 'b', 'a', '10.9.9.9', -1, 1, real(-inf), real(+inf), false, true, datetime(1999-12-31), dynamic({'a': 1.0, 'k': 'b', 'l': ['a']})]`;

/** Whatever is true or not of a row: each operator and function that says so, with literals and with columns. */
const PREDICATES = `
x == y|x != y|x < y|x >= y|x == 1|x != 1|1 != x|x == real(1)|r == q|r != q|r < q|r <= q|r > q|r != 1.5|r == real(nan)|r != x|x != r
s == t|s != t|s =~ t|s !~ t|s == ''|s != ''|s has t|s !has t|s has 'a'|s !has 'a'|s has_cs 'A'|s has 'é'|s contains t|s !contains 'b'
s contains_cs 'A'|s startswith t|s !startswith 'a'|s startswith_cs 'A'|s endswith t|s !endswith_cs 'b'|s hasprefix 'a'|s !hasprefix t
s hassuffix t|s !hassuffix 'b'|s matches regex 'a.*'|s matches regex strcat('^', t)|s in ('a', 'b')|s !in ('a')|s in~ ('A', t)
s !in~ ('B')|s has_any ('a', 'b')|s has_any (t, 'z')|s has_all ('a', 'b')|s has_all (t, 'b')|s in ((datatable(z:string)['a', 'b']))
s !in ((datatable(z:string)['a', '']))|s has_any ((datatable(z:string)['a', 'b']))|x in (1, 2)|x !in (1)|x in (y, 3)|x !in (y)
r in (1.5, 2.0)|r !in (q)|x in ((print z = 1))|x !in ((print z = 1))|x between (1 .. 2)|x !between (1 .. 2)|r between (q .. 3.0)
r !between (1.0 .. q)|x between (y .. 3)|isnull(x)|isnotnull(r)|isempty(s)|isnotempty(t)|isnan(r)|isfinite(q)|isinf(r)|b|c|not(b)
b == c|b != c|b == true|b != false|true|false|ipv4_is_private(i)|ipv4_is_in_range(i, '10.0.0.0/8')|ipv4_is_match(i, '10.0.0.1')
ipv4_is_in_any_range(i, '10.0.0.0/16', '1.0.0.0/8')|ipv4_is_in_any_range(i, dynamic(['10.0.0.0/16', '8.8.8.8']))|ipv6_is_match(i, 'fe80::1')
has_ipv4(i, '10.0.0.1')|has_any_ipv4(i, '192.168.1.1', '8.8.8.8')|has_ipv4_prefix(i, '10.')|has_any_ipv4_prefix(i, '10.0.', '192.168.')
j.a == 1|j.a != 1|j.k == s|j.k != s|j.a > 1|tostring(j.k) == s|j has 'a'|isnull(j.a)|isempty(j.k)|array_length(j.l) > 1|bag_has_key(j, 'a')
set_has_element(j.l, x)|d > datetime(2026-01-01)|d == datetime(2026-01-01)|d != datetime(2026-01-01)|d between (datetime(2026-01-01) .. 1d)
d !between (datetime(2026-01-01) .. datetime(2026-06-01))|dayofweek(d) != 1d|iff(b, c, x == 1)|coalesce(b, c, false)|case(b, c, x == 1, b, true)
tobool(s)|isutf8(s)|isascii(s)|strcmp(s, t) == 0|strlen(s) != x|hash(s, 2) == 0|todouble(s) != r|toint(x) != y|min_of(x, y) == 1
max_of(r, q) != 1.5|todecimal(x) != todecimal(y)|gettype(j.a) == 'long'|(x == 1) == (y == 2)|(x == 1) != b|strcat(s, t) has 'a'`
  .trim()
  .split(/[|\n]/);

const forms: ((p: string, q: string, r: string) => string)[] = [
  (p, q) => `${p} and ${q}`,
  (p, q) => `${p} or ${q}`,
  (p, q) => `not(${p}) and ${q}`,
  (p, q) => `not(${p} and ${q})`,
  (p, q) => `not(${p} or ${q})`,
  (p, q, r) => `(${p} and ${q}) or ${r}`,
  (p, q, r) => `(${p} or ${q}) and ${r}`,
  (p, q, r) => `not(${p}) and not(${q}) and ${r}`,
  (p, q, r) => `(${p} or not(${q})) and (${r} or ${q})`,
  (p, q) => `(${p}) == (${q})`,
  (p, q) => `(${p}) != (${q})`,
  (p, q, r) => `iff(${p}, ${q}, ${r})`,
];

test('a predicate is the same within another as in a column of its own, which the other then reads', async () => {
  const predicate = fc.constantFrom(...PREDICATES);
  const [kept, dropped] = [new Set<string>(), new Set<string>()];
  await fc.assert(
    fc.asyncProperty(predicate, predicate, predicate, fc.constantFrom(...forms), async (p, q, r, form) => {
      const direct = form(p, q, r);
      const ids = await rowsOf(connection, `${ROWS}\n| where ${direct}\n| project id | sort by id asc`);
      const columns = `extend p = ${p}, q = ${q}, r = ${r}`;
      const expected = `${ROWS}\n| ${columns}\n| where ${form('p', 'q', 'r')}\n| project id | sort by id asc`;
      expect(ids, direct).toEqual(await rowsOf(connection, expected));
      const [[count]] = (await rowsOf(connection, `${ROWS}\n| summarize n = countif(${direct})`)) as [
        [number],
      ];
      expect(count, `countif(${direct})`).toBe(ids.length);
      if (ids.length > 0) kept.add(p);
      if (ids.length < 8) dropped.add(p);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  // Predicates that let everything through, or nothing, would prove nothing.
  expect(Math.min(kept.size, dropped.size)).toBeGreaterThan(Math.min(RUNS, PREDICATES.length) / 3);
});

const RUNS = Number(process.env.PREDICATES ?? runs(160));
