/** `search`: a term anywhere in the row, of the rows so far or of the tables named. */
import { call, literal, type Scalar } from '../../plan/scalar.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { asBool } from './expression/binary.ts';
import { lowerScalar } from './expression/expression.ts';
import { cannotHold, completed, namedColumns } from './named-columns.ts';
import { type Context, parametersOf, type Relation, reference, refuse, textOf } from './query/context.ts';
import { filtered, origin, projected } from './query/relation.ts';
import { everyTable, inputsOf, united } from './union.ts';

type Row = Context & { row: Relation };

/** Beyond as many columns the SQL of a search is megabytes. */
const MAX_COLUMNS = 1000;

export function lowerSearch(context: Row, node: SyntaxNode): Relation {
  if (node.InClause) return refuse('MG003', 'search in after a pipe has no translation', node);
  const { plan, source } = context.row;
  return searched(context, node, source ?? (plan.kind === 'scan' ? plan.table : 'search_arg0'));
}

/** `search in (A, B) "term"`, or all tables: each searched, their rows put together. */
export function lowerSearchSource(context: Context, node: SyntaxNode): Relation {
  const { label: _, ...inner } = context;
  const inputs = node.InClause
    ? inputsOf(context, node.InClause.Expressions, 0, false)
    : everyTable(inner, node).filter(({ relation }) => !cannotHold(node.Condition, relation));
  if (inputs.length === 0) return refuse('KS142', 'no table has the columns that the search names', node);
  const width = inputs.reduce((sum, { relation }) => sum + relation.columns.length, 0);
  if (width > MAX_COLUMNS)
    return refuse(
      'MG008',
      `a search of ${inputs.length} tables with ${width} columns is too large`,
      node,
      'write search in (Table, …) "term"',
    );
  const whole = completed(inputs, namedColumns(inner, node.Condition), node);
  const found = whole.map(({ relation, own, source }) => ({
    relation: searched({ ...context, row: relation }, node, source, own),
    source,
  }));
  return united(context, node, found, 'outer', undefined);
}

/** The rows where the condition holds, in the columns of `shown`. */
function searched(context: Row, node: SyntaxNode, source: string, shown = context.row): Relation {
  const kind = parametersOf(node).get('kind');
  const fold = !kind || !textOf(context, kind).includes('case_sensitive');
  const found = filtered(context.row, lowerCondition(context, node.Condition, fold), {
    label: 'search_rows',
  });
  const columns = shown.columns.map((column) => ({ name: column.name, value: reference(column) }));
  return projected(
    found,
    [{ name: '$table', value: literal('string', source) }, ...columns],
    origin(context, 'search', node),
  );
}

/** A condition of `find`, which is one of `search` that ignores case. */
export const searchCondition = (context: Row, node: SyntaxNode): Scalar =>
  lowerCondition(context, node, true);

/** Texts stand for a term in any column; `and`, `or`, `not` and comparisons of columns keep their meaning. */
function lowerCondition(context: Row, node: SyntaxNode, fold: boolean): Scalar {
  switch (kindOf(node)) {
    case 'ParenthesizedExpression':
      return lowerCondition(context, node.Expression, fold);
    case 'AndExpression':
    case 'OrExpression': {
      const sides = [node.Left, node.Right].map((side) => lowerCondition(context, side, fold));
      return callRow(kindOf(node) === 'AndExpression' ? 'and' : 'or', sides, node);
    }
    case 'FunctionCallExpression': {
      const [only] = elements(node.ArgumentList?.Expressions);
      if (node.Name?.SimpleName === 'not' && only)
        return callRow('not', [lowerCondition(context, only, fold)], node);
      return asBool(lowerScalar(context, node), node);
    }
    case 'StringLiteralExpression':
    case 'CompoundStringLiteralExpression':
      return anywhere(context, String(node.LiteralValue), fold, node);
    case 'StarExpression':
      return literal('bool', true);
    case 'SearchExpression':
      return termIn(lowerScalar(context, node.Left), String(node.Right.LiteralValue ?? ''), fold, node);
    default:
      return asBool(lowerScalar(context, node), node);
  }
}

function anywhere(context: Row, term: string, fold: boolean, node: SyntaxNode): Scalar {
  const parts = context.row.columns.map((column) => termIn(reference(column), term, fold, node));
  return parts.reduce(
    (left, right) => call('or', 'bool', [left, right], false),
    literal('bool', false) as Scalar,
  );
}

/** `abc` a term, `abc*` a term's start, `*abc` its end, `*abc*` anywhere. */
function termIn(value: Scalar, term: string, fold: boolean, node: SyntaxNode): Scalar {
  const starts = term.startsWith('*');
  const ends = term.endsWith('*') && term.length > 1;
  const bare = term.slice(starts ? 1 : 0, ends ? -1 : undefined);
  if (bare.includes('*')) return refuse('MG003', 'a * inside a search term has no translation', node);
  if (bare === '') return literal('bool', true);
  const name = starts && ends ? 'contains' : starts ? 'hassuffix' : ends ? 'hasprefix' : 'has';
  const text = convertTo(value, 'string', node);
  return callRow(fold ? name : `${name}_cs`, [text, literal('string', bare)], node);
}
