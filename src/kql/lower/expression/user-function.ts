/** Functions that the query defines with `let`: their bodies are lowered where they are called. */
import type { Scalar } from '../../../plan/scalar.ts';
import type { KqlType } from '../../../schema/kql-types.ts';
import { convertTo } from '../../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { type Binding, type Context, nameOf, type Relation, refuse, Scope } from '../query/context.ts';
import { lowerLet } from '../query/let.ts';
import { lowerTabular } from '../query/pipeline.ts';
import { countStep } from '../query/size.ts';
import { lowerScalar } from './expression.ts';
import { asTable, isTabular } from './subquery.ts';

type FunctionBinding = Extract<Binding, { kind: 'function' }>;
const MAX_DEPTH = 60;

export function lowerUserFunction(
  context: Context,
  binding: FunctionBinding,
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Scalar {
  return expanded(context, binding, args, node, undefined, (inner, body) => lowerScalar(inner, body));
}

/** `source` is the table that `invoke` hands to the first parameter. */
export function callTable(
  context: Context,
  binding: FunctionBinding,
  args: readonly SyntaxNode[],
  node: SyntaxNode,
  source?: Relation,
): Relation {
  return expanded(context, binding, args, node, source, (inner, body) => lowerTabular(inner, body));
}

function expanded<T>(
  context: Context,
  binding: FunctionBinding,
  args: readonly SyntaxNode[],
  node: SyntaxNode,
  source: Relation | undefined,
  lower: (inner: Context, body: SyntaxNode) => T,
): T {
  const scope = new Scope(binding.scope);
  bindParameters(context, scope, binding, args, node, source);
  return evaluated(context, binding.name, scope, binding.declaration.Body, node, lower);
}

/** The table that a body gives, its names those of `outer` and its own. */
export function lowerBody(
  context: Context,
  name: string,
  outer: Scope,
  body: SyntaxNode,
  node: SyntaxNode,
): Relation {
  return evaluated(context, name, new Scope(outer), body, node, lowerTabular);
}

function evaluated<T>(
  context: Context,
  name: string,
  scope: Scope,
  body: SyntaxNode,
  node: SyntaxNode,
  lower: (inner: Context, body: SyntaxNode) => T,
): T {
  const { calls } = context.session;
  if (calls.some((call) => call.name === name) || calls.length > MAX_DEPTH)
    refuse('MG011', `${name} calls itself`, node);
  countStep(context, node);
  calls.push({ name, node });
  try {
    const { row: _, left: __, right: ___, label: ____, ...rest } = context;
    const inner: Context = { ...rest, scope, aggregates: false };
    for (const statement of elements(body.Statements)) {
      if (kindOf(statement) === 'LetStatement') lowerLet(inner, statement);
    }
    const expression = body.Expression as SyntaxNode | null;
    if (!expression) return refuse('MG003', `${name} gives nothing`, node);
    return lower(inner, expression);
  } finally {
    calls.pop();
  }
}

function bindParameters(
  context: Context,
  scope: Scope,
  binding: FunctionBinding,
  args: readonly SyntaxNode[],
  node: SyntaxNode,
  source: Relation | undefined,
): void {
  const named = new Map<string, SyntaxNode>();
  const positional: SyntaxNode[] = [];
  for (const arg of args) {
    if (kindOf(arg) === 'SimpleNamedExpression') named.set(nameOf(arg.Name), arg.Expression);
    else positional.push(arg);
  }
  const parameters = elements(binding.declaration.Parameters.Parameters);
  for (const [index, parameter] of parameters.entries()) {
    const name = nameOf(parameter.NameAndType.Name);
    const type = parameter.NameAndType.Type as SyntaxNode;
    if (source && index === 0) {
      scope.define(name, { kind: 'table', relation: source });
      continue;
    }
    const given = named.get(name) ?? positional.shift() ?? parameter.DefaultValue?.Value;
    if (!given) refuse('KS119', `${binding.name} needs the argument ${name}`, node);
    scope.define(name, parameterBinding(context, given, type));
  }
}

function parameterBinding(context: Context, given: SyntaxNode, type: SyntaxNode): Binding {
  if (kindOf(type) === 'SchemaTypeExpression' || isTabular(context, given)) {
    return { kind: 'table', relation: asTable(context, given) };
  }
  const value = lowerScalar(context, given);
  const written = String(type.Type?.ValueText ?? type.Type?.Text ?? '');
  const declared = ({ double: 'real', boolean: 'bool', date: 'datetime', time: 'timespan' }[written] ??
    written) as KqlType;
  return { kind: 'scalar', value: declared ? convertTo(value, declared, given) : value };
}
