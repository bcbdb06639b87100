/** Kusto's aggregates over the rows of a group. */
import { type Expression, evaluate, expressionText } from './expression.ts';
import { keyOf, order, type Row, type Type, type Value, wrapped } from './value.ts';

export interface Aggregate {
  readonly as: string;
  readonly name: keyof typeof AGGREGATES;
  readonly argument: Expression;
  /** Of the result. */
  readonly type: Type;
}

/** What the aggregate gives for the values of a group: nulls are left out of all but `countif`. */
const AGGREGATES = {
  count: (values: readonly Value[]): Value => BigInt(values.length),
  countif: (values: readonly Value[]): Value => BigInt(values.filter((value) => value === true).length),
  sum: (values: readonly Value[]): Value => total(known(values), values),
  min: (values: readonly Value[]): Value => known(values).sort(order)[0] ?? null,
  max: (values: readonly Value[]): Value => known(values).sort(order).at(-1) ?? null,
  avg: (values: readonly Value[]): Value => Number(total(known(values), values)) / known(values).length,
  dcount: (values: readonly Value[]): Value => BigInt(distinct(values).length),
  set: (values: readonly Value[]): Value => distinct(values).sort(order),
  set_size: (values: readonly Value[]): Value => BigInt(distinct(values).length),
};

const known = (values: readonly Value[]): Value[] => values.filter((value) => value !== null);

const distinct = (values: readonly Value[]): Value[] => [
  ...new Map(known(values).map((value) => [keyOf([value]), value])).values(),
];

/** Of longs a long that wraps; of nothing 0. */
function total(values: readonly Value[], all: readonly Value[]): Value {
  if (values.some((value) => typeof value === 'number'))
    return values.reduce<number>((sum, value) => sum + Number(value), 0);
  if (all.length > 0 && values.length === 0) return 0n;
  return wrapped(values.reduce<bigint>((sum, value) => sum + (value as bigint), 0n));
}

export function aggregated({ name, argument }: Aggregate, rows: readonly Row[]): Value {
  return AGGREGATES[name](rows.map((row) => evaluate(argument, row)));
}

/** Sets come in no order, so that they are asked for sorted, or for their size. */
export function aggregateText({ as, name, argument }: Aggregate): string {
  const value = expressionText(argument);
  const forms: Readonly<Record<string, string>> = {
    count: 'count()',
    set: `array_sort_asc(make_set(${value}))`,
    set_size: `array_length(make_set(${value}))`,
  };
  return `${as} = ${forms[name] ?? `${name}(${value})`}`;
}
