/** `let`: names for values, tables and functions. */
import { Refusal } from '../../diagnostics.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { lowerExpression } from '../expression/expression.ts';
import { asTable, isTabular } from '../expression/subquery.ts';
import { type Binding, type Context, nameOf } from './context.ts';

export function lowerLet(context: Context, statement: SyntaxNode): void {
  const name = nameOf(statement.Name);
  const value = statement.Expression as SyntaxNode;
  if (kindOf(value) === 'FunctionDeclaration') {
    context.scope.define(name, { kind: 'function', declaration: value, scope: context.scope, name });
    return;
  }
  if (isTabular(context, value)) {
    context.scope.define(name, tableBinding({ ...context, label: name }, value));
    return;
  }
  context.scope.define(name, { kind: 'scalar', value: lowerExpression(context, value) });
}

function tableBinding(context: Context, value: SyntaxNode): Binding {
  try {
    return { kind: 'table', relation: asTable(context, value) };
  } catch (error) {
    if (error instanceof Refusal && error.code === 'KS204') return { kind: 'missing', refusal: error };
    throw error;
  }
}
