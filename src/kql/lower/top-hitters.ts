/** `top-hitters` approximates; which values win a tie, and the order of the rows, follow no rule in recorded answers. */
import type { SyntaxNode } from '../parser.ts';
import { type Context, type Relation, refuse } from './query/context.ts';

export function lowerTopHitters(_: Context & { row: Relation }, node: SyntaxNode): Relation {
  return refuse(
    'MG001',
    'top-hitters is an approximation that has no translation',
    node,
    'write summarize count() by … | top …',
  );
}
