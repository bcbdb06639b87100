/**
 * Queries whose columns depend on the data (`bag_unpack`, `pivot`): translating such a query gives what to run first;
 * with its rows, translating again gives the query.
 */
import type { Plan } from '../plan/nodes.ts';
import type { Column, KqlType } from '../schema/kql-types.ts';

/** What a first run found: names, and for `bag_unpack` the JSON types seen under each. */
export type DiscoveredRows = readonly (readonly [name: string, types: readonly string[]])[];

export interface Discovery {
  readonly key: string;
  readonly plan: Plan;
}

/** Thrown when the lowering comes to a step whose columns are not known yet. */
export class NeedsDiscovery extends Error {
  override readonly name: string = 'NeedsDiscovery';
  readonly discovery: Discovery;

  constructor(discovery: Discovery) {
    super('columns depend on the data');
    this.discovery = discovery;
  }
}

const TYPES: Readonly<Record<string, KqlType>> = {
  long: 'long',
  double: 'real',
  string: 'string',
  bool: 'bool',
  array: 'dynamic',
  dictionary: 'dynamic',
};

/** A property of one type has that type; of several, it is dynamic. Sorted by name, as the real engine has them. */
export function unpackedColumns(rows: DiscoveredRows): Column[] {
  return [...rows]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, seen]) => {
      const types = [
        ...new Set(seen.filter((type) => type !== 'null').map((type) => TYPES[type] ?? 'dynamic')),
      ];
      return { name, type: types.length === 1 ? types[0]! : 'dynamic' };
    });
}
