/** Conversions between KQL's types: `toint`, `tostring`, … and those that operators imply. */
import type { Call, Scalar } from '../../../plan/scalar.ts';
import type { KqlType } from '../../../schema/kql-types.ts';
import { PHYSICAL_TYPES } from '../literals.ts';
import { heldAside } from './held-aside.ts';
import { jsonPath } from './path.ts';

type Form = (sql: string) => string;
type Forms = Readonly<Partial<Record<KqlType, Form>>>;

const macro =
  (name: string): Form =>
  (sql) =>
    `${name}(${sql})`;
const cast =
  (type: string): Form =>
  (sql) =>
    `${parenthesised(sql)}::${type}`;

const parenthesised = (sql: string): string => (/^[\w."]+$|^\w+\([^()]*\)$/.test(sql) ? sql : `(${sql})`);

const TO_LONG: Forms = {
  int: cast('BIGINT'),
  bool: cast('BIGINT'),
  real: macro('kql_real_long'),
  datetime: macro('kql_datetime_ticks'),
  timespan: (sql) => sql,
  string: macro('kql_string_long'),
  dynamic: macro('kql_dynamic_long'),
  decimal: (sql) => `TRY_CAST(trunc(${sql}) AS BIGINT)`,
};

const CONVERSIONS: Readonly<Record<KqlType, Forms>> = {
  string: {
    int: cast('VARCHAR'),
    long: cast('VARCHAR'),
    guid: cast('VARCHAR'),
    real: macro('kql_real_text'),
    bool: macro('kql_bool_text'),
    datetime: macro('kql_datetime_text'),
    timespan: macro('kql_timespan_text'),
    decimal: macro('kql_decimal_text'),
    dynamic: (sql) => `json_extract_string(${sql}, '$')`,
  },
  long: TO_LONG,
  int: {
    ...Object.fromEntries(
      Object.entries(TO_LONG).map(([from, form]) => [from, (sql: string) => `kql_long_int(${form(sql)})`]),
    ),
    bool: cast('INTEGER'),
    long: macro('kql_long_int'),
    string: (sql) => `TRY_CAST(kql_string_long(${sql}) AS INTEGER)`,
    real: macro('kql_real_int'),
    dynamic: macro('kql_dynamic_int'),
  },
  real: {
    int: cast('DOUBLE'),
    long: cast('DOUBLE'),
    decimal: cast('DOUBLE'),
    bool: (sql) => `${parenthesised(sql)}::INTEGER::DOUBLE`,
    datetime: (sql) => `kql_datetime_ticks(${sql})::DOUBLE`,
    timespan: cast('DOUBLE'),
    string: macro('kql_string_real'),
    dynamic: macro('kql_dynamic_real'),
  },
  bool: {
    int: (sql) => `(${sql} <> 0)`,
    long: (sql) => `(${sql} <> 0)`,
    real: (sql) => `(${sql} <> 0)`,
    string: macro('kql_string_bool'),
    dynamic: macro('kql_dynamic_bool'),
  },
  datetime: {
    string: macro('kql_string_datetime'),
    dynamic: (sql) => `kql_string_datetime(coalesce(json_extract_string(${sql}, '$'), ''))`,
    long: macro('kql_ticks_datetime'),
  },
  timespan: {
    string: macro('kql_string_timespan'),
    dynamic: (sql) => `kql_string_timespan(coalesce(json_extract_string(${sql}, '$'), ''))`,
    long: (sql) => sql,
    int: cast('BIGINT'),
  },
  guid: {
    string: macro('kql_string_guid'),
    dynamic: (sql) => `kql_string_guid(json_extract_string(${sql}, '$'))`,
  },
  decimal: {
    int: cast(PHYSICAL_TYPES.decimal),
    long: cast(PHYSICAL_TYPES.decimal),
    bool: (sql) => `${parenthesised(sql)}::INTEGER::${PHYSICAL_TYPES.decimal}`,
    real: macro('kql_real_decimal'),
    string: (sql) => `TRY_CAST(${sql} AS ${PHYSICAL_TYPES.decimal})`,
  },
  dynamic: {
    string: macro('to_json'),
    int: macro('to_json'),
    long: macro('to_json'),
    bool: macro('to_json'),
    guid: (sql) => `to_json(${parenthesised(sql)}::VARCHAR)`,
    real: macro('kql_real_json'),
    datetime: (sql) => `to_json(nullif(kql_datetime_text(${sql}), ''))`,
    timespan: (sql) => `to_json(nullif(kql_timespan_text(${sql}), ''))`,
    decimal: (sql) => `to_json(kql_decimal_text(${sql}))`,
  },
};

export function canConvert(from: KqlType, to: KqlType): boolean {
  return from === to || CONVERSIONS[to][from] !== undefined;
}

/** A value in the form that it has inside a dynamic. */
export function toDynamic(sql: string, type: KqlType): string {
  return type === 'dynamic' ? sql : CONVERSIONS.dynamic[type]!(sql);
}

/** SQL of a `convert` call; a path is read as text at once, without building its JSON. */
export function convert(call: Call, value: (scalar: Scalar) => string): string {
  const from = call.args[0]!;
  const to = call.type;
  if (from.type === to) return value(from);
  if (to === 'string') {
    if (from.kind === 'call' && from.name === 'path') {
      const [base, path] = jsonPath(from, value);
      return `coalesce(json_extract_string(${base}, ${path}), '')`;
    }
    const sql = heldAside([value(from)], ([arg]) => CONVERSIONS.string[from.type]!(arg!));
    return from.nullable || from.type === 'dynamic' ? `coalesce(${sql}, '')` : sql;
  }
  return heldAside([value(from)], ([arg]) => CONVERSIONS[to][from.type]!(arg!));
}
