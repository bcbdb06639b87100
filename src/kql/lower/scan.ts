/** `scan`: rows matched in steps. */
import type { SyntaxNode } from '../parser.ts';
import { type Context, type Relation, refuse } from './context.ts';

export function lowerScan(_: Context & { row: Relation }, node: SyntaxNode): Relation {
  return refuse('MG001', 'the operator scan has no translation', node);
}
