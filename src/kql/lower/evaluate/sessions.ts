/**
 * `row_window_session()`: when the session of a row began. Neighbours too far apart, nulls and restarts cut the rows
 * into segments, each with a session at its start; where the next one begins depends on where this one began, so that
 * the rest of them are found by going from start to start, in all segments at once.
 * https://learn.microsoft.com/kusto/query/row-window-session-function
 */
import { aggregate, chain, filter, join, type Plan, project } from '../../../plan/nodes.ts';
import { column, literal, type Scalar } from '../../../plan/scalar.ts';
import { callRow, convertTo } from '../../functions/call.ts';
import { canonicalName } from '../../functions/special.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { arithmetic } from '../expression/arithmetic.ts';
import { asBool } from '../expression/binary.ts';
import { argumentsOf, lowerScalar } from '../expression/expression.ts';
import { hoist } from '../expression/window-steps.ts';
import { type Context, nameOf, type Relation, refuse } from '../query/context.ts';
import { type NamedValue, origin, partitionOf, rowOrder, uniqueRefs, windowOver } from '../query/relation.ts';

type Row = Context & { row: Relation };

/** Farther than any datetime is from another, in ticks, and short of an overflow when added to one. */
const FARTHEST = 4_000_000_000_000_000_000n;

/** The context with a hidden column for every call of `row_window_session` in an expression, inner ones first. */
export function withSessions(context: Row, node: SyntaxNode): Row {
  const kind = kindOf(node);
  if (kind === 'PipeExpression' || kind === 'ToScalarExpression') return context;
  let found = context;
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index);
    if (child) found = withSessions(found, child);
  }
  const called = kind === 'FunctionCallExpression' && canonicalName(nameOf(node.Name));
  return called === 'row_window_session' ? withSession(found, node) : found;
}

function withSession(context: Row, node: SyntaxNode): Row {
  if (!context.row.ordered)
    return refuse(
      'KS256',
      'row_window_session needs rows in order',
      node,
      'put sort by or serialize before it',
    );
  const args = argumentsOf(node);
  const [time, reach, gap] = args.map((arg) => lowerScalar(context, arg));
  if (!time || !reach || !gap || time.type !== 'datetime' || args.length > 4)
    return refuse('MG003', 'row_window_session has a translation for a datetime and two timespans', node);
  const restart = args[3] ? asBool(lowerScalar(context, args[3]), args[3]) : literal('bool', false);
  if (reach.kind !== 'literal' || typeof reach.value !== 'bigint' || reach.value <= 0n)
    return refuse('MG003', 'only a literal distance above zero has a translation', args[1]!);
  const parts = {
    time,
    reach: literal('long', reach.value < FARTHEST ? reach.value : FARTHEST),
    apart: apart(context.row, time, convertTo(gap, 'timespan', node), restart, node),
  };
  const { plan, ref } = sessions(context, parts, node);
  const session = column(ref, 'datetime');
  return {
    ...context,
    row: { ...context.row, plan },
    sessions: new Map([...(context.sessions ?? []), [node, session]]),
  };
}

/** Whether a row begins a session whatever the one before it began with. */
function apart(row: Relation, time: Scalar, gap: Scalar, restart: Scalar, node: SyntaxNode): Scalar {
  const before = windowOver(
    'lag',
    'datetime',
    [time, literal('long', 1n), literal('datetime', null)],
    partitionOf(row),
    rowOrder(row),
  );
  const or = (left: Scalar, right: Scalar): Scalar => callRow('or', [left, right], node);
  const far = callRow('greater_equal', [time, arithmetic('add', before, gap, node)], node);
  const none = or(callRow('isnull', [before], node), callRow('isnull', [time], node));
  return or(none, or(far, restart));
}

interface Parts {
  readonly time: Scalar;
  readonly reach: Scalar;
  readonly apart: Scalar;
}

const long = (name: string, nullable = false): Scalar => column(name, 'long', { nullable });

/**
 * The rows with a column more: the time at which the row's session began. A session's first row is later than all of
 * its segment before it, so that the next one begins where the latest time so far has come far enough.
 */
function sessions(context: Row, parts: Parts, node: SyntaxNode): { plan: Plan; ref: string } {
  const { row } = context;
  const [group, order] = [partitionOf(row), rowOrder(row)];
  const running = (value: Scalar): Scalar =>
    windowOver('running_count', 'long', [value], group, order, false);
  const names = [
    'session_time',
    'session_apart',
    'segment',
    'peak',
    'next',
    'begins',
    'session_count',
    'session',
  ];
  const hoisted = hoist(
    row,
    [parts.time, parts.apart, running(parts.apart)].map((value, index) => ({ name: names[index]!, value })),
  );
  const [time, first, segment, peak, next, begins, number, session] = uniqueRefs(
    names,
    hoisted.row.plan.columns.map(({ name }) => name),
  ) as [string, string, string, string, string, string, string, string];
  const [own, start] = [column(time, 'datetime'), column(begins, 'bool', { nullable: false })];
  const within = [...group, long(segment)];
  const ticks = windowOver('running_max', 'long', [convertTo(own, 'long', node)], within, order);
  const values = hoisted.items.map(({ value }, index) => ({ name: [time, first, segment][index]!, value }));
  const segments = withColumns(hoisted.row.plan, values, 'segments');
  const peaks = withColumns(segments, [{ name: peak, value: ticks }], 'session_peaks');
  const byPeak = [{ value: long(peak, true), descending: false, nullsFirst: true }];
  const beyond = windowOver(
    'first_beyond',
    'long',
    [long(row.rowNumber!), long(peak, true), parts.reach],
    within,
    byPeak,
  );
  const nexts = withColumns(peaks, [{ name: next, value: beyond }], 'session_nexts');
  const reached = chain(nexts, { row: row.rowNumber!, next, first }, { label: 'sessions' });
  const counted = withColumns(
    withStarts(nexts, reached, row.rowNumber!, begins, node),
    [{ name: number, value: running(start) }],
    'session_numbers',
  );
  const began = callRow('case', [start, own, literal('datetime', null)], node, 'datetime');
  const value = windowOver('running_max', 'datetime', [began], [...group, long(number)], order);
  const plan = project(
    counted,
    [...kept(row.plan), { name: session, value }],
    origin(context, 'row_window_session', node),
  );
  return { plan, ref: session };
}

/** The rows with a mark on those that a chain reached. */
function withStarts(rows: Plan, reached: Plan, number: string, mark: string, node: SyntaxNode): Plan {
  const hits = filter(reached, column('reached', 'bool', { nullable: false }), { label: 'sessions_reached' });
  const once = aggregate(hits, [{ name: number, value: long(number) }], [], { label: 'session_starts' });
  const at = (side: 'left' | 'right'): Scalar => column(number, 'long', { nullable: side === 'right', side });
  const items = [...kept(rows, 'left'), { name: mark, value: callRow('isnotnull', [at('right')], node) }];
  return join('left', rows, once, callRow('same', [at('left'), at('right')], node), items, {
    label: 'sessions_marked',
  });
}

const withColumns = (plan: Plan, items: readonly NamedValue[], label: string): Plan =>
  project(plan, [...kept(plan), ...items], { label });

const kept = (plan: Plan, side?: 'left'): NamedValue[] =>
  plan.columns.map(({ name, type, nullable }) => ({
    name,
    value: column(name, type, { nullable, ...(side && { side }) }),
  }));
