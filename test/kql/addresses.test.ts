/** Addresses and networks, at random, against arithmetic on their bits. */
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { openEngine, rowsOf } from './engine.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
});

const run = (query: string): Promise<unknown[][]> => rowsOf(connection, query);

/** Few octets, so that networks do hold addresses and each other. */
const octet = fc.constantFrom(0, 1, 10, 128, 192, 255);
const prefix = fc.constantFrom(0, 1, 8, 9, 16, 23, 24, 31, 32);
const address = fc.array(octet, { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'));
const network = fc.tuple(address, prefix).map(([a, p]) => `${a}/${p}`);
const none = fc.constantFrom(
  '',
  'a.b.c.d',
  '1.2.3',
  '1.2.3.256',
  '1.2.3.4/33',
  '1.2.3.4/',
  '::1',
  '1.2.3.4 ',
);
const either = fc.oneof(
  { weight: 5, arbitrary: address },
  { weight: 3, arbitrary: network },
  { weight: 1, arbitrary: none },
);

interface Ends {
  readonly first: number;
  readonly last: number;
}

/** The ends of a network by the bits that its prefix leaves free; undefined for what is no address. */
function ends(text: string): Ends | undefined {
  const [dotted = '', size = '32', ...rest] = text.split('/');
  const octets = dotted.split('.');
  const sound = octets.length === 4 && octets.every((each) => /^\d+$/.test(each) && Number(each) < 256);
  if (!sound || !/^\d+$/.test(size) || Number(size) > 32 || rest.length > 0) return undefined;
  const bits = octets.map((each) => Number(each).toString(2).padStart(8, '0')).join('');
  const kept = bits.slice(0, Number(size));
  return {
    first: Number.parseInt(kept.padEnd(32, '0'), 2),
    last: Number.parseInt(kept.padEnd(32, '1'), 2),
  };
}

/** By the shorter of their prefixes they are one. */
function meet(a: string, b: string): boolean | null {
  const [x, y] = [ends(a), ends(b)];
  if (!x || !y) return null;
  return (x.first <= y.first && y.last <= x.last) || (y.first <= x.first && x.last <= y.last);
}

const quoted = (values: readonly string[]): string => values.map((value) => `"${value}"`).join(', ');
const table = (values: readonly string[]): string =>
  `datatable(i:long, a:string)[${values.map((value, i) => `${i}, "${value}"`).join(', ')}]`;
const lists = { minLength: 12, maxLength: 12 };

test('whether a network holds an address is a matter of its first bits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(either, lists),
      fc.array(either, { minLength: 1, maxLength: 5 }),
      async (addresses, networks) => {
        const found = await run(`let Networks = toscalar(${table(networks)} | summarize make_list(a));
${table(addresses)}
| sort by i asc
| extend column = pack_array(${quoted(networks)})
| project
    parse_ipv4(a),
    ipv4_is_in_range(a, "${networks[0]}"),
    ipv4_is_in_any_range(a, ${quoted(networks)}),
    ipv4_is_in_any_range(a, dynamic([${quoted(networks)}])),
    ipv4_is_in_any_range(a, column),
    ipv4_is_in_any_range(a, Networks)`);
        const expected = addresses.map((a) => {
          const any = ends(a) ? networks.some((each) => meet(a, each)) : null;
          return [ends(a)?.first ?? null, meet(a, networks[0]!), any, any, any, any];
        });
        expect(found).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

test('a lookup gives each network that holds an address, and may keep what none holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(either, lists), fc.array(either, lists), async (addresses, networks) => {
      const lookup = (unmatched: boolean) =>
        run(`${table(addresses)}
| evaluate ipv4_lookup((${table(networks)} | project n = i, net = a), a, net, ${unmatched})
| project i, n
| sort by i asc, n asc`);
      const matches = addresses.map((a) => networks.flatMap((each, n) => (meet(a, each) ? [n] : [])));
      const inner = matches.flatMap((held, i) => held.map((n) => [i, n]));
      const kept = matches.flatMap((held, i) => (held.length === 0 ? [[i, null]] : held.map((n) => [i, n])));
      expect(await lookup(false)).toEqual(inner);
      expect(await lookup(true)).toEqual(kept);
    }),
    { numRuns: 25 },
  );
});
