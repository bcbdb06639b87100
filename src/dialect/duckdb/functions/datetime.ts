/** Dates and times. Weeks start on Sunday. */
import { type FunctionTable, literalText, row } from '../../function-row.ts';
import { formatted, formattedSpan } from './formats.ts';

const PERIODS = ['day', 'week', 'month', 'year'] as const;

const starts = PERIODS.map((period) => [
  `startof${period}`,
  row('datetime long?', 'datetime?', `startof${period}-function`, ([t, offset]) => start(period, t!, offset)),
]);
/** The last instant of the period: DuckDB's microsecond before the next, where Kusto's is 100 ns before. */
const ends = PERIODS.map((period) => [
  `endof${period}`,
  row(
    'datetime long?',
    'datetime?',
    `endof${period}-function`,
    ([t, offset]) =>
      `kql_in_years(${start(period, t!, offset)} + INTERVAL '1 ${period}' - INTERVAL '1 microsecond')`,
  ),
]);

function start(period: string, t: string, offset: string | undefined): string {
  const base = period === 'week' ? `kql_startofweek(${t})` : `date_trunc('${period}', ${t})`;
  return offset === undefined ? base : `kql_steps_later(${base}, ${offset}, INTERVAL '1 ${period}')`;
}

const part = (docs: string, sql: (t: string) => string, type = 'int') =>
  row('datetime', type, docs, ([t]) => sql(t!));

export const datetime: FunctionTable = {
  ...Object.fromEntries([...starts, ...ends]),
  dayofweek: part('day-of-week-function', (t) => `kql_dayofweek(${t})`, 'timespan?'),
  dayofmonth: part('day-of-month-function', (t) => `day(${t})`, 'long'),
  dayofyear: part('day-of-year-function', (t) => `dayofyear(${t})`, 'long'),
  hourofday: part('hour-of-day-function', (t) => `hour(${t})`, 'long'),
  monthofyear: part('monthofyear-function', (t) => `month(${t})`, 'long'),
  getmonth: part('getmonth-function', (t) => `month(${t})`, 'long'),
  getyear: part('getyear-function', (t) => `year(${t})`, 'long'),
  week_of_year: part('week-of-year-function', (t) => `week(${t})::BIGINT`, 'long'),
  make_datetime: row(
    'long long long long? long? real?',
    'datetime?',
    'make-datetime-function',
    ([y, m, d, h, min, s]) => `kql_make_datetime(${y}, ${m}, ${d}, ${h ?? '0'}, ${min ?? '0'}, ${s ?? '0'})`,
  ),
  make_timespan: row('long long real? real?', 'timespan?', 'make-timespan-function', (args) => {
    const [days, hours, minutes, seconds] =
      args.length === 4 ? args : ['0', ...args, ...(args.length === 2 ? ['0'] : [])];
    return `kql_make_timespan(${days}, ${hours}, ${minutes}, ${seconds})`;
  }),
  datetime_add_months: row(
    'long long datetime',
    'datetime?',
    'datetime-add-function',
    ([count, months, t]) => `kql_steps_later(${t}, (${count})::HUGEINT * ${months}, INTERVAL '1 month')`,
  ),
  datetime_add_spans: row(
    'long timespan datetime',
    'datetime?',
    'datetime-add-function',
    ([count, span, t]) => `kql_spans_later(${t}, ${count}, ${span})`,
  ),
  datetime_part_quarter: part('datetime-part-function', (t) => `quarter(${t})`, 'long'),
  datetime_part_minute: part('datetime-part-function', (t) => `minute(${t})`, 'long'),
  datetime_part_second: part('datetime-part-function', (t) => `second(${t})`, 'long'),
  datetime_part_millisecond: part(
    'datetime-part-function',
    (t) => `(microsecond(${t}) % 1000000 // 1000)`,
    'long',
  ),
  datetime_part_microsecond: part('datetime-part-function', (t) => `(microsecond(${t}) % 1000000)`, 'long'),
  datetime_part_nanosecond: part(
    'datetime-part-function',
    (t) => `(microsecond(${t}) % 1000000 * 1000)`,
    'long',
  ),
  format_datetime: row('datetime string', 'string', 'format-datetime-function', ([t], call) =>
    formatted(t!, literalText(call.args[1])!),
  ),
  format_timespan: row('timespan string', 'string', 'format-timespan-function', ([span], call) =>
    formattedSpan(span!, literalText(call.args[1])!),
  ),
  datetime_ticks: row('datetime', 'long', 'make-series-operator', ([t]) => `kql_datetime_ticks(${t})`),
  time_bucket: row(
    'datetime timespan',
    'long',
    'join-time-window',
    ([t, width]) => `(epoch_us(${t}) // ${micros(width!)})`,
  ),
  time_buckets: row(
    'datetime timespan',
    'dynamic',
    'join-time-window',
    ([t, width]) => `[epoch_us(${t}) // ${micros(width!)}, epoch_us(${t}) // ${micros(width!)} + 1]`,
  ),
  series_slots: row('long', 'dynamic', 'make-series-operator', ([count]) => `range(${count})`),
  series_slot: row(
    'any any any',
    'long',
    'make-series-operator',
    ([x, from, step]) => `floor((${x} - ${from}) / (${step}))::BIGINT`,
  ),
  // The real engine stops at as many points.
  series_count: row('any any any', 'long', 'make-series-operator', ([from, to, step]) => {
    const count = `ceil((${to} - ${from}) / (${step}))`;
    return `CASE WHEN ${count} > 1048576 THEN kql_error('make-series makes more than 1048576 points')::BIGINT ELSE ${count}::BIGINT END`;
  }),
  epoch_us: row('datetime', 'long', 'datetime-diff-function', ([t]) => `epoch_us(${t})`),
  ...Object.fromEntries(
    [
      ['seconds', '1000000'],
      ['milliseconds', '1000'],
      ['microseconds', '1'],
    ].map(([unit, factor]) => [
      `unixtime_${unit}_todatetime`,
      row(
        'real',
        'datetime?',
        `unixtime-${unit}-todatetime-function`,
        ([n]) => `kql_unix_datetime(${n}, ${factor})`,
      ),
    ]),
  ),
  unixtime_nanoseconds_todatetime: row(
    'long',
    'datetime?',
    'unixtime-nanoseconds-todatetime-function',
    ([n]) => `make_timestamp((${n}) // 1000)`,
  ),
  datetime_local_to_utc: row(
    'datetime string',
    'datetime?',
    'datetime-local-to-utc-function',
    ([t, zone]) => `kql_local_to_utc(${t}, ${zone})`,
  ),
  datetime_utc_to_local: row(
    'datetime string',
    'datetime?',
    'datetime-utc-to-local-function',
    ([t, zone]) => `kql_in_years((${t}) AT TIME ZONE 'UTC' AT TIME ZONE ${zone})`,
  ),
};

const micros = (ticks: string): string =>
  /^\d+$/.test(ticks) ? String(BigInt(ticks) / 10n) : `(${ticks}) // 10`;

const DIFFERENCES: Readonly<Record<string, string>> = {
  year: 'year',
  quarter: 'quarter',
  month: 'month',
  day: 'day',
  hour: 'hour',
  minute: 'minute',
  second: 'second',
  millisecond: 'millisecond',
  microsecond: 'microsecond',
};

/** Parts for `datetime_diff`, `datetime_add` and `datetime_part`, as rows of their own: `datetime_diff_hour`, … */
export const datetimeParts: FunctionTable = Object.fromEntries([
  ...Object.entries(DIFFERENCES).map(([name, sql]) => [
    `datetime_diff_${name}`,
    row('datetime datetime', 'long', 'datetime-diff-function', ([a, b]) => `date_diff('${sql}', ${b}, ${a})`),
  ]),
  [
    'datetime_diff_week',
    row(
      'datetime datetime',
      'real',
      'datetime-diff-function',
      ([a, b]) =>
        `(date_diff('day', ${start('week', b!, undefined)}, ${start('week', a!, undefined)}) // 7)::DOUBLE`,
    ),
  ],
  [
    'datetime_diff_nanosecond',
    row(
      'datetime datetime',
      'long',
      'datetime-diff-function',
      ([a, b]) => `wrap_long((epoch_us(${a}) - epoch_us(${b}))::HUGEINT * 1000)`,
    ),
  ],
]);
