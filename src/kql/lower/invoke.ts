/** `invoke`: the rows so far handed to a function. */
import type { SyntaxNode } from '../parser.ts';
import { type Context, nameOf, type Relation, refuse } from './context.ts';
import { argumentsOf } from './expression.ts';
import { callTable } from './user-function.ts';

export function lowerInvoke(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const call = node['Function'] as SyntaxNode;
  const name = nameOf(call['Name']);
  const binding = context.scope.find(name);
  if (binding?.kind === 'function') return callTable(context, binding, argumentsOf(call), node, context.row);
  return refuse(
    'MG010',
    `the function ${name} is not known here`,
    call,
    'define it with let, or give merganser its table',
  );
}
