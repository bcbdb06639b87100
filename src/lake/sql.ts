import { type DuckDBConnection, type DuckDBValue, StatementType } from '@duckdb/node-api';
import { all, type RunOptions } from '../engine/run.ts';
import type { Spool } from '../engine/spool.ts';
import { MerganserError, UsageError } from '../error.ts';
import { type Lake, noSuchTable } from './lake.ts';
import type { TimeBounds } from './view.ts';

/** Values for the `$name` parameters of a query. */
export type SqlParameters = Readonly<Record<string, DuckDBValue>>;

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
  const text = sql.trim().replace(/;\s*$/, '');
  if (text === '')
    throw new UsageError('the query is empty', {
      hint: 'for example SELECT count(*) FROM DeviceNetworkEvents',
    });
  const called = (request.functions ?? []).filter(({ name }) =>
    new RegExp(`\\b${name}\\s*\\(`, 'i').test(text),
  );
  const tables = [...new Set([...(await tablesIn(lake, text)), ...called.flatMap((each) => each.tables)])];
  const bindings = { values: { ...request.parameters }, types: {} };
  return lake.spool(
    tables,
    request.bounds ?? {},
    async (connection) => {
      for (const { statements } of called) for (const each of statements) await all(connection, each);
      await requireOneQuery(connection, text, lake);
      return { sql: text, bindings };
    },
    request,
  );
}

/** The lake's tables that a query names; all of them where the engine cannot tell (as with parameters or PIVOT). */
async function tablesIn(lake: Lake, sql: string): Promise<string[]> {
  return lake.connected([], {}, async (connection) => {
    try {
      const named = connection.getTableNames(sql, false);
      const found = named.map((name) => lake.tableNamed(name)).filter((table) => table !== undefined);
      return found.length > 0 && found.length === named.length ? found : lake.tables;
    } catch {
      return lake.tables;
    }
  });
}

const READING = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

async function requireOneQuery(connection: DuckDBConnection, sql: string, lake: Lake): Promise<void> {
  try {
    const statements = await connection.extractStatements(sql);
    // PIVOT is two statements to the engine: it makes a type of the pivoted values, then selects.
    const pivots = /\bPIVOT\b/i.test(sql);
    if (statements.count !== 1 && !pivots) throw notAQuery('more than one statement');
    for (let index = 0; index < statements.count; index++) {
      const { statementType } = await statements.prepare(index);
      const allowed =
        READING.has(statementType) ||
        (pivots && index < statements.count - 1 && statementType === StatementType.CREATE);
      if (!allowed) throw notAQuery(`a ${StatementType[statementType]} statement`);
      if (pivots) return;
    }
  } catch (error) {
    throw error instanceof MerganserError ? error : sqlError(error as Error, lake);
  }
}

function notAQuery(what: string): UsageError {
  return new UsageError(`only a query that reads the lake can be run, not ${what}`, {
    hint: 'write one SELECT (or FROM, WITH, VALUES, DESCRIBE, SUMMARIZE); --out writes its result to a file',
  });
}

function sqlError(error: Error, lake: Lake): MerganserError {
  const table = /Table with name (.+?) does not exist/.exec(error.message)?.[1];
  if (table !== undefined) return noSuchTable(table, lake.tables);
  if (/^Permission Error/.test(error.message)) {
    return new UsageError(
      `a query reads the lake's tables and nothing else: ${error.message.split('\n', 1)[0]}`,
      {
        hint: 'name the file as a table of the lake: --table NAME=FILE',
      },
    );
  }
  return new UsageError(error.message.trimEnd(), { cause: error });
}
