/** `count`: how many rows. */
import { aggregate } from '../../plan/nodes.ts';
import { aggregation } from '../functions/aggregates.ts';
import type { SyntaxNode } from '../parser.ts';
import { type Context, nameOf, type Relation } from './query/context.ts';
import { groupKeys, origin, prepared, relationInGroup } from './query/relation.ts';

export function lowerCount(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const name = node.AsIdentifier ? nameOf(node.AsIdentifier.Identifier) : 'Count';
  const inner = prepared(context);
  const counted = { name, value: aggregation(inner, 'count', [], node) };
  return relationInGroup(
    context.row,
    aggregate(inner.row.plan, groupKeys(inner.row), [counted], origin(context, 'count', node)),
    [name],
  );
}
