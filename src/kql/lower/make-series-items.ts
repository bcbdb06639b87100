/** What `make-series` computes for each step: an aggregate that is a number, and what stands where a step has no rows. */
import { column, isNullLiteral, literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { callRow, convertTo, isNumber, widest } from '../functions/call.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { lowerScalar } from './expression/expression.ts';
import { type Context, type Relation, refuse } from './query/context.ts';
import type { NamedValue } from './query/relation.ts';
import { aggregatesOf } from './summarize.ts';

export interface Item extends NamedValue {
  readonly fallback: Scalar;
}

export function itemsOf(
  context: Context & { row: Relation },
  node: SyntaxNode,
  keys: readonly NamedValue[],
  taken: Set<string>,
): Item[] {
  return elements(node.Aggregates).map((item) => {
    const named = numeric(aggregatesOf(context, item.Expression, keys, taken), item.Expression);
    const given = item.DefaultExpression?.Expression as SyntaxNode | undefined;
    const fallback = given ? lowerScalar(context, given) : literal('long', 0n);
    if (!isNumber(fallback.type) && !isNullLiteral(fallback))
      return refuse('KS234', `the default of a series is a number, not a ${fallback.type}`, given!);
    return { ...named, fallback };
  });
}

/** "Aggregations over multiple columns or non-numeric results aren't supported." */
function numeric(columns: readonly NamedValue[], node: SyntaxNode): NamedValue {
  const [named] = columns as [NamedValue];
  if (columns.length > 1) return refuse('KS234', 'make-series takes aggregates of one column each', node);
  if (!isNumber(named.value.type))
    return refuse('KS234', `make-series takes aggregates that are numbers, not a ${named.value.type}`, node);
  return named;
}

export const filledType = ({ value, fallback }: Item): KqlType =>
  widest([value.type, fallback.type]) ?? value.type;

/** What the step's aggregate gave, or the default where the step had no rows. */
export function filledValue(item: Item, ref: string, slotRef: string, node: SyntaxNode): Scalar {
  const type = filledType(item);
  const found = convertTo(column(ref, item.value.type, { side: 'right' }), type, node);
  const missing = callRow('isnull', [column(slotRef, 'long', { side: 'right' })], node);
  return callRow('case', [missing, convertTo(item.fallback, type, node), found], node, type);
}
