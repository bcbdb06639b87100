/** Tabular expressions: sources, and the operators that follow them. */
import { own } from '../../../own.ts';
import { type Origin, scan } from '../../../plan/nodes.ts';
import type { Column } from '../../../schema/kql-types.ts';
import { didYouMean, ELSEWHERE } from '../../diagnostics.ts';
import { type SuppliedTable, supplyAs } from '../../environment.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { argumentsOf, lowerScalar } from '../expression/expression.ts';
import { callTable } from '../expression/user-function.ts';
import { type Context, nameOf, type Relation, refuse, textOf } from './context.ts';
import { OPERATORS, SOURCES } from './operators.ts';
import { lowerPattern, patternCall } from './pattern.ts';
import { relationOf, uniqueRefs } from './relation.ts';
import { countStep } from './size.ts';

export function lowerTabular(context: Context, node: SyntaxNode): Relation {
  const kind = kindOf(node);
  switch (kind) {
    case 'PipeExpression':
      return lowerPipe(context, node);
    case 'ParenthesizedExpression':
    case 'MaterializeExpression':
    case 'DataScopeExpression':
    case 'ToTableExpression':
      return lowerTabular(context, node.Expression);
    case 'NameReference':
      return lowerTableName(context, nameOf(node), node);
    default:
      break;
  }
  const pattern = patternCall(context, node);
  if (pattern) return lowerPattern(context, pattern);
  const source = SOURCES[kind];
  if (source) return source(context, node);
  if (kind === 'FunctionCallExpression') return lowerTableCall(context, node);
  if (kind === 'PathExpression' && /^(cluster|database|workspace)\b/.test(textOf(context, node).trim()))
    return refuse('MG001', 'a table of another cluster or database has no translation', node, ELSEWHERE);
  return refuse('MG001', `this source of rows (${kind}) has no translation`, node);
}

/** The pipe's operators in turn, without recursion: queries may have hundreds. */
function lowerPipe(context: Context, node: SyntaxNode): Relation {
  const steps: SyntaxNode[] = [];
  let source = node;
  while (kindOf(source) === 'PipeExpression') {
    steps.push(source.Operator);
    source = source.Expression;
  }
  const { label, ...inner } = context;
  let row = lowerTabular(inner, source);
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    const last = index === 0 && label !== undefined;
    row = lowerOperator({ ...inner, row, ...(last && { label }) }, steps[index]!);
  }
  return row;
}

export function lowerOperator(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  countStep(context, node);
  const operator = OPERATORS[kindOf(node)];
  if (!operator) {
    const word = context.session.text.slice(node.TextStart).match(/^[\w-]+/)?.[0] ?? kindOf(node);
    return refuse('MG001', `the operator ${word} has no translation`, node);
  }
  const { source: _, ...result } = operator({ ...context, windows: false }, node);
  if (result.columns.length === 0) return refuse('MG003', 'a table without columns has no translation', node);
  return kindOf(node) === 'AsOperator' && _ !== undefined ? { ...result, source: _ } : result;
}

export function lowerTableName(context: Context, name: string, node: SyntaxNode): Relation {
  const binding = context.scope.find(name);
  if (binding?.kind === 'table') {
    if (binding.relation.group === undefined) return binding.relation;
    // Read here, it would be the rows of every group.
    return refuse(
      'MG003',
      `the rows of one partition or array by name ('${name}', as in toscalar(${name} | …)) have no translation`,
      node,
      'summarize by the key and join, in place of partition',
    );
  }
  if (binding?.kind === 'missing') throw binding.refusal;
  if (binding?.kind === 'function') return callTable(context, binding, [], node);
  const columns = own(context.session.tables, name);
  if (!columns) {
    const near = didYouMean(name, Object.keys(context.session.tables));
    return refuse('KS204', `unknown table '${name}'`, node, near);
  }
  return tableRelation(name, columns, { label: name, start: node.TextStart, length: node.Width });
}

export function suppliedTable({ table, columns }: SuppliedTable): Relation {
  return tableRelation(table, columns, { label: table });
}

/** Of columns whose names differ only in case, the engine has the later ones as `name_1`, … */
function tableRelation(table: string, columns: readonly Column[], from: Origin): Relation {
  const refs = uniqueRefs(columns.map(({ name }) => name));
  const plan = scan(
    table,
    columns.map(({ type }, index) => ({ name: refs[index]!, type, nullable: type !== 'string' })),
    from,
  );
  return relationOf(
    plan,
    columns.map(({ name }) => name),
  );
}

/** What `table()` names: a constant, also through a `let` or a function's parameter. */
function tableNamed(context: Context, node: SyntaxNode): string {
  const value = lowerScalar(context, node);
  if (value.kind === 'literal' && value.type === 'string') return String(value.value);
  return refuse('MG003', 'table() of what is no constant text has no translation', node);
}

function lowerTableCall(context: Context, node: SyntaxNode): Relation {
  const name = nameOf(node.Name);
  const args = argumentsOf(node);
  const binding = context.scope.find(name);
  if (binding?.kind === 'function') return callTable(context, binding, args, node);
  if (name === 'table' && args.length > 0)
    return lowerTableName(context, tableNamed(context, args[0]!), args[0]!);
  if (name === 'materialize') return lowerTabular(context, args[0]!);
  if (name === '_GetWatchlist') {
    const alias = String(args[0]?.LiteralValue ?? '');
    const supplied = own(context.session.environment.watchlists, alias);
    if (!supplied) return refuse('MG010', `the watchlist '${alias}' is not given`, node, supplyAs(alias));
    return suppliedTable(supplied);
  }
  return refuse('MG010', `the function ${name} is not known here`, node);
}
