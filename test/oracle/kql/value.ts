/** What the interpreter of random pipelines holds: values, columns and tables, by Kusto's documentation alone. */

export type Type = 'bool' | 'long' | 'real' | 'string' | 'dynamic';

/** A long is a bigint, a real a number; a string is never null. `dynamic` is an array of such values. */
export type Value = bigint | number | string | boolean | null | readonly Value[];

export interface Column {
  readonly name: string;
  readonly type: Type;
  /** Holds no NaN, no infinity and nothing rounded: it may be summed, sorted, grouped and compared by anybody. */
  readonly exact: boolean;
}

export type Row = Readonly<Record<string, Value>>;

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** Longs are 64 bits wide and wrap. https://learn.microsoft.com/kusto/query/scalar-data-types/long */
export const wrapped = (value: bigint): bigint => BigInt.asIntN(64, value);

/** What stands where a row has no value: strings have no null. */
export const absent = (type: Type): Value => (type === 'string' ? '' : null);

/** A text that is equal exactly where values group together: null with null, '' apart from null. */
export function keyOf(values: readonly Value[]): string {
  return JSON.stringify(values.map((value) => (value === null ? null : `${typeof value}:${value}`)));
}

/** Null is the smallest value; strings go by their code points. https://learn.microsoft.com/kusto/query/sort-operator */
export function order(one: Value, other: Value): number {
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  if (typeof one === 'string') return Buffer.compare(Buffer.from(one), Buffer.from(String(other)));
  return one < other ? -1 : one > other ? 1 : 0;
}
