/** The plan's nodes: relational algebra, frozen. Inputs are shared, so a plan is a graph without cycles. */
import type { KqlType } from '../schema/kql-types.ts';
import { bitsOf } from './bits.ts';
import type { Literal, Scalar, SortKey } from './scalar.ts';

export interface PlanColumn {
  readonly name: string;
  readonly type: KqlType;
  readonly nullable: boolean;
  /** Of whole numbers, where fewer than the type's. */
  readonly bits?: number;
}

export interface Origin {
  /** What the source calls this step: a table, a let name, an operator. */
  readonly label: string;
  /** Where in the source text the step stands. */
  readonly start?: number;
  readonly length?: number;
  /** The rules of meaning applied that a reader of the source may not expect. */
  readonly rules?: readonly string[];
}

interface Node {
  readonly columns: readonly PlanColumn[];
  readonly origin: Origin;
}

export interface Item {
  readonly name: string;
  readonly value: Scalar;
}

export interface TimeBounds {
  readonly column: string;
  /** Microseconds since 1970; both inclusive. */
  readonly from?: bigint;
  readonly to?: bigint;
}

export interface Scan extends Node {
  readonly kind: 'scan';
  readonly table: string;
  readonly bounds?: TimeBounds;
}
export interface Values extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly Literal[])[];
}
/** `from`, `from + step`, … while not beyond `to`. */
export interface Series extends Node {
  readonly kind: 'series';
  readonly from: Scalar;
  readonly to: Scalar;
  readonly step: Scalar;
}
export interface Filter extends Node {
  readonly kind: 'filter';
  readonly input: Plan;
  readonly predicate: Scalar;
}
export interface Project extends Node {
  readonly kind: 'project';
  readonly input: Plan | null;
  readonly items: readonly Item[];
}
export interface Aggregate extends Node {
  readonly kind: 'aggregate';
  readonly input: Plan;
  readonly keys: readonly Item[];
  readonly aggregates: readonly Item[];
}
export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'cross';
export interface Join extends Node {
  readonly kind: 'join';
  readonly type: JoinType;
  readonly left: Plan;
  readonly right: Plan;
  readonly on: Scalar;
  readonly items: readonly Item[];
}
export interface Sort extends Node {
  readonly kind: 'sort';
  readonly input: Plan;
  readonly keys: readonly SortKey[];
}
export interface Limit extends Node {
  readonly kind: 'limit';
  readonly input: Plan;
  readonly count: Scalar;
}
/** One row for each distinct value of `keys`: the first in `order`. */
export interface First extends Node {
  readonly kind: 'first';
  readonly input: Plan;
  readonly keys: readonly Scalar[];
  readonly order: readonly SortKey[];
}
export interface Union extends Node {
  readonly kind: 'union';
  readonly inputs: readonly Plan[];
}
/** One row per element of `lists` (arrays run side by side, the shorter padded with null), each given a name. */
export interface Unnest extends Node {
  readonly kind: 'unnest';
  readonly input: Plan;
  readonly lists: readonly Item[];
  /** The elements' position, from 0, where asked for. */
  readonly index?: string;
}

export interface State extends Item {
  readonly initial: Scalar;
}
/**
 * Values carried from row to row: on a row where `matched` holds, each state becomes its `value`. The rows are numbered
 * from 1 by the column `row`; expressions read the state so far from the left, the row from the right. Gives, for each
 * row, its number, the state after it, and whether it matched.
 */
export interface Fold extends Node {
  readonly kind: 'fold';
  readonly input: Plan;
  readonly row: string;
  readonly states: readonly State[];
  readonly matched: Scalar;
  readonly hit: string;
}

/**
 * The rows reached from those where `first` holds, going on from row to row by `next`, which holds the number of a
 * later row or null. Gives the numbers of all rows, several times, `reached` at least once where that is so.
 */
export interface Chain extends Node {
  readonly kind: 'chain';
  readonly input: Plan;
  readonly row: string;
  readonly next: string;
  readonly first: string;
}

export type Plan =
  | Chain
  | Fold
  | Scan
  | Values
  | Series
  | Filter
  | Project
  | Aggregate
  | Join
  | Sort
  | Limit
  | First
  | Union
  | Unnest;
export type PlanKind = Plan['kind'];

function columnOf(item: Item): PlanColumn {
  const { type, nullable } = item.value;
  const bits = type === 'long' ? bitsOf(item.value) : 63;
  return Object.freeze({ name: item.name, type, nullable, ...(bits < 63 && { bits }) });
}

const freeze = <T extends object>(node: T): T => Object.freeze(node);

export const scan = (table: string, columns: readonly PlanColumn[], origin: Origin): Scan =>
  freeze({ kind: 'scan', table, columns, origin });

export const values = (
  columns: readonly PlanColumn[],
  rows: readonly (readonly Literal[])[],
  origin: Origin,
): Values => freeze({ kind: 'values', columns, rows, origin });

export const series = (name: string, from: Scalar, to: Scalar, step: Scalar, origin: Origin): Series =>
  freeze({
    kind: 'series',
    from,
    to,
    step,
    origin,
    columns: [freeze({ name, type: from.type, nullable: false })],
  });

export const filter = (input: Plan, predicate: Scalar, origin: Origin): Filter =>
  freeze({ kind: 'filter', input, predicate, origin, columns: input.columns });

export const project = (input: Plan | null, items: readonly Item[], origin: Origin): Project =>
  freeze({ kind: 'project', input, items, origin, columns: items.map(columnOf) });

export const aggregate = (
  input: Plan,
  keys: readonly Item[],
  aggregates: readonly Item[],
  origin: Origin,
): Aggregate =>
  freeze({
    kind: 'aggregate',
    input,
    keys,
    aggregates,
    origin,
    columns: [...keys, ...aggregates].map(columnOf),
  });

export const join = (
  type: JoinType,
  left: Plan,
  right: Plan,
  on: Scalar,
  items: readonly Item[],
  origin: Origin,
): Join => freeze({ kind: 'join', type, left, right, on, items, origin, columns: items.map(columnOf) });

export const sort = (input: Plan, keys: readonly SortKey[], origin: Origin): Sort =>
  freeze({ kind: 'sort', input, keys, origin, columns: input.columns });

export const limit = (input: Plan, count: Scalar, origin: Origin): Limit =>
  freeze({ kind: 'limit', input, count, origin, columns: input.columns });

export const first = (
  input: Plan,
  keys: readonly Scalar[],
  order: readonly SortKey[],
  origin: Origin,
): First => freeze({ kind: 'first', input, keys, order, origin, columns: input.columns });

export const union = (inputs: readonly Plan[], columns: readonly PlanColumn[], origin: Origin): Union =>
  freeze({ kind: 'union', inputs, columns, origin });

export const unnest = (
  input: Plan,
  lists: readonly Item[],
  index: string | undefined,
  origin: Origin,
): Unnest =>
  freeze({
    kind: 'unnest',
    input,
    lists,
    origin,
    ...(index !== undefined && { index }),
    columns: [
      ...input.columns,
      ...lists.map(({ name }) => freeze({ name, type: 'dynamic' as const, nullable: true })),
      ...(index === undefined ? [] : [freeze({ name: index, type: 'long' as const, nullable: false })]),
    ],
  });

export const fold = (
  input: Plan,
  row: string,
  states: readonly State[],
  matched: Scalar,
  hit: string,
  origin: Origin,
): Fold =>
  freeze({
    kind: 'fold',
    input,
    row,
    states,
    matched,
    hit,
    origin,
    columns: [
      freeze({ name: row, type: 'long' as const, nullable: false }),
      ...states.map(({ name, value }) =>
        freeze({ name, type: value.type, nullable: value.type !== 'string' }),
      ),
      freeze({ name: hit, type: 'bool' as const, nullable: false }),
    ],
  });

export const chain = (
  input: Plan,
  { row, next, first }: Pick<Chain, 'row' | 'next' | 'first'>,
  origin: Origin,
): Chain =>
  freeze({
    kind: 'chain',
    input,
    row,
    next,
    first,
    origin,
    columns: [
      freeze({ name: row, type: 'long' as const, nullable: false }),
      freeze({ name: 'reached', type: 'bool' as const, nullable: false }),
    ],
  });
