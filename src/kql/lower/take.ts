/** `take`, `limit`, `sample`: some rows; without an order, the first that come. */
import { filter, limit, project } from '../../plan/nodes.ts';
import { column, literal, type Scalar } from '../../plan/scalar.ts';
import { callRow, convertTo } from '../functions/call.ts';
import type { SyntaxNode } from '../parser.ts';
import { lowerExpression } from './expression/expression.ts';
import { type Context, type Relation, refuse } from './query/context.ts';
import { ownName } from './query/naming.ts';
import {
  inOrder,
  numbered,
  origin,
  partitionOf,
  rowOrder,
  uniqueRefs,
  windowOver,
} from './query/relation.ts';
import { aggregated } from './summarize.ts';

/** The first rows of the relation, or of each of its groups. */
export function firstRows(
  row: Relation,
  count: Scalar,
  node: SyntaxNode,
  from: ReturnType<typeof origin>,
): Relation {
  if (count.kind === 'literal' && (count.value === null || (count.value as bigint) < 0n))
    return refuse('MG003', 'a negative number of rows has no translation', node);
  if (!row.group) return { ...row, plan: limit(inOrder(row).plan, notNegative(count, node), from) };
  const ranked = numbered(row);
  const [name] = uniqueRefs(
    ['position'],
    ranked.plan.columns.map((existing) => existing.name),
  ) as [string];
  const position = windowOver('row_number', 'long', [], partitionOf(ranked), rowOrder(ranked), false);
  const kept = ranked.plan.columns.map(({ name: ref, type, nullable }) => ({
    name: ref,
    value: column(ref, type, { nullable }),
  }));
  const plan = project(ranked.plan, [...kept, { name, value: position }], { label: 'positions' });
  const within = callRow('less_equal', [column(name, 'long', { nullable: false }), count], node);
  return { ...ranked, plan: project(filter(plan, within, from), kept, from) };
}

/** The engine refuses a negative limit that it meets in the rows; none are taken then. */
const notNegative = (count: Scalar, node: SyntaxNode): Scalar =>
  count.kind === 'literal' ? count : callRow('max_of', [count, literal('long', 0n)], node);

export function lowerTake(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const count = convertTo(lowerExpression(context, node.Expression), 'long', node);
  return firstRows(context.row, count, node, origin(context, 'take', node));
}

/** Any rows are a sample; the first are the cheapest. */
export const lowerSample = lowerTake;

export function lowerSampleDistinct(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const count = convertTo(lowerExpression(context, node.Expression), 'long', node);
  const of = node.OfExpression as SyntaxNode;
  const name = ownName(of) ?? 'Column1';
  const from = origin(context, 'sample_distinct', node);
  const distinct = aggregated(
    context,
    [{ name, value: lowerExpression(context, of) }],
    [],
    node,
    'sample_distinct',
  );
  return firstRows(distinct, count, node, from);
}
