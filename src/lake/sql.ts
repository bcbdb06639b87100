import { type DuckDBConnection, LIST, listValue, VARCHAR } from '@duckdb/node-api';
import { all, type Bindings, type RunOptions } from '../engine/run.ts';
import type { Spool } from '../engine/spool.ts';
import { MerganserError, UsageError } from '../error.ts';
import type { Lake, SelectToKeep } from './lake.ts';
import { noSuchTable } from './no-such-table.ts';
import { LINES_BEFORE, oneQuery, type Query } from './query.ts';
import { checkParameters, type SqlParameters, sqlBindings } from './sql-parameters.ts';
import type { TimeBounds } from './view.ts';

export interface SqlRequest extends RunOptions {
  readonly parameters?: SqlParameters | undefined;
  /** Bounds on every table's event time; unlike a filter in the query, they prune files of any timestamp type. */
  readonly bounds?: TimeBounds | undefined;
  /** Functions that the query may call. */
  readonly functions?: readonly TableFunction[] | undefined;
}

/** A function that gives a table. */
export interface TableFunction {
  readonly name: string;
  /** The tables of the lake that it reads. */
  readonly tables: readonly string[];
  /** What makes it. */
  readonly statements: readonly string[];
}

/**
 * Runs one query of the user's own over the lake's tables and nothing else. Only statements that read are taken.
 * Throws a UsageError with the engine's own words where the SQL is wrong: the user wrote it.
 */
export async function runSql(lake: Lake, sql: string, request: SqlRequest = {}): Promise<Spool> {
  const bindings = sqlBindings(request.parameters ?? {});
  const called = (request.functions ?? []).filter(({ name }) =>
    new RegExp(`\\b${name}\\s*\\(`, 'i').test(sql),
  );
  try {
    const [query, tables] = await lake.connected([], {}, async (connection) => {
      return [await oneQuery(connection, sql), tablesIn(connection, sql, lake)] as const;
    });
    return await lake.spool(
      [...new Set([...tables, ...called.flatMap((each) => each.tables)])],
      request.bounds ?? {},
      async (connection) => {
        for (const { statements } of called) for (const each of statements) await all(connection, each);
        return selectFor(connection, query, bindings, request);
      },
      request,
    );
  } catch (error) {
    throw error instanceof MerganserError ? error : sqlError(error as Error, lake);
  }
}

/** Above the query when it runs stand these and `CREATE TABLE … AS`. */
const LINES_ABOVE = LINES_BEFORE + 1;

async function selectFor(
  connection: DuckDBConnection,
  { select, explain }: Query,
  bindings: Bindings,
  options: RunOptions,
): Promise<SelectToKeep> {
  const statement = explain === undefined ? `\n${select}` : `${'\n'.repeat(LINES_ABOVE)}${explain}`;
  await checkParameters(connection, statement, Object.keys(bindings.values));
  if (explain === undefined) return { sql: select, bindings };
  // With bindings, the last of an EXPLAIN PIVOT's statements answers, which drops what the first has made.
  const bound = Object.keys(bindings.values).length === 0 ? undefined : bindings;
  const plan = await all(connection, statement, bound, options);
  return {
    sql: 'SELECT unnest($keys) AS explain_key, unnest($plans) AS explain_value',
    bindings: {
      values: {
        keys: listValue(plan.map((row) => String(row.explain_key))),
        plans: listValue(plan.map((row) => String(row.explain_value))),
      },
      types: { keys: LIST(VARCHAR), plans: LIST(VARCHAR) },
    },
  };
}

/**
 * The lake's tables that a query names. Where the engine cannot tell (behind parameters, in a PIVOT), those whose
 * names stand in its text; all of them where it asks what tables there are.
 */
function tablesIn(connection: DuckDBConnection, sql: string, lake: Lake): string[] {
  const named = connection.getTableNames(sql, false);
  if (named.length > 0) {
    const found = named.map((name) => lake.tableNamed(name)).filter((table) => table !== undefined);
    return [...new Set(found)].sort();
  }
  if (/\bSHOW\b|\bduckdb_|\binformation_schema\b/i.test(sql)) return lake.tables;
  return lake.tables.filter((table) => sql.toLowerCase().includes(table.toLowerCase()));
}

/** The engine's errors about what the user wrote, at the lines that the user wrote. */
function sqlError(error: Error, lake: Lake): Error {
  const [, kind] = /^([A-Z][A-Za-z ]*) Error: /.exec(error.message) ?? [];
  const message = onTheirLines(error.message).trimEnd();
  const table = /Table with name (.+?) does not exist/.exec(message)?.[1];
  if (table !== undefined) return noSuchTable(table, lake.tables);
  if (kind === 'Permission') {
    const file = /(?:file|directory) "(.*?)"/s.exec(message)?.[1];
    return new UsageError(
      `a query reads the lake's tables and nothing else${file === undefined ? `: ${message}` : `, not ${file}`}`,
      { hint: 'name the file as a table of the lake: --table NAME=FILE', cause: error },
    );
  }
  if (['Parser', 'Syntax', 'Binder', 'Catalog'].includes(kind ?? '')) {
    return new UsageError(message, { cause: error });
  }
  const ofTheQuery = ['Conversion', 'Invalid Input', 'Out of Range', 'Mismatch Type', 'Not implemented'];
  return ofTheQuery.includes(kind ?? '') ? new MerganserError(message, { cause: error }) : error;
}

function onTheirLines(message: string): string {
  return message.replace(/\n\nLINE (\d+):[\s\S]*$/, (excerpt, number: string) => {
    const line = Number(number) - LINES_ABOVE;
    return line < 1 ? '' : excerpt.replace(`LINE ${number}:`, `LINE ${line}:`.padEnd(number.length + 6));
  });
}
