import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  SQLNULL,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import type { Bindings } from '../engine/run.ts';
import { UsageError } from '../error.ts';
import { nearest } from '../nearest.ts';

/**
 * Values for the `$name` parameters of a query: text, numbers, bigints, booleans, null, Dates, lists of one of
 * these, and the engine's own values.
 */
export type SqlParameters = Readonly<Record<string, unknown>>;

/** The values as the engine binds them. Throws a UsageError that names a parameter whose value it cannot bind. */
export function sqlBindings(parameters: SqlParameters): Bindings {
  const bindings: Bindings = { values: {}, types: {} };
  for (const [name, value] of Object.entries(parameters)) {
    if (Array.isArray(value)) {
      bindings.values[name] = listValue(value.map((item) => bound(name, item)));
      bindings.types[name] = LIST(itemType(name, value));
    } else {
      bindings.values[name] = bound(name, value);
    }
  }
  return bindings;
}

function bound(name: string, value: unknown): DuckDBValue {
  if (value instanceof Date && !Number.isNaN(value.getTime())) {
    return new DuckDBTimestampValue(BigInt(value.getTime()) * 1000n);
  }
  const simple = value === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
  if (simple || /^DuckDB\w+Value$/.test((value as object | undefined)?.constructor?.name ?? '')) {
    return value as DuckDBValue;
  }
  throw new UsageError(
    `parameter ${name}: expected text, a number, true or false, a Date, null or a list of these`,
  );
}

const ITEM_TYPES: readonly (readonly [(item: unknown) => boolean, DuckDBType])[] = [
  [(item) => item === null, SQLNULL],
  [(item) => typeof item === 'string', VARCHAR],
  [(item) => typeof item === 'bigint' || Number.isSafeInteger(item), BIGINT],
  [(item) => typeof item === 'number', DOUBLE],
  [(item) => typeof item === 'boolean', BOOLEAN],
  [(item) => item instanceof Date, TIMESTAMP],
];

function itemType(name: string, items: readonly unknown[]): DuckDBType {
  const type = ITEM_TYPES.find(([is]) => items.every((item) => item === null || is(item)))?.[1];
  if (type !== undefined) return type;
  throw new UsageError(`parameter ${name}: the items of a list must all be of one kind`);
}

/** Checks that the query has the parameters that are given, and is given those that it has. */
export async function checkParameters(
  connection: DuckDBConnection,
  sql: string,
  given: readonly string[],
): Promise<void> {
  // A PIVOT is several statements, which cannot be prepared: the engine itself speaks up.
  if ((await connection.extractStatements(sql)).count !== 1) return;
  const prepared = await connection.prepare(sql);
  const has = Array.from({ length: prepared.parameterCount }, (_, index) =>
    prepared.parameterName(index + 1),
  );
  prepared.destroySync();
  const missing = has.find((name) => !given.includes(name));
  if (missing !== undefined) {
    throw new UsageError(`the query's parameter $${missing} is not given`, {
      hint: 'values are given by the library: lake.sql(query, { name: value })',
    });
  }
  const unknown = given.find((name) => !has.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, has);
  throw new UsageError(`the query has no parameter $${unknown}`, {
    hint:
      near === undefined
        ? `it has ${has.map((name) => `$${name}`).join(', ') || 'none'}`
        : `did you mean $${near}?`,
  });
}
