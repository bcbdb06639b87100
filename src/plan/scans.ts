/** Which tables a plan reads, and how much of them. */
import type { Plan, TimeBounds } from './nodes.ts';
import type { Scalar } from './scalar.ts';
import { plansOf, scalarsOf, scalarsWithin } from './walk.ts';

export interface TableRead {
  readonly table: string;
  readonly columns: readonly string[];
  /** What the query says of the table's time; rows outside it cannot matter. */
  readonly bounds?: TimeBounds;
}

export function scansOf(plan: Plan): TableRead[] {
  const found: TableRead[] = [];
  for (const node of plansOf(plan)) {
    for (const scalar of scalarsOf(node)) found.push(...lookedUp(scalar));
    if (node.kind !== 'scan') continue;
    found.push({
      table: node.table,
      columns: node.columns.map(({ name }) => name),
      ...(node.bounds && { bounds: node.bounds }),
    });
  }
  return found;
}

/** A table that a function reads, named by its last argument. */
function lookedUp(scalar: Scalar): TableRead[] {
  return [...scalarsWithin(scalar)].flatMap((part) => {
    if (part.kind !== 'call' || part.name !== 'geo_info') return [];
    const table = part.args.at(-1);
    return table?.kind === 'literal'
      ? [
          {
            table: String(table.value),
            columns: ['network', 'country', 'state', 'city', 'latitude', 'longitude'],
          },
        ]
      : [];
  });
}
