/** `serialize`: the rows stand in order from here on; new columns may look at their neighbours. */
import { elements, type SyntaxNode } from '../parser.ts';
import { lowerExtend } from './extend.ts';
import type { Context, Relation } from './query/context.ts';

export function lowerSerialize(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const row = { ...context.row, ordered: true };
  if (elements(node.Expressions).length === 0) return row;
  return lowerExtend({ ...context, row }, node);
}
