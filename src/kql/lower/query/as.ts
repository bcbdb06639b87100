/** `as`: a name for the rows so far. */
import type { SyntaxNode } from '../../parser.ts';
import { type Context, nameOf, type Relation } from './context.ts';

export function lowerAs(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const { plan } = context.row;
  const name = nameOf(node.Name);
  const named: Relation = {
    ...context.row,
    source: name,
    plan: Object.freeze({
      ...plan,
      origin: { ...plan.origin, label: plan.kind === 'scan' ? plan.origin.label : name },
    }),
  };
  context.scope.define(name, { kind: 'table', relation: named });
  return named;
}
