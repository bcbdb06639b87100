/** `mv-expand`: a row for every element of an array, or member of a bag; several run side by side. */
import { unnest } from '../../plan/nodes.ts';
import { column, literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { FEW } from '../functions/aggregates.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { typeofType } from '../functions/regex.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { lowerScalar } from './expression/expression.ts';
import { type Context, nameOf, parametersOf, type Relation, refuse, textOf } from './query/context.ts';
import { namedExpression, ownName, plainNames } from './query/naming.ts';
import { extended, inOrder, type NamedValue, origin, uniqueRefs } from './query/relation.ts';

export interface Expansion {
  readonly name: string;
  readonly list: Scalar;
  readonly type: KqlType;
}

/** The expressions of `mv-expand` or `mv-apply`. */
export function expansions(context: Context, node: SyntaxNode): Expansion[] {
  const parameters = parametersOf(node);
  const kind = parameters.get('kind') ?? parameters.get('bagexpansion');
  const asArrays = kind !== undefined && textOf(context, kind).trim() === 'array';
  const plain = plainNames(new Set());
  return elements(node.Expressions).map((item) => {
    const { name, expression } = namedExpression(item.Expression);
    const own = name ?? ownName(expression) ?? plain();
    const value = lowerScalar(context, expression);
    const to = item.ToTypeOf;
    const typeNode = to && (to.TypeOf ?? to.GetChild(1));
    if (value.type !== 'dynamic')
      return refuse(
        'KS234',
        `mv-expand needs a dynamic value, not a ${value.type}`,
        item,
        value.type === 'string' ? 'parse the text with todynamic()' : undefined,
      );
    const list = callRow(asArrays ? 'elements_arrays' : 'elements', [value], item);
    return { name: own, list, type: typeNode ? typeofType(typeNode) : 'dynamic' };
  });
}

/** The relation with a row per element, and each element a column (typed as asked for). */
export function expanded(
  row: Relation,
  items: readonly Expansion[],
  index: string | undefined,
  node: SyntaxNode,
  from: ReturnType<typeof origin>,
): Relation {
  const taken = row.plan.columns.map(({ name }) => name);
  const refs = uniqueRefs(
    items.map(({ name }) => name),
    taken,
  );
  const [position] = index === undefined ? [] : uniqueRefs([index], [...taken, ...refs]);
  const plan = unnest(
    row.plan,
    items.map(({ list }, i) => ({ name: refs[i]!, value: list })),
    position,
    { label: `${from.label}_elements` },
  );
  const values: NamedValue[] = items.map(({ name, type }, i) => ({
    name,
    value: typed(column(refs[i]!, 'dynamic'), type, node),
  }));
  if (index !== undefined)
    values.push({ name: index, value: column(position!, 'long', { nullable: false }) });
  const { rowNumber: _, ...rest } = row;
  return extended({ ...rest, plan }, values, from);
}

/** What an element has to be for its type: datetimes, timespans and guids are their texts in a dynamic. */
const CONFORMING: Partial<Record<KqlType, string>> = {
  bool: 'as_bool',
  int: 'element_int',
  long: 'element_number',
  real: 'element_number',
  datetime: 'element_text',
  timespan: 'element_text',
  guid: 'element_text',
};

/** "The operation of applying type is cast-only and doesn't include parsing": what does not conform is null. */
function typed(element: Scalar, type: KqlType, node: SyntaxNode): Scalar {
  const conforming = CONFORMING[type];
  return convertTo(conforming ? callRow(conforming, [element], node) : element, type, node);
}

export function lowerMvExpand(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const indexNode = parametersOf(node).get('with_itemindex');
  const index = indexNode ? nameOf(indexNode) : undefined;
  const row = inOrder(context.row);
  let items = expansions({ ...context, row }, node);
  const count = limitOf(context, node);
  if (count)
    items = items.map((item) => ({ ...item, list: callRow('first_elements', [item.list, count], node) }));
  return expanded(row, items, index, node, origin(context, 'mv_expand', node));
}

/** Rows of each row: as many as asked for; all, but for the operator's older spelling. */
function limitOf(context: Context, node: SyntaxNode): Scalar | undefined {
  if (node.RowLimitClause) return convertTo(lowerScalar(context, node.RowLimitClause.RowLimit), 'long', node);
  return textOf(context, node).startsWith('mvexpand') ? literal('long', FEW) : undefined;
}
