/** Scalar expressions of the plan: typed with KQL's types, frozen, free of KQL and SQL text. */
import type { KqlType } from '../schema/kql-types.ts';
import type { Plan } from './nodes.ts';

interface Typed {
  readonly type: KqlType;
  /** False only where the value is known never to be null. Strings never are. */
  readonly nullable: boolean;
}

export interface ColumnReference extends Typed {
  readonly kind: 'column';
  readonly name: string;
  /** In a join's condition and items: which input the column comes from. */
  readonly side?: 'left' | 'right';
  /** How many bits a whole number in it may take, where fewer than its type's. */
  readonly bits?: number;
}

/** datetime in microseconds since 1970, timespan in ticks of 100 ns, dynamic as JSON text, long and int as bigint. */
export type LiteralValue = string | number | bigint | boolean | null;

export interface Literal extends Typed {
  readonly kind: 'literal';
  readonly value: LiteralValue;
}

/** A function of the row, by its Kusto name (operators by names such as `add`, `equal`, `has`). */
export interface Call extends Typed {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Scalar[];
}

export interface SortKey {
  readonly value: Scalar;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** An aggregate of a group, or of a window when it stands in `Window`. */
export interface Aggregation extends Typed {
  readonly kind: 'aggregation';
  readonly name: string;
  readonly args: readonly Scalar[];
  readonly filter?: Scalar;
  readonly order?: readonly SortKey[];
}

/** A function over the rows in their order. */
export interface Window extends Typed {
  readonly kind: 'window';
  readonly name: string;
  readonly args: readonly Scalar[];
  readonly partition: readonly Scalar[];
  readonly order: readonly SortKey[];
}

/** The single value of a plan of one column: its first row, or null. */
export interface Subquery extends Typed {
  readonly kind: 'subquery';
  readonly plan: Plan;
}

/** Whether `value` is among the rows of a plan of one column. */
export interface Membership extends Typed {
  readonly kind: 'membership';
  readonly value: Scalar;
  readonly plan: Plan;
}

export type Scalar = ColumnReference | Literal | Call | Aggregation | Window | Subquery | Membership;

export function column(
  name: string,
  type: KqlType,
  options: { nullable?: boolean; side?: 'left' | 'right'; bits?: number } = {},
): ColumnReference {
  const nullable = type !== 'string' && (options.nullable ?? true);
  return Object.freeze({
    kind: 'column',
    name,
    type,
    nullable,
    ...(options.side && { side: options.side }),
    ...(options.bits !== undefined && { bits: options.bits }),
  });
}

export function literal(type: KqlType, value: LiteralValue): Literal {
  return Object.freeze({
    kind: 'literal',
    type,
    value: type === 'string' ? (value ?? '') : value,
    nullable: value === null && type !== 'string',
  });
}

/** A call; `nullable` defaults to whether an argument is. */
export function call(name: string, type: KqlType, args: readonly Scalar[], nullable?: boolean): Call {
  return Object.freeze({
    kind: 'call',
    name,
    type,
    args: Object.freeze([...args]),
    nullable: type !== 'string' && (nullable ?? args.some((arg) => arg.nullable)),
  });
}

export function isNullLiteral(scalar: Scalar): boolean {
  return scalar.kind === 'literal' && scalar.value === null;
}
