/** Which tables a plan reads, and how much of them. */
import type { Plan, TimeBounds } from './nodes.ts';
import { plansOf } from './walk.ts';

export interface TableRead {
  readonly table: string;
  readonly columns: readonly string[];
  /** What the query says of the table's time; rows outside it cannot matter. */
  readonly bounds?: TimeBounds;
}

export function scansOf(plan: Plan): TableRead[] {
  const found: TableRead[] = [];
  for (const node of plansOf(plan)) {
    if (node.kind !== 'scan') continue;
    found.push({
      table: node.table,
      columns: node.columns.map(({ name }) => name),
      ...(node.bounds && { bounds: node.bounds }),
    });
  }
  return found;
}
