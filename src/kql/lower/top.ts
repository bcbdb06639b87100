/** `top`: `sort by` and `take` in one. */
import { convertTo } from '../functions/call.ts';
import type { SyntaxNode } from '../parser.ts';
import { lowerExpression } from './expression/expression.ts';
import type { Context, Relation } from './query/context.ts';
import { origin } from './query/relation.ts';
import { sorted, sortKeysOf } from './sort.ts';
import { firstRows } from './take.ts';

export function lowerTop(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const count = convertTo(lowerExpression(context, node.Expression), 'long', node);
  const from = origin(context, 'top', node);
  return firstRows(sorted(context.row, sortKeysOf(context, node.ByExpression), from), count, node, from);
}
