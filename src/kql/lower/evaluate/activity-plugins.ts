/** Plugins that count who was active in which window of time: each a query over `_id`, `_time` and dimensions. */
import type { Scalar } from '../../../plan/scalar.ts';
import { convertTo } from '../../functions/call.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { lowerScalar } from '../expression/expression.ts';
import {
  type Binding,
  type Context,
  findColumn,
  nameOf,
  note,
  type Relation,
  reference,
  refuse,
} from '../query/context.ts';
import { projected } from '../query/relation.ts';
import { quoted, runQuery } from './plugin-query.ts';

type Row = Context & { row: Relation };

/** What a plugin's query may write: the columns' names, and `, a, b` for the dimensions. */
interface Names {
  readonly time: string;
  readonly dimensions: string;
  readonly on: string;
  readonly bin: string;
}

interface Shape {
  /** The scalars after the two columns. */
  readonly values: readonly string[];
  /** One that may follow them, told from a dimension by its being no column. */
  readonly optional?: string;
  readonly query: (names: Names, given: ReadonlySet<string>) => string;
}

const activityCounts: Shape = {
  values: ['_start', '_end', '_window'],
  query: ({ time, dimensions, on, bin }) => `
let rows = T | where _time between (_start .. _end) | extend _bin = ${bin};
let firsts = rows | where isnotnull(_id) | summarize _bin = min(_bin) by _id${dimensions}
  | summarize _new = count() by _bin${dimensions};
rows
| summarize _count = count(), _dcount = count_distinct(_id) by _bin${dimensions}
| join kind=leftouter firsts on _bin${on}
| extend _new = coalesce(_new, 0)
| sort by ${dimensions ? `${dimensions.slice(2)}, ` : ''}_bin asc
| extend _all = row_cumsum(_new${restart(dimensions)})
| project ${time} = _bin${dimensions}, ['count'] = _count, ['dcount'] = _dcount, new_dcount = _new, aggregated_dcount = _all`,
};

const PER_WINDOW = (bin: string, dimensions: string): string => `
let seen = T | where _time between (_start .. _end) | extend _bin = ${bin} | where isnotnull(_id)
  | distinct _id, _bin${dimensions};`;

const activityMetrics: Shape = {
  values: ['_start', '_end', '_window'],
  query: ({ time, dimensions, on, bin }) => `${PER_WINDOW(bin, dimensions)}
let before = seen | project _id, _bin = _bin + _window, _was = true${dimensions};
let sizes = before | summarize _size = count() by _bin${dimensions};
seen
| join kind=leftouter before on _id, _bin${on}
| summarize _values = count(), _back = countif(_was == true) by _bin${dimensions}
| join kind=leftouter sizes on _bin${on}
| extend retention_rate = iff(isnull(_size), real(nan), todouble(_back) / _size)
| project ${time} = _bin, dcount_values = _values, dcount_newvalues = _values - _back, retention_rate,
  churn_rate = 1.0 - retention_rate${dimensions}`,
};

const activityEngagement: Shape = {
  values: ['_start', '_end', '_window', '_outer'],
  query: ({ time, dimensions, on, bin }) => `${PER_WINDOW(bin, dimensions)}
let early = toscalar(T | where _time >= _start - _outer and _time < _start | count);
let inner_ = seen | where assert(early == 0, "activity before the start has no translation in activity_engagement: filter the rows to begin there")
  | summarize _inner = count() by _bin${dimensions};
let outer_ = seen
  | mv-expand _within = range(_bin, min_of(_bin + _outer - _window, _end), _window) to typeof(datetime)
  | summarize _wide = count_distinct(_id) by _bin = _within${dimensions};
inner_
| join kind=inner outer_ on _bin${on}
| project ${time} = _bin, dcount_activities_inner = _inner, dcount_activities_outer = _wide,
  activity_ratio = todouble(_inner) / _wide${dimensions}`,
};

const newActivity: Shape = {
  values: ['_start', '_end', '_window'],
  optional: '_cohort',
  query: ({ time, dimensions, on, bin }, given) => `${PER_WINDOW(bin, dimensions)}
let firsts = seen | summarize _from = min(_bin) by _id${dimensions};
let cohorts = firsts | summarize _size = count() by _from${dimensions}${given.has('_cohort') ? ' | where _from == _cohort' : ''};
let pairs = cohorts | mv-expand _to = range(_from, _end, _window) to typeof(datetime);
let kept = seen | join kind=inner firsts on _id${on} | summarize _kept = count() by _from, _to = _bin${dimensions};
let fresh = seen | join kind=inner firsts on _id${on}
  | mv-expand _from_ = range(_start, _from, _window) to typeof(datetime)
  | where _from_ < _from or _bin == _from
  | summarize _fresh = count() by _from = _from_, _to = _bin${dimensions};
pairs
| join kind=leftouter kept on _from, _to${on}
| join kind=leftouter fresh on _from, _to${on}
| extend _kept = coalesce(_kept, 0), _fresh = coalesce(_fresh, 0)
| project ${quotedTime('from', time)} = _from, ${quotedTime('to', time)} = _to, dcount_new_values = _fresh,
  dcount_retained_values = _kept, dcount_churn_values = _size - _kept,
  retention_rate = todouble(_kept) / _size, churn_rate = todouble(_size - _kept) / _size${dimensions}`,
};

/** The running count starts anew where a dimension changes. */
const restart = (dimensions: string): string =>
  dimensions
    ? `, ${dimensions
        .slice(2)
        .split(', ')
        .map((name) => `${name} != prev(${name})`)
        .join(' or ')}`
    : '';

const quotedTime = (end: string, time: string): string => `["${end}_${time.slice(2)}`;

const slidingWindow: Shape = {
  values: ['_start', '_end', '_lookback', '_window'],
  query: ({ time, dimensions }) => `
T
| where _time between ((_start - _lookback) .. _end)
| extend _bin = bin_at(_time, _window, _start)
| mv-expand _within = range(iff(_bin < _start, _start, _bin), min_of(_bin + (_lookback / _window) * _window - _window, _end), _window) to typeof(datetime)
| summarize _count = count(), _dcount = count_distinct(_id) by _within${dimensions}
| project ${time} = _within${dimensions}, Count = _count, Dcount = _dcount`,
};

function plugin(shape: Shape) {
  return (context: Row, args: readonly SyntaxNode[], node: SyntaxNode): Relation => {
    const { id, time, dimensions, bindings } = argumentsFor(shape, context, args, node);
    checkAligned(bindings, node);
    note(
      context,
      node,
      'the documentation does not say what a window without rows gives: it gives no row here',
    );
    const items = [
      { name: '_id', value: reference(id) },
      { name: '_time', value: reference(time) },
      ...dimensions.map(({ name, column }) => ({ name, value: reference(column) })),
    ];
    const { rowNumber: _, ...row } = context.row;
    const activities = projected({ ...row, ordered: false }, items, { label: 'activities' });
    bindings.set('T', { kind: 'table', relation: { ...activities, ordered: false } });
    const list = dimensions.map(({ name }) => `, ${name}`).join('');
    const bin = 'bin_at(_time, _window, _start)';
    const names = { time: quoted(time.name), dimensions: list, on: list, bin };
    const query = shape.query(names, new Set(bindings.keys()));
    const found = runQuery(context, query, Object.fromEntries(bindings), node);
    const written = new Map(dimensions.map(({ name, column }) => [name, column.name]));
    return {
      ...found,
      columns: found.columns.map((each) => ({ ...each, name: written.get(each.name) ?? each.name })),
    };
  };
}

/** The plugin's arguments: the columns of ids and times, its values by name, and what is left, the dimensions. */
function argumentsFor(
  { values, optional }: Shape,
  context: Row,
  [idNode, timeNode, ...rest]: readonly SyntaxNode[],
  node: SyntaxNode,
) {
  const [id, time] = [idNode, timeNode].map((arg) => arg && columnAt(context, arg));
  if (!id || !time || time.type !== 'datetime')
    return refuse('MG003', 'this plugin takes a column of ids and one of datetimes', node);
  const bindings = new Map<string, Binding>();
  for (const name of values) {
    const arg = rest.shift();
    if (!arg) return refuse('MG003', `this plugin needs its arguments ${values.join(', ')}`, node);
    bindings.set(name, { kind: 'scalar', value: argument(context, name, arg) });
  }
  if (optional && rest[0] && !columnAt(context, rest[0]))
    bindings.set(optional, { kind: 'scalar', value: argument(context, optional, rest.shift()!) });
  const dimensions = rest.map((arg, index) => ({
    name: `_d${index}`,
    column: columnAt(context, arg) ?? refuse('MG003', 'only columns are dimensions here', arg),
  }));
  return { id, time, dimensions, bindings };
}

const columnAt = (context: Row, arg: SyntaxNode) =>
  kindOf(arg) === 'NameReference' ? findColumn(context.row, nameOf(arg)) : undefined;

function argument(context: Row, name: string, arg: SyntaxNode): Scalar {
  const value = lowerScalar(context, arg);
  const type = ['_start', '_end', '_cohort'].includes(name) ? 'datetime' : 'timespan';
  if (value.type !== type) return refuse('MG003', `only a ${type} has a translation here`, arg);
  return convertTo(value, type, arg);
}

const TICKS_TO_1970 = 621_355_968_000_000_000n;

/**
 * Whether windows count from the start or from the beginning of time, the documentation does not say: they are the same
 * where the start is a multiple of the window.
 */
function checkAligned(bindings: ReadonlyMap<string, Binding>, node: SyntaxNode): void {
  const [start, window] = ['_start', '_window'].map((name) => bindings.get(name));
  if (start?.kind !== 'scalar' || window?.kind !== 'scalar') return;
  const step = window.value.kind === 'literal' ? BigInt(window.value.value as bigint) : 0n;
  const from = start.value;
  const aligned =
    from.kind === 'literal'
      ? step > 0n && (BigInt(from.value as bigint) * 10n + TICKS_TO_1970) % step === 0n
      : from.kind === 'call' && from.name === 'startofday' && step > 0n && 864_000_000_000n % step === 0n;
  if (!aligned)
    refuse(
      'MG003',
      'windows that do not begin at a multiple of their length have no translation',
      node,
      'start at bin(…, window)',
    );
}

export const ACTIVITY_PLUGINS = {
  activity_counts_metrics: plugin(activityCounts),
  activity_metrics: plugin(activityMetrics),
  activity_engagement: plugin(activityEngagement),
  new_activity_metrics: plugin(newActivity),
  sliding_window_counts: plugin(slidingWindow),
};
