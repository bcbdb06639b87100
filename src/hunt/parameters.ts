import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBIntervalValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  INTERVAL,
  LIST,
  listValue,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { Bindings } from '../engine/run.ts';
import { UsageError } from '../error.ts';
import { nearest } from '../nearest.ts';
import { parseInstant, parseTimespan } from './time.ts';

export type ScalarType = 'string' | 'int' | 'long' | 'real' | 'bool' | 'datetime' | 'timespan';
export type ParameterType = ScalarType | 'list of string' | 'list of int';

/** A parameter as a detection's header declares it. */
export interface ParameterDefinition {
  readonly name: string;
  readonly type: ParameterType;
  readonly description: string;
  readonly default: unknown;
  /** The only values that it can have; any of its type where left out. */
  readonly values?: readonly string[];
  /** The least and the greatest number that it can be. */
  readonly least?: number;
  readonly most?: number;
}

/**
 * What a user may set, by key: `name` replaces, `name+` extends a list, `name-` reduces it. The same keys
 * serve parameter files, `--set` and the library.
 */
export type ParameterSettings = Readonly<Record<string, unknown>>;

/** A parameter's value: datetimes and timespans as microseconds. */
export type ParameterValue =
  | null
  | string
  | bigint
  | number
  | boolean
  | readonly string[]
  | readonly bigint[];
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/**
 * The values of a detection's parameters: its defaults, then each layer of settings in turn.
 * Throws a UsageError that names the parameter, what was expected and the nearest name.
 */
export function resolveParameters(
  definitions: readonly ParameterDefinition[],
  layers: readonly ParameterSettings[],
): ParameterValues {
  const values: Record<string, ParameterValue> = {};
  for (const definition of definitions) values[definition.name] = parseValue(definition, definition.default);
  for (const layer of layers) {
    for (const [key, setting] of Object.entries(layer)) {
      if (setting === undefined) continue;
      const { definition, change } = definitionFor(definitions, key);
      const value = parseValue(definition, setting);
      values[definition.name] = change === '' ? value : changeList(definition, values, change, value);
    }
  }
  return values;
}

function definitionFor(definitions: readonly ParameterDefinition[], key: string) {
  const [, name = key, change = ''] = /^(.*?)([+-]?)$/.exec(key) ?? [];
  const definition = definitions.find((each) => each.name === name);
  if (definition === undefined) {
    const near = nearest(
      name,
      definitions.map((each) => each.name),
    );
    throw new UsageError(`unknown parameter '${name}'`, {
      hint:
        near === undefined
          ? `there are ${definitions.map((each) => each.name).join(', ')}`
          : `did you mean ${near}?`,
    });
  }
  if (change !== '' && !definition.type.startsWith('list')) {
    throw new UsageError(
      `parameter ${name} is a ${definition.type}, not a list: '${change}=' cannot change it`,
      {
        hint: `set it with ${name}=…`,
      },
    );
  }
  return { definition, change };
}

function changeList(
  definition: ParameterDefinition,
  values: Readonly<Record<string, ParameterValue>>,
  change: string,
  value: ParameterValue,
): ParameterValue {
  const now = values[definition.name] as readonly (string | bigint)[];
  const wanted = value as readonly (string | bigint)[];
  const key = (item: string | bigint) => String(item).toLowerCase();
  const has = new Set(now.map(key));
  if (change === '+') return [...now, ...wanted.filter((item) => !has.has(key(item)))] as ParameterValue;
  for (const item of wanted) {
    if (has.has(key(item))) continue;
    throw new UsageError(
      `parameter ${definition.name}: '${item}' is not in the list, so it cannot be taken out`,
      {
        hint: `the list is ${now.join(', ')}`,
      },
    );
  }
  const gone = new Set(wanted.map(key));
  return now.filter((item) => !gone.has(key(item))) as ParameterValue;
}

function parseValue(definition: ParameterDefinition, value: unknown): ParameterValue {
  const { type } = definition;
  if (type === 'list of string' || type === 'list of int') {
    const item = type === 'list of string' ? 'string' : 'int';
    return listItems(value).map((each) => parseScalar(definition, item, each)) as ParameterValue;
  }
  if (value === null && definition.default === null) return null;
  return parseScalar(definition, type, value);
}

/** `a,b,c` on the command line, an array in files and in the library; a lone value is a list of one. */
function listItems(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'string') return [value];
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

const EXPECTED: Readonly<Record<ScalarType, string>> = {
  string: 'text',
  int: 'a whole number of at most 32 bits',
  long: 'a whole number',
  real: 'a number',
  bool: 'true or false',
  datetime: 'a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z',
  timespan: 'a timespan such as 15m, 24h or 7d',
};

function parseScalar(definition: ParameterDefinition, type: ScalarType, value: unknown): ParameterValue {
  const { name, values, least = -Infinity, most = Infinity } = definition;
  const parsed = scalar(type, value);
  if (parsed === undefined) {
    throw new UsageError(`parameter ${name}: expected ${EXPECTED[type]}, got ${shown(value)}`);
  }
  if (values !== undefined && !values.includes(String(parsed))) {
    throw new UsageError(`parameter ${name}: '${parsed}' is none of its values`, {
      hint: `it is one of ${values.join(', ')}`,
    });
  }
  if ((typeof parsed === 'number' || typeof parsed === 'bigint') && (parsed < least || parsed > most)) {
    throw new UsageError(`parameter ${name}: expected ${rangeText(least, most)}, got ${parsed}`);
  }
  return parsed;
}

/** `a number from 0 to 1`, `a number of 1 or more`. */
function rangeText(least: number, most: number): string {
  if (most === Infinity) return `a number of ${least} or more`;
  return least === -Infinity ? `a number of ${most} or less` : `a number from ${least} to ${most}`;
}

function scalar(type: ScalarType, value: unknown): string | bigint | number | boolean | undefined {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'int':
      return whole(value, 32);
    case 'long':
      return whole(value, 64);
    case 'real':
      return finite(value);
    case 'bool':
      return typeof value === 'boolean' ? value : { true: true, false: false }[String(value)];
    case 'datetime':
      return parseInstant(value);
    case 'timespan':
      return parseTimespan(value);
    default:
      return type satisfies never;
  }
}

function whole(value: unknown, bits: 32 | 64): bigint | undefined {
  const text =
    typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' ? String(value) : '';
  if (!/^[+-]?\d{1,19}$/.test(text.trim())) return undefined;
  const number = BigInt(text.trim());
  return BigInt.asIntN(bits, number) === number ? number : undefined;
}

function finite(value: unknown): number | undefined {
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value));
}

/** Ports are looked up as INTEGER, as tables have them: to make BIGINT of each first took a fourteenth of the hunt. */
const CARRIERS: Readonly<Record<ParameterType, DuckDBType>> = {
  string: VARCHAR,
  int: INTEGER,
  long: BIGINT,
  real: DOUBLE,
  bool: BOOLEAN,
  datetime: TIMESTAMP,
  timespan: INTERVAL,
  'list of string': LIST(VARCHAR),
  'list of int': LIST(INTEGER),
};

/** Parameter values as DuckDB binds them, and what the lake itself says (`recorded`). */
export function bindParameters(
  definitions: readonly ParameterDefinition[],
  values: ParameterValues,
  recorded: Readonly<Record<string, boolean>>,
): Bindings {
  const bound: Bindings = { values: { ...recorded }, types: {} };
  for (const { name, type } of definitions) {
    bound.values[name] = carried(type, values[name] ?? null);
    bound.types[name] = CARRIERS[type];
  }
  return bound;
}

function carried(type: ParameterType, value: ParameterValue): DuckDBValue {
  if (value === null) return null;
  if (type === 'datetime') return new DuckDBTimestampValue(value as bigint);
  if (type === 'timespan') return new DuckDBIntervalValue(0, 0, value as bigint);
  if (type === 'int') return Number(value);
  if (type === 'list of int') return listValue((value as readonly bigint[]).map(Number));
  if (type.startsWith('list')) return listValue(value as readonly DuckDBValue[]);
  return value as DuckDBValue;
}
