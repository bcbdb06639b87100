/** Functions of time whose first argument names a part, or that read the query's clock. */

import { isDatetimeFormat, isTimespanFormat } from '../../dialect/formats.ts';
import { own } from '../../own.ts';
import { literal, type Scalar } from '../../plan/scalar.ts';
import { didYouMean } from '../diagnostics.ts';
import { dialect, isHeld } from '../dialect.ts';
import { arithmetic } from '../lower/expression/arithmetic.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { findColumn, reference, refuse } from '../lower/query/context.ts';
import type { SyntaxNode } from '../parser.ts';
import { callRow, convertTo, hasRow, isNumber } from './call.ts';
import { literalString, type Special, type SpecialTable } from './special.ts';

const UNIT_TICKS: Readonly<Record<string, bigint>> = {
  week: 6_048_000_000_000n,
  day: 864_000_000_000n,
  hour: 36_000_000_000n,
  minute: 600_000_000n,
  second: 10_000_000n,
  millisecond: 10_000n,
  microsecond: 10n,
};
const UNIT_MONTHS: Readonly<Record<string, bigint>> = { year: 12n, quarter: 3n, month: 1n };

/** So many of any unit that a timespan holds them. */
const isSafe = (count: bigint): boolean => count > -1_000_000n && count < 1_000_000n;

const PART_FUNCTIONS: Readonly<Record<string, string>> = {
  year: 'getyear',
  month: 'getmonth',
  day: 'dayofmonth',
  hour: 'hourofday',
  dayofyear: 'dayofyear',
  week_of_year: 'week_of_year',
  weekofyear: 'week_of_year',
  quarter: 'datetime_part_quarter',
  minute: 'datetime_part_minute',
  second: 'datetime_part_second',
  millisecond: 'datetime_part_millisecond',
  microsecond: 'datetime_part_microsecond',
  nanosecond: 'datetime_part_nanosecond',
};

function now(
  context: Parameters<SpecialTable[string]>[0],
  offset: Scalar | undefined,
  node: SyntaxNode,
): Scalar {
  const clock = literal('datetime', context.session.now);
  return offset ? arithmetic('add', clock, offset, node) : clock;
}

export const datetimeForms: SpecialTable = {
  now: (context, args, node) => now(context, args[0] && lowerScalar(context, args[0]), node),
  ago: (context, args, node) => {
    const span = convertTo(lowerScalar(context, args[0]!), 'timespan', node);
    return arithmetic('subtract', literal('datetime', context.session.now), span, node);
  },
  ingestion_time: (context, _, node) => {
    const name = context.session.environment.ingestionTime;
    const found = name === undefined ? undefined : findColumn(context.row, name);
    if (found) return reference(found);
    if (name === undefined)
      return refuse(
        'MG010',
        'no column is named for ingestion_time()',
        node,
        'name the column that holds it, with --ingestion-time',
      );
    const near = didYouMean(name, context.row?.columns.map((column) => column.name) ?? []);
    return refuse('MG010', `there is no column '${name}' here for ingestion_time() to read`, node, near);
  },
  datetime_diff: (context, args, node) => {
    const part = literalString(context, args[0]!).toLowerCase();
    if (!hasRow(`datetime_diff_${part}`))
      return refuse('MG003', `datetime_diff of '${part}' has no translation`, args[0]!);
    return callRow(
      `datetime_diff_${part}`,
      [lowerScalar(context, args[1]!), lowerScalar(context, args[2]!)],
      node,
    );
  },
  datetime_add: (context, args, node) => {
    const part = literalString(context, args[0]!).toLowerCase();
    const count = convertTo(lowerScalar(context, args[1]!), 'long', node);
    const time = convertTo(lowerScalar(context, args[2]!), 'datetime', node);
    const months = own(UNIT_MONTHS, part);
    if (months) return callRow('datetime_add_months', [count, literal('long', months), time], node);
    const ticks = own(UNIT_TICKS, part);
    if (!ticks) return refuse('MG003', `datetime_add of '${part}' has no translation`, args[0]!);
    const span = literal('timespan', ticks);
    // What is added as it is written lets the engine pass over files by their times.
    const isNear = count.kind === 'literal' && count.value !== null && isSafe(count.value as bigint);
    if (!isNear) return callRow('datetime_add_spans', [count, span, time], node);
    return arithmetic('add', time, arithmetic('multiply', span, count, node), node);
  },
  datetime_utc_to_local: inTimeZone('datetime_utc_to_local'),
  datetime_local_to_utc: inTimeZone('datetime_local_to_utc'),
  make_datetime: (context, args, node) => {
    if (args.length === 1)
      return refuse('MG003', 'make_datetime of one value has no translation', node, 'write todatetime()');
    const values = args.map((arg) => lowerScalar(context, arg));
    const seconds = values[5];
    if (seconds?.kind === 'literal' && seconds.type === 'real') {
      const ticks = Math.round(Number(seconds.value) * 1e7);
      if (!Number.isSafeInteger(ticks) || !isHeld(BigInt(ticks)))
        return refuse('MG004', `these seconds are finer than ${dialect().name} can hold`, args[5]!);
    }
    return callRow('make_datetime', values, node);
  },
  datetime_part: (context, args, node) => {
    const part = literalString(context, args[0]!).toLowerCase();
    const name = own(PART_FUNCTIONS, part);
    if (!name) return refuse('MG003', `datetime_part of '${part}' has no translation`, args[0]!);
    return callRow(name, [lowerScalar(context, args[1]!)], node);
  },
  format_datetime: (context, args, node) => {
    const format = literalString(context, args[1]!);
    if (!isDatetimeFormat(format))
      return refuse('MG003', `the format '${format}' has no translation`, args[1]!);
    return callRow('format_datetime', [lowerScalar(context, args[0]!), literal('string', format)], node);
  },
  format_timespan: (context, args, node) => {
    const format = literalString(context, args[1]!);
    if (!isTimespanFormat(format))
      return refuse('MG003', `the format '${format}' has no translation`, args[1]!);
    return callRow('format_timespan', [lowerScalar(context, args[0]!), literal('string', format)], node);
  },
  bin: (context, args, node) =>
    bin(
      args.map((arg) => lowerScalar(context, arg)),
      node,
    ),
  around: (context, args, node) => {
    const [value, center, reach] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, Scalar, Scalar];
    if (value.type !== center.type && !(isNumber(value.type) && isNumber(center.type)))
      return refuse('KS106', `around() is not defined for ${value.type} and ${center.type}`, node);
    return callRow(
      'between',
      [value, arithmetic('subtract', center, reach, node), arithmetic('add', center, reach, node)],
      node,
    );
  },
  bin_auto: (context, args, node) => {
    const [step, at] = ['query_bin_auto_size', 'query_bin_auto_at'].map((name) =>
      context.session.set.get(name),
    );
    if (!step) return refuse('MG003', 'bin_auto needs set query_bin_auto_size', node, 'write bin(…, size)');
    const value = lowerScalar(context, args[0]!);
    return at ? binAt([value, step, at], node) : bin([value, step], node);
  },
  bin_at: (context, args, node) =>
    binAt(
      args.map((arg) => lowerScalar(context, arg)),
      node,
    ),
};

function binAt([value, step, at]: Scalar[], node: SyntaxNode): Scalar {
  if (!value || !step || !at) return refuse('MG003', 'bin_at takes three arguments', node);
  if (value.type === 'datetime') return callRow('bin_at_datetime', [value, step, at], node);
  if ([value, step, at].every(({ type }) => type === 'long' || type === 'int'))
    return callRow('bin_at_long', [value, step, at], node);
  if (value.type === 'timespan') return callRow('bin_at_long', [value, step, at], node, 'timespan');
  return callRow('bin_at_number', [value, step, at], node);
}

function inTimeZone(name: string): Special {
  return (context, args, node) => {
    const zone = literalString(context, args[1]!);
    if (!isTimeZone(zone)) return refuse('MG003', `the time zone '${zone}' is unknown`, args[1]!);
    return callRow(name, [lowerScalar(context, args[0]!), literal('string', zone)], node);
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z_]+(\/[A-Za-z0-9_+-]+)*$/.test(name);
  } catch {
    return false;
  }
}

function bin([value, step]: Scalar[], node: SyntaxNode): Scalar {
  if (!value || !step) return refuse('MG003', 'bin takes two arguments', node);
  if (value.type === 'datetime') return callRow('bin_datetime', [value, step], node);
  if (value.type === 'timespan') return callRow('bin_timespan', [value, step], node);
  const whole = [value, step].every(({ type }) => type === 'long' || type === 'int');
  if (value.type === 'dynamic')
    return refuse(
      'MG003',
      'bin of a dynamic value has no translation',
      node,
      'wrap it in todatetime() or tolong()',
    );
  return callRow(whole ? 'bin_long' : 'bin_real', [value, step], node);
}
