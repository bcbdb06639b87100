/** `evaluate`: plugins. */
import type { SyntaxNode } from '../parser.ts';
import { type Context, nameOf, type Relation, refuse } from './context.ts';

export function lowerEvaluate(_: Context & { row: Relation }, node: SyntaxNode): Relation {
  return refuse('MG007', `the plugin ${nameOf(node['FunctionCall'].Name)} has no translation`, node);
}
