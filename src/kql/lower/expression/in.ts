/** `in`, `has_any`, `has_all`: a list, an array or a table on the right. */

import { membership } from '../../../plan/membership.ts';
import { aggregate, type Plan, unnest } from '../../../plan/nodes.ts';
import { column, isNullLiteral, literal, type Scalar } from '../../../plan/scalar.ts';
import { aggregation } from '../../functions/aggregates.ts';
import { callRow, convertTo, unified } from '../../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, findColumn, reference, refuse } from '../query/context.ts';
import { uniqueRefs } from '../query/relation.ts';
import { negated } from './binary.ts';
import { comparable } from './comparable.ts';
import { lowerScalar } from './expression.ts';
import { asTable, isTabular } from './subquery.ts';

/** `in`, `in~`, `has_any`, `has_all` and their negations; the right side is a list, an array or a table. */
export function lowerIn(context: Context, node: SyntaxNode): Scalar {
  const kind = kindOf(node);
  const left = lowerScalar(context, node.Left);
  const items = elements(node.Right.Expressions);
  const operator = kind.startsWith('Has') ? (kind === 'HasAnyExpression' ? 'has_any' : 'has_all') : 'in';
  const fold = String(node.Operator?.Text ?? '').endsWith('~');
  const found = isInNegation(kind, node)
    ? negated(inList(context, left, items, operator, fold, node), node)
    : inList(context, left, items, operator, fold, node);
  return found;
}

const isInNegation = (kind: string, node: SyntaxNode): boolean =>
  kind.startsWith('Not') || String(node.Operator?.Text ?? '').startsWith('!');

function inList(
  context: Context,
  left: Scalar,
  items: readonly SyntaxNode[],
  operator: 'in' | 'has_any' | 'has_all',
  fold: boolean,
  node: SyntaxNode,
): Scalar {
  const [only] = items;
  if (items.length === 1 && isTabular(context, only!))
    return inTable(context, left, only!, operator, fold, node);
  const values = items.flatMap((item) => spread(lowerScalar(context, item), operator === 'in'));
  const arrays = values.filter((value) => value.type === 'dynamic' && value.kind !== 'literal');
  if (arrays.length > 0) {
    if (values.length > 1)
      return refuse('MG003', 'a list of arrays that the query does not spell out has no translation', node);
    return inArray(left, arrays[0]!, operator, fold, node);
  }
  const [odd, hint] = oddNeedle(values);
  if (operator !== 'in' && odd)
    return refuse('MG003', `${odd} among the needles of ${operator} has no translation`, node, hint);
  if (operator !== 'in')
    return callRow(
      operator,
      [convertTo(left, 'string', node), ...values.map((value) => convertTo(value, 'string', node))],
      node,
    );
  if (fold)
    return callRow(
      'in_fold',
      [convertTo(left, 'string', node), ...values.map((value) => convertTo(value, 'string', node))],
      node,
    );
  if (values.length === 0) return literal('bool', false);
  if (left.type === 'dynamic')
    return [...new Set(values.map(({ type }) => type))]
      .map((type) =>
        inValues(
          left,
          values.filter((value) => value.type === type),
          node,
        ),
      )
      .reduce((any, next) => callRow('or', [any, next], node));
  return inValues(left, values, node);
}

/** What among needles no page gives a meaning, and what to do about it. */
function oddNeedle(values: readonly Scalar[]): [odd?: string, hint?: string] {
  if (values.some(isArrayLiteral)) return ['an array', 'spell it out'];
  return values.some(isNullLiteral) ? ['a null', 'leave it out'] : [];
}

const isArrayLiteral = (value: Scalar): boolean =>
  value.kind === 'literal' && value.type === 'dynamic' && String(value.value).startsWith('[');

/** Of a dynamic value, values of one type: it is read as that type. */
function inValues(left: Scalar, values: readonly Scalar[], node: SyntaxNode): Scalar {
  const pairs = values.map((value) => comparable(left, value, node));
  const head = unified(
    pairs.map(([a]) => a),
    node,
  )[0]!;
  return callRow(
    'in',
    [
      head,
      ...unified(
        pairs.map(([, b]) => b),
        node,
      ),
    ],
    node,
  );
}

function inArray(left: Scalar, list: Scalar, operator: string, fold: boolean, node: SyntaxNode): Scalar {
  if (operator !== 'in') return callRow(`${operator}_array`, [convertTo(left, 'string', node), list], node);
  if (fold) return callRow('in_array_fold', [convertTo(left, 'string', node), list], node);
  return callRow('in_array', [left, list], node);
}

/** The elements of an array literal, of arrays in it theirs where `deep`; any other value itself. */
function spread(value: Scalar, deep: boolean): Scalar[] {
  if (value.kind !== 'literal' || value.type !== 'dynamic' || value.value === null) return [value];
  const parsed: unknown = JSON.parse(String(value.value));
  const list: unknown[] = Array.isArray(parsed)
    ? deep
      ? parsed.flat(Number.POSITIVE_INFINITY)
      : parsed
    : [parsed];
  return list.map((item) => {
    if (typeof item === 'string') return literal('string', item);
    if (typeof item === 'boolean') return literal('bool', item);
    if (typeof item === 'number') {
      return Number.isSafeInteger(item) ? literal('long', BigInt(item)) : literal('real', item);
    }
    return literal('dynamic', item === null ? null : JSON.stringify(item));
  });
}

/** In a table of arrays, as `make_set` gives one, each element counts: nested arrays are flattened. */
function inArrays(
  left: Scalar,
  plan: Plan,
  found: Scalar,
  fold: boolean,
  item: SyntaxNode,
  node: SyntaxNode,
): Scalar {
  const [name] = uniqueRefs(
    ['element'],
    plan.columns.map((known) => known.name),
  ) as [string];
  const elements = unnest(plan, [{ name, value: callRow('elements_flat', [found], item) }], undefined, {
    label: 'members_elements',
  });
  return membership(left, elements, column(name, 'dynamic'), {
    fold,
    convert: (a, b) => comparable(a, b, node),
  });
}

function inTable(
  context: Context,
  left: Scalar,
  item: SyntaxNode,
  operator: string,
  fold: boolean,
  node: SyntaxNode,
): Scalar {
  const table = asTable(context, item);
  const first = table.columns[0];
  if (!first) return refuse('MG003', 'in needs a table with a column', item);
  const found = reference(findColumn(table, first.name)!);
  if (operator !== 'in') {
    const needle = found.type === 'dynamic' ? callRow('needle', [found], item) : found;
    const values = aggregation(
      { ...context, row: table },
      'make_set',
      [convertTo(needle, 'string', item)],
      item,
    );
    const plan = aggregate(table.plan, [], [{ name: 'needles', value: values }], { label: 'needles' });
    const needles: Scalar = Object.freeze({ kind: 'subquery', type: 'dynamic', nullable: true, plan });
    return inArray(left, needles, operator, fold, node);
  }
  if (found.type === 'dynamic') return inArrays(left, table.plan, found, fold, item, node);
  return membership(left, table.plan, found, { fold, convert: (a, b) => comparable(a, b, node) });
}
