/** `top-hitters`: the most frequent values. */
import { aggregation } from '../functions/aggregates.ts';
import type { SyntaxNode } from '../parser.ts';
import type { Context, Relation } from './context.ts';
import { lowerScalar } from './expression.ts';
import { ownName } from './naming.ts';
import { columnNamed, origin, prepared } from './relation.ts';
import { sorted } from './sort.ts';
import { aggregated } from './summarize.ts';
import { firstRows } from './take.ts';

export function lowerTopHitters(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const inner = prepared(context);
  const of = node['OfExpression'] as SyntaxNode;
  const name = ownName(of) ?? 'Column1';
  const by = node['ByClause']?.Expression as SyntaxNode | undefined;
  const weight = by
    ? {
        name: `approximate_sum_${ownName(by) ?? ''}`,
        value: aggregation(inner, 'sum', [lowerScalar(inner, by)], node),
      }
    : { name: `approximate_count_${name}`, value: aggregation(inner, 'count', [], node) };
  const counted = aggregated(inner, [{ name, value: lowerScalar(inner, of) }], [weight], node, 'top_hitters');
  const from = origin(context, 'top_hitters', node);
  const key = { value: columnNamed(counted, weight.name), descending: true, nullsFirst: false };
  return firstRows(sorted(counted, [key], from), lowerScalar(context, node['Expression']), node, from);
}
