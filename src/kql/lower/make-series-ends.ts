/**
 * The ends of a series: what `from` and `to` say, or where its data begin and end, over all rows or for each key.
 * https://learn.microsoft.com/kusto/query/make-series-operator#parameters
 */
import { aggregate, join } from '../../plan/nodes.ts';
import { replaced } from '../../plan/rebuild.ts';
import { column, literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { aggregation } from '../functions/aggregates.ts';
import { callRow } from '../functions/call.ts';
import type { SyntaxNode } from '../parser.ts';
import { arithmetic } from './expression/arithmetic.ts';
import type { Context, Relation } from './query/context.ts';
import { conjunction, type NamedValue, uniqueRefs } from './query/relation.ts';

type Row = Context & { row: Relation };

export interface Ends {
  readonly from: Scalar | undefined;
  readonly to: Scalar | undefined;
}

interface Axis {
  readonly axis: Scalar;
  readonly type: KqlType;
  readonly step: Scalar;
  readonly keys: readonly NamedValue[];
}

export interface Ended {
  readonly context: Row;
  readonly from: Scalar;
  readonly to: Scalar;
  /** Columns that hold each series' own ends, where it has such. */
  readonly ends: readonly NamedValue[];
}

export function endsOf(context: Row, { from, to }: Ends, parts: Axis, node: SyntaxNode): Ended {
  if (from && to) return { context, from, to, ends: [] };
  if (parts.keys.length > 0) return ofEach(context, { from, to }, parts, node);
  const bound = (name: string): Scalar => {
    const item = { name, value: aggregation(context, name, [parts.axis], node) };
    const plan = aggregate(context.row.plan, [], [item], { label: `axis_${name}` });
    return Object.freeze({ kind: 'subquery', type: parts.axis.type, nullable: true, plan });
  };
  return {
    context,
    from: from ?? binned(bound('min'), parts.step, node),
    to: to ?? beyond(bound('max'), parts.type, node),
    ends: [],
  };
}

/** The rows, each with the ends of its series. */
function ofEach(context: Row, { from, to }: Ends, { axis, type, step, keys }: Axis, node: SyntaxNode): Ended {
  const { plan } = context.row;
  const own = plan.columns.map(({ name }) => name);
  const [start, end, first, last, ...refs] = uniqueRefs(
    ['series_start', 'series_end', 'axis_min', 'axis_max', ...keys.map(({ name }) => name)],
    own,
  ) as [string, string, string, string, ...string[]];
  const bounds = aggregate(
    plan,
    keys.map(({ value }, i) => ({ name: refs[i]!, value })),
    [
      { name: first, value: aggregation(context, 'min', [axis], node) },
      { name: last, value: aggregation(context, 'max', [axis], node) },
    ],
    { label: 'axis_of_each' },
  );
  const left = (value: Scalar): Scalar =>
    replaced(value, (part) => (part.kind === 'column' ? { ...part, side: 'left' } : undefined));
  const on = conjunction(
    keys.map(({ value }, i) =>
      callRow('same', [left(value), column(refs[i]!, value.type, { side: 'right' })], node),
    ),
  );
  const right = (name: string): Scalar => column(name, axis.type, { side: 'right' });
  const items = [
    ...plan.columns.map(({ name, type: own_, nullable }) => ({
      name,
      value: column(name, own_, { nullable, side: 'left' }),
    })),
    { name: start, value: from ?? binned(right(first), step, node) },
    { name: end, value: to ?? beyond(right(last), type, node) },
  ];
  const row = { ...context.row, plan: join('inner', plan, bounds, on, items, { label: 'series_ends' }) };
  const [starts, ends] = [column(start, type), column(end, type)];
  return {
    context: { ...context, row },
    from: starts,
    to: ends,
    ends: [
      { name: start, value: starts },
      { name: end, value: ends },
    ],
  };
}

/** The smallest step beyond a value, so that the last value is inside. */
function beyond(value: Scalar, type: KqlType, node: SyntaxNode): Scalar {
  const tick =
    type === 'real'
      ? literal('real', Number.MIN_VALUE)
      : literal(type === 'long' ? 'long' : 'timespan', type === 'long' ? 1n : 10n);
  return arithmetic('add', value, tick, node);
}

const BINS: Partial<Record<KqlType, string>> = {
  datetime: 'bin_datetime',
  timespan: 'bin_timespan',
  real: 'bin_real',
};

const binned = (value: Scalar, step: Scalar, node: SyntaxNode): Scalar =>
  callRow(BINS[value.type] ?? 'bin_long', [value, step], node);
