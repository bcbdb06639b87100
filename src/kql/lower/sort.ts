/** `sort` / `order`: descending unless told otherwise; null is the smallest value. */
import { sort } from '../../plan/nodes.ts';
import { column, type Scalar, type SortKey } from '../../plan/scalar.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { lowerExpression } from './expression/expression.ts';
import { type Context, type Relation, refuse } from './query/context.ts';
import { origin } from './query/relation.ts';

/** A key of `sort by` or `top by`, and a second one where NaN must stand apart from -infinity. */
export function sortKeysOf(context: Context, item: SyntaxNode): SortKey[] {
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
  const nullsFirst = nulls ? nulls === 'first' : !descending;
  if (value.type === 'real' && nullsFirst !== descending) return nanSmallest(value, descending, item);
  return [{ value: value.type === 'bool' ? convertTo(value, 'bool', item) : value, descending, nullsFirst }];
}

/** NaN stands beside null: the least of all numbers where null is the least; the engine has it as the greatest. */
function nanSmallest(value: Scalar, descending: boolean, item: SyntaxNode): SortKey[] {
  const nullsFirst = !descending;
  return [
    { value: callRow('nan_smallest', [value], item), descending, nullsFirst },
    { value: callRow('isnan', [value], item), descending: !descending, nullsFirst },
  ];
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
  const keys = elements(node.Expressions).flatMap((item) => sortKeysOf(context, item));
  return sorted(context.row, keys, origin(context, 'sort', node));
}
