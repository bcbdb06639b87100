/** Operators: comparison, logic, arithmetic. Nulls follow Kusto, not SQL. */

import { bitsOf } from '../../../plan/bits.ts';
import type { Call, Scalar } from '../../../plan/scalar.ts';
import { type FunctionTable, row } from '../../function-row.ts';
import { listSql } from '../literals.ts';

const LOGIC = 'logical-operators';
const NUMERIC = 'numerical-operators';
const DATETIME = 'datetime-timespan-arithmetic';

/** A real that is a NaN is smaller, greater and equal to nothing; DuckDB sorts it above all numbers. */
const mayBeNan = (scalar: Scalar): boolean => scalar.type === 'real' && scalar.kind !== 'literal';
const isNan = (scalar: Scalar): boolean => scalar.kind === 'literal' && Number.isNaN(scalar.value);

const plainReal = (sql: string): string => sql.replace(/^(-?\d+(\.\d+)?)::DOUBLE$/, '$1');

/** `nanCheck` says which operand DuckDB's order makes the comparison true for, where it is a NaN: the one said to be greater. */
const compare =
  (operator: string, nanCheck: (call: Call) => number[]) =>
  (args: readonly string[], call: Call): string => {
    if (call.args.some(isNan)) return operator === '<>' ? 'TRUE' : 'FALSE';
    const [a, b] = args.map(plainReal);
    const checks = nanCheck(call).filter((index) => mayBeNan(call.args[index]!));
    const base = `${operand(a!)} ${operator} ${operand(b!)}`;
    return checks.length
      ? `(${base} AND ${checks.map((index) => `NOT isnan(${args[index]})`).join(' AND ')})`
      : `(${base})`;
  };

const operand = (sql: string): string => (/\b(AND|OR|NOT|IN|BETWEEN|IS|CASE)\b/.test(sql) ? `(${sql})` : sql);

const bothReal = (call: Call): number[] => (call.args.every(mayBeNan) ? [0] : []);

const equalOrNull = compare('=', bothReal);
const notEqual = (args: readonly string[], call: Call): string => {
  const nan = call.args.every(mayBeNan) ? ` OR isnan(${args[0]})` : '';
  const [a, b] = args.map(plainReal);
  if (call.args.some(isNan)) return 'TRUE';
  const nullable = call.args.some((arg) => arg.nullable);
  const base = `${operand(a!)} ${nullable ? 'IS DISTINCT FROM' : '<>'} ${operand(b!)}`;
  return `(${base}${nan})`;
};

/** With one operand null, false; with both, null. */
const bothNullable = (call: Call): boolean => call.args.every((arg) => arg.nullable);

const binary =
  (operator: string) =>
  ([a, b]: readonly string[]): string =>
    `(${a} ${operator} ${b})`;

export const operators: FunctionTable = {
  and: row('bool bool', 'bool', LOGIC, binary('AND')),
  or: row('bool bool', 'bool', LOGIC, binary('OR')),
  not: row('bool', 'bool', 'not-function', ([a]) => `(NOT ${a})`),

  equal: row('any any', 'bool', LOGIC, (args, call) => {
    const base = equalOrNull(args, call);
    if (!call.args.some((arg) => arg.nullable)) return base;
    if (bothNullable(call))
      return `CASE WHEN ${args[0]} IS NULL AND ${args[1]} IS NULL THEN NULL ELSE coalesce(${base}, FALSE) END`;
    return `coalesce(${base}, FALSE)`;
  }),
  equal_or_null: row('any any', 'bool', LOGIC, (args, call) =>
    equalOrNull(args, call).replace(/^\((.*)\)$/s, '$1'),
  ),
  not_equal: row('any any', 'bool', LOGIC, (args, call) =>
    bothNullable(call)
      ? `CASE WHEN ${args[0]} IS NULL AND ${args[1]} IS NULL THEN NULL ELSE ${notEqual(args, call)} END`
      : notEqual(args, call),
  ),
  not_equal_or_null: row('any any', 'bool', LOGIC, notEqual),
  same: row('any any', 'bool!', 'join-operator', ([a, b], call) =>
    call.args.some((arg) => arg.nullable) ? `${a} IS NOT DISTINCT FROM ${b}` : `${a} = ${b}`,
  ),
  less: row(
    'any any',
    'bool',
    NUMERIC,
    compare('<', () => [1]),
  ),
  less_equal: row(
    'any any',
    'bool',
    NUMERIC,
    compare('<=', () => [1]),
  ),
  greater: row(
    'any any',
    'bool',
    NUMERIC,
    compare('>', () => [0]),
  ),
  greater_equal: row(
    'any any',
    'bool',
    NUMERIC,
    compare('>=', () => [0]),
  ),
  between: row('any any any', 'bool', 'between-operator', (args, call) => {
    if (call.args.some(isNan)) return 'FALSE';
    const [x, low, high] = args.map(plainReal);
    const nan = mayBeNan(call.args[2]!) ? ` AND NOT isnan(${high})` : '';
    return `(${operand(x!)} BETWEEN ${low} AND ${high}${nan})`;
  }),
  in: row('any any...', 'bool!', 'in-cs-operator', (args, call) => {
    if (args.length === 1) return 'FALSE';
    const list = `${operand(args[0]!)} IN ${listSql(args.slice(1).map(plainReal), call.args.slice(1))}`;
    return call.args.some((arg) => arg.nullable) ? `coalesce(${list}, FALSE)` : `(${list})`;
  }),
  // Where rows are kept by it, the engine skips row groups by a list in parentheses.
  in_or_null: row('any any...', 'bool!', 'in-cs-operator', (args) =>
    args.length === 1 ? 'FALSE' : `${operand(args[0]!)} IN (${args.slice(1).map(plainReal).join(', ')})`,
  ),
  in_array: row('any dynamic', 'bool!', 'in-cs-operator', ([value, list], call) =>
    call.args[0]!.type === 'string'
      ? `coalesce(list_contains(kql_texts(kql_flat_array(${list})), ${value}), FALSE)`
      : `coalesce(list_contains(kql_array(kql_flat_array(${list})), to_json(${value})), FALSE)`,
  ),
  in_array_fold: row(
    'string dynamic',
    'bool!',
    'in-operator',
    ([value, list]) =>
      `coalesce(list_contains(kql_texts(kql_flat_array(lower(${list}::VARCHAR)::JSON)), lower(${value})), FALSE)`,
  ),

  negate: row('any', 'argument', NUMERIC, ([a], call) =>
    call.type === 'real' || call.type === 'decimal' || bitsOf(call.args[0]!) < 63
      ? `(-${a})`
      : `wrap_long(-(${a})::HUGEINT)`,
  ),
  add: row('any any', 'argument', NUMERIC, ([a, b], call) => arithmetic('+', a!, b!, call)),
  subtract: row('any any', 'argument', NUMERIC, ([a, b], call) => arithmetic('-', a!, b!, call)),
  multiply: row('any any', 'argument', NUMERIC, ([a, b], call) => arithmetic('*', a!, b!, call)),
  divide: row('any any', 'argument?', NUMERIC, ([a, b], call) => divided(a!, b!, call)),
  modulo: row('any any', 'argument?', NUMERIC, ([a, b], call) =>
    call.type === 'real'
      ? `kql_modulo_real(${a}, ${b})`
      : call.type === 'decimal'
        ? `(${a} % nullif(${b}, 0))`
        : `kql_modulo(${a}, ${b})`,
  ),
  datetime_plus: row(
    'datetime timespan',
    'datetime?',
    DATETIME,
    ([t, span], call) => moved(t!, call.args[1]!, 1n) ?? `kql_datetime_plus(${t}, ${span})`,
  ),
  datetime_minus: row(
    'datetime timespan',
    'datetime?',
    DATETIME,
    ([t, span], call) => moved(t!, call.args[1]!, -1n) ?? `kql_datetime_minus(${t}, ${span})`,
  ),
  datetime_difference: row(
    'datetime datetime',
    'timespan',
    DATETIME,
    ([a, b]) => `((epoch_us(${a}) - epoch_us(${b})) * 10)`,
  ),
  timespan_scale: row(
    'timespan real',
    'timespan',
    DATETIME,
    ([span, factor]) => `TRY_CAST(trunc(${span} * ${factor}) AS BIGINT)`,
  ),
  timespan_ratio: row('timespan timespan', 'real', DATETIME, ([a, b]) => `((${a})::DOUBLE / (${b})::DOUBLE)`),
};

/** Kusto's long wraps where DuckDB's raises; the wide form stands only where a sum may leave the range. */
function arithmetic(operator: '+' | '-' | '*', a: string, b: string, call: Call): string {
  if (call.type === 'real' || call.type === 'decimal') return `(${a} ${operator} ${b})`;
  const [left, right] = call.args.map(bitsOf) as [number, number];
  const needed = operator === '*' ? left + right : Math.max(left, right) + 1;
  return needed <= 63 ? `(${a} ${operator} ${b})` : `wrap_long((${a})::HUGEINT ${operator} ${b})`;
}

function divided(a: string, b: string, call: Call): string {
  if (call.type === 'real') return `(${a} / ${b})`;
  if (call.type === 'decimal') return `kql_real_decimal(${a} / nullif(${b}, 0))`;
  // The least long by -1 is beyond the range.
  const [whole, by] = call.args as [Scalar, Scalar];
  const may = by.kind === 'literal' ? by.value === -1n : true;
  return may && bitsOf(whole) >= 63 ? `kql_divide(${a}, ${b})` : `(${a} // nullif(${b}, 0))`;
}

const UNITS: readonly [bigint, string][] = [
  [864_000_000_000n, 'day'],
  [36_000_000_000n, 'hour'],
  [600_000_000n, 'minute'],
  [10_000_000n, 'second'],
  [10_000n, 'millisecond'],
  [10n, 'microsecond'],
];

/** A datetime and a literal span; undefined where the span is no whole number of a unit, or too long. */
function moved(t: string, span: Scalar, direction: 1n | -1n): string | undefined {
  if (span.kind !== 'literal' || typeof span.value !== 'bigint') return undefined;
  const forward = span.value * direction;
  const ticks = forward < 0n ? -forward : forward;
  const unit = UNITS.find(([size]) => ticks !== 0n && ticks % size === 0n);
  if (!unit) return undefined;
  const count = ticks / unit[0];
  // Beyond this a sum may leave the engine's range, which raises where Kusto gives null.
  if (ticks > 3_000_000_000_000_000n) return undefined;
  const interval = `INTERVAL '${count} ${unit[1]}${count === 1n ? '' : 's'}'`;
  return forward < 0n ? `kql_earlier(${t}, ${interval})` : `kql_later(${t}, ${interval})`;
}
