/** `declare pattern`: a query for each combination of literals, chosen where the pattern is called. */
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { argumentsOf, lowerScalar } from '../expression/expression.ts';
import { lowerBody } from '../expression/user-function.ts';
import { type Binding, type Context, nameOf, type Relation, refuse, textOf } from './context.ts';

type PatternBinding = Extract<Binding, { kind: 'pattern' }>;

export function lowerPatternStatement(context: Context, statement: SyntaxNode): void {
  const declaration = statement.Pattern as SyntaxNode | null;
  if (!declaration) refuse('MG003', 'a pattern without its queries has no translation', statement);
  const name = nameOf(statement.Name);
  context.scope.define(name, { kind: 'pattern', declaration, scope: context.scope, name });
}

interface PatternCall {
  readonly binding: PatternBinding;
  readonly call: SyntaxNode;
  readonly path: SyntaxNode | undefined;
}

/** `pattern("a").b`, `pattern("a")`; undefined for any other expression. */
export function patternCall(context: Context, node: SyntaxNode): PatternCall | undefined {
  const kind = kindOf(node);
  const call =
    kind === 'PathExpression' || kind === 'ElementExpression' ? (node.Expression as SyntaxNode) : node;
  if (kindOf(call) !== 'FunctionCallExpression') return undefined;
  const binding = context.scope.find(nameOf(call.Name));
  if (binding?.kind !== 'pattern') return undefined;
  return { binding, call, path: call === node ? undefined : (node.Selector as SyntaxNode) };
}

export function lowerPattern(context: Context, { binding, call, path }: PatternCall): Relation {
  const args = argumentsOf(call).map((arg) => literalValue(context, arg));
  const scope = path && pathText(context, path);
  const chosen = elements(binding.declaration.Patterns).find((match) => {
    const values = elements(match.ParameterValues?.Expressions).map((each) => literalValue(context, each));
    const own = match.PathValue ? literalValue(context, match.PathValue.Value) : undefined;
    return (
      own === scope && values.length === args.length && values.every((value, index) => value === args[index])
    );
  });
  if (!chosen)
    return refuse(
      'KS002',
      `the pattern ${binding.name} has no query for ${textOf(context, call)}${scope === undefined ? '' : `.${scope}`}`,
      call,
    );
  return lowerBody(context, binding.name, binding.scope, chosen.Body, call);
}

function literalValue(context: Context, node: SyntaxNode): string {
  const value = lowerScalar(context, node);
  return value.kind === 'literal'
    ? String(value.value)
    : refuse('MG003', 'a pattern is called with literals', node);
}

function pathText(context: Context, node: SyntaxNode): string {
  const inner = (node.Expression ?? node) as SyntaxNode;
  return kindOf(inner) === 'NameReference' ? nameOf(inner) : literalValue(context, inner);
}
