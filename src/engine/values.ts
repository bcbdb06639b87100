import {
  DuckDBArrayValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';
import type { KqlType } from '../schema/kql-types.ts';
import { datetimeText } from './instants.ts';

/** What JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** The KQL type that a DuckDB type carries when nothing else is declared. */
export function kqlType(physical: DuckDBType): KqlType {
  switch (physical.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return 'bool';
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.UTINYINT:
    case DuckDBTypeId.USMALLINT:
      return 'int';
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.BIGINT:
      return 'long';
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
    case DuckDBTypeId.DECIMAL:
      return 'decimal';
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return 'real';
    case DuckDBTypeId.DATE:
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'datetime';
    case DuckDBTypeId.TIME:
    case DuckDBTypeId.INTERVAL:
      return 'timespan';
    case DuckDBTypeId.UUID:
      return 'guid';
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
    case DuckDBTypeId.STRUCT:
    case DuckDBTypeId.MAP:
    case DuckDBTypeId.UNION:
    case DuckDBTypeId.VARIANT:
      return 'dynamic';
    default:
      return isJson(physical) ? 'dynamic' : 'string';
  }
}

/** DuckDB's JSON type is VARCHAR under an alias. */
export function isJson(physical: DuckDBType): boolean {
  return physical.typeId === DuckDBTypeId.VARCHAR && physical.alias === 'JSON';
}

/**
 * A value as the API's rows and the JSON formats print it: datetimes as ISO-8601 UTC with seven digits of
 * fraction or none, timespans as Kusto's `d.hh:mm:ss.fffffff`, a long beyond a double's exactness as a
 * decimal string, NaN and the infinities as strings, dynamic as JSON. A null string is `''`.
 */
export function toJson(value: DuckDBValue, type: KqlType): Json {
  if (value === null || value === undefined) return type === 'string' ? '' : null;
  switch (type) {
    case 'bool':
      return Boolean(value);
    case 'int':
    case 'long':
    case 'real':
      return numberToJson(value as number | bigint);
    case 'decimal':
      return typeof value === 'bigint' ? numberToJson(value) : String(value);
    case 'datetime':
      return datetimeText(value);
    case 'timespan':
      return timespanText(ticksOf(value));
    case 'dynamic':
      return typeof value === 'string' ? parseDynamic(value) : nativeToJson(value);
    case 'guid':
    case 'string':
      return String(value);
    default:
      return type satisfies never;
  }
}

/** A number as JSON: beyond a double's exactness, and where JSON has no number for it, its text. */
export function numberToJson(value: number | bigint): Json {
  if (typeof value === 'bigint') {
    const exact = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return exact ? Number(value) : value.toString();
  }
  return Number.isFinite(value) ? value : String(value);
}

/**
 * Text that is JSON becomes its value; a dynamic that is a bare string stays a string. Its numbers are as {@link toJson}
 * gives a long: one that a double would change, or has no room for, is its own text.
 */
function parseDynamic(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    return LONG_NUMBER.test(text) ? (JSON.parse(text.replace(TOKEN, exactToken)) as Json) : value;
  } catch {
    return text;
  }
}

/** A number is inexact only with this many digits, or with an exponent of three. */
const LONG_NUMBER = /\d{16}|[eE][+-]?\d{3}/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

function exactToken(token: string): string {
  if (token.startsWith('"')) return token;
  const number = Number(token);
  const exact = /^-?\d+$/.test(token) ? Number.isSafeInteger(number) : Number.isFinite(number);
  return exact ? token : `"${token}"`;
}

const TICKS_PER_DAY = 864_000_000_000n;

function ticksOf(value: DuckDBValue): bigint {
  if (value instanceof DuckDBIntervalValue) {
    const days = BigInt(value.months) * 30n + BigInt(value.days);
    return days * TICKS_PER_DAY + value.micros * 10n;
  }
  if (typeof value === 'bigint' || typeof value === 'number') return BigInt(value);
  return (value as { micros: bigint }).micros * 10n;
}

/** Kusto's text of a timespan, `[-][d.]hh:mm:ss[.fffffff]`. https://learn.microsoft.com/kusto/query/scalar-data-types/timespan */
export function timespanText(ticks: bigint): string {
  const magnitude = ticks < 0n ? -ticks : ticks;
  const days = magnitude / TICKS_PER_DAY;
  const two = (unit: bigint, limit: bigint) => String((magnitude / unit) % limit).padStart(2, '0');
  const clock = `${two(36_000_000_000n, 24n)}:${two(600_000_000n, 60n)}:${two(10_000_000n, 60n)}`;
  const fraction = magnitude % 10_000_000n;
  return [
    ticks < 0n ? '-' : '',
    days > 0n ? `${days}.` : '',
    clock,
    fraction > 0n ? `.${String(fraction).padStart(7, '0')}` : '',
  ].join('');
}

/** A nested DuckDB value as JSON, of the form that `to_json` gives it; its parts follow the rules of {@link toJson}. */
export function nativeToJson(value: DuckDBValue): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return numberToJson(value);
  if (value instanceof DuckDBVariantValue) return nativeToJson(value.value);
  if (value instanceof DuckDBUnionValue) return { [value.tag]: nativeToJson(value.value) };
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map(nativeToJson);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([key, item]) => [key, nativeToJson(item)]));
  }
  if (value instanceof DuckDBMapValue) {
    return Object.fromEntries(value.entries.map(({ key, value: item }) => [String(key), nativeToJson(item)]));
  }
  if (value instanceof DuckDBIntervalValue) return timespanText(ticksOf(value));
  if (value instanceof DuckDBDecimalValue) return value.toString();
  return datetimeText(value);
}
