/** `sort` / `order`: descending unless told otherwise; null is the smallest value. */
import { sort } from '../../plan/nodes.ts';
import { column, type Scalar, type SortKey } from '../../plan/scalar.ts';
import { convertTo } from '../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { type Context, type Relation, refuse } from './context.ts';
import { lowerExpression } from './expression.ts';
import { origin } from './relation.ts';

/** One key of `sort by` or `top by`. */
export function sortKeyOf(context: Context, item: SyntaxNode): SortKey {
  const ordered = kindOf(item) === 'OrderedExpression';
  const value: Scalar = lowerExpression(context, ordered ? item.Expression : item);
  if (value.type === 'dynamic')
    return refuse(
      'KS107',
      'a dynamic value cannot be sorted by',
      item,
      'wrap it in tostring(), tolong() or todatetime()',
    );
  const direction = ordered ? String(item.Ordering?.AscOrDescKeyword?.Text ?? '') : '';
  const nulls = ordered ? String(item.Ordering?.NullsClause?.FirstOrLastKeyword?.Text ?? '') : '';
  const descending = direction !== 'asc' && !direction.includes('asc');
  return {
    value: value.type === 'bool' ? convertTo(value, 'bool', item) : value,
    descending,
    nullsFirst: nulls ? nulls === 'first' : !descending,
  };
}

/** Sorting anew; within groups, the group comes first. The number of the rows is void afterwards. */
export function sorted(row: Relation, keys: readonly SortKey[], from: ReturnType<typeof origin>): Relation {
  const group: SortKey[] = row.group
    ? [{ value: column(row.group, 'long', { nullable: false }), descending: false, nullsFirst: false }]
    : [];
  const { rowNumber: _, ...rest } = row;
  return { ...rest, plan: sort(row.plan, [...group, ...keys], from), ordered: true };
}

export function lowerSort(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const keys = elements(node.Expressions).map((item) => sortKeyOf(context, item));
  return sorted(context.row, keys, origin(context, 'sort', node));
}
