/** Tables where values stand: `toscalar()`, `in (table)`; and telling the two apart. */
import { own } from '../../../own.ts';
import type { Scalar } from '../../../plan/scalar.ts';
import { callRow } from '../../functions/call.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, findColumn, nameOf, type Relation, refuse } from '../query/context.ts';
import { patternCall } from '../query/pattern.ts';
import { lowerTabular } from '../query/pipeline.ts';
import { lowerScalar } from './expression.ts';

const TABULAR_KINDS: ReadonlySet<string> = new Set([
  'PipeExpression',
  'DataTableExpression',
  'ExternalDataExpression',
  'RangeOperator',
  'PrintOperator',
  'UnionOperator',
  'SearchOperator',
  'FindOperator',
  'ToTableExpression',
  'MaterializedViewCombineExpression',
  'EvaluateOperator',
]);

/** Whether the expression is a table rather than a value. */
export function isTabular(context: Context, node: SyntaxNode): boolean {
  const kind = kindOf(node);
  if (TABULAR_KINDS.has(kind)) return true;
  if (
    kind === 'ParenthesizedExpression' ||
    kind === 'MaterializeExpression' ||
    kind === 'DataScopeExpression'
  ) {
    return isTabular(context, node.Expression);
  }
  if (kind === 'NameReference') {
    const name = nameOf(node);
    if (findColumn(context.row, name)) return false;
    const binding = context.scope.find(name);
    return binding
      ? binding.kind === 'table' || binding.kind === 'missing'
      : own(context.session.tables, name) !== undefined;
  }
  if (patternCall(context, node)) return true;
  if (kind === 'FunctionCallExpression') {
    const name = nameOf(node.Name);
    const binding = context.scope.find(name);
    if (binding?.kind === 'function') return returnsTable(binding.declaration, context, binding.scope, 0);
    return ['table', '_GetWatchlist', 'materialize', 'view'].includes(name) && name !== 'view';
  }
  return false;
}

function returnsTable(
  declaration: SyntaxNode,
  context: Context,
  scope: Context['scope'],
  depth: number,
): boolean {
  const body = declaration.Body?.Expression as SyntaxNode | undefined;
  if (!body || depth > 60) return false;
  const type = body.ResultType;
  if (type?.Columns && kindOf(body) !== 'FunctionCallExpression')
    return (
      TABULAR_KINDS.has(kindOf(body)) ||
      (body.ResultType.IsOpen !== undefined && kindOf(body) === 'NameReference')
    );
  if (kindOf(body) === 'FunctionCallExpression') {
    const inner = scope.find(nameOf(body.Name));
    if (inner?.kind === 'function') return returnsTable(inner.declaration, context, inner.scope, depth + 1);
  }
  return isTabular({ ...context, scope }, body);
}

export function asTable(context: Context, node: SyntaxNode): Relation {
  const { row: _, left: __, right: ___, aggregates: ____, ...rest } = context;
  return lowerTabular(rest, node);
}

/** `toscalar(…)`: the first value of the first column. */
export function lowerSubquery(context: Context, node: SyntaxNode): Scalar {
  const inner = node.Expression as SyntaxNode;
  if (!isTabular(context, inner)) return lowerScalar(context, inner);
  const table = asTable(context, inner);
  const [first] = table.columns;
  if (!first) return refuse('MG003', 'toscalar needs a table with a column', node);
  const plan =
    table.plan.columns[0]?.name === first.ref
      ? table.plan
      : refuse('MG003', 'toscalar of this table has no translation', node);
  const value: Scalar = Object.freeze({ kind: 'subquery', type: first.type, nullable: true, plan });
  return first.type === 'string' ? callRow('string_or_empty', [value], node) : value;
}
