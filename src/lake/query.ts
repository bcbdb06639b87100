import type { DuckDBConnection } from '@duckdb/node-api';
import { UsageError } from '../error.ts';
import { changingCall } from './query-calls.ts';

/** A query of the user's own, as the engine runs it. */
export interface Query {
  /** A SELECT around the query. */
  readonly select: string;
  /** For EXPLAIN and EXPLAIN ANALYZE of it, the statement to run instead: it cannot stand in a SELECT. */
  readonly explain?: string;
}

/**
 * Takes text that is one query, and nothing but a query: SELECT, FROM, WITH, VALUES, TABLE, PIVOT, DESCRIBE,
 * SUMMARIZE, SHOW, or EXPLAIN of one.
 *
 * That it is one is not told from the engine's list of statements: a PIVOT is two, and COPY behind a PIVOT, or
 * under EXPLAIN ANALYZE, would overwrite a file of the lake, which the engine may open. Text that parses by itself
 * has its brackets in pairs, and so parses between brackets as well only where it is one query and no more.
 *
 * @throws UsageError saying what it is instead, or with the engine's own words where it does not parse
 */
export async function oneQuery(connection: DuckDBConnection, text: string): Promise<Query> {
  if (typeof text !== 'string') throw new UsageError('a query is text');
  const statements = await statementCount(connection, text);
  if (statements === 0) throw empty();
  for (const query of [text, withoutEnd(text)]) {
    if (await isOneQuery(connection, query)) {
      await refuseChanging(connection, query);
      return { select: between(query) };
    }
    for (const explain of EXPLAINS) {
      const inner = query.replace(explain, '');
      if (inner === query || !(await isOneQuery(connection, inner))) continue;
      await refuseChanging(connection, inner);
      return { select: between(inner), explain: query };
    }
  }
  throw notAQuery(statements > 1 ? 'more than one statement' : named(text));
}

/** Line by line as the user wrote it, so that the engine's errors can be put back onto the user's lines. */
function between(query: string): string {
  return `SELECT * FROM (\n${query}\n)`;
}

/** Lines of {@link between} before the query's own. */
export const LINES_BEFORE = 1;

async function isOneQuery(connection: DuckDBConnection, text: string): Promise<boolean> {
  const parses = (sql: string) =>
    connection.extractStatements(sql).then(
      () => true,
      () => false,
    );
  return (await parses(text)) && (await parses(between(text)));
}

async function statementCount(connection: DuckDBConnection, text: string): Promise<number> {
  try {
    return (await connection.extractStatements(text)).count;
  } catch (cause) {
    const { message } = cause as Error;
    // What node-api says of a text without a statement.
    if (message === 'Error in native callback') return 0;
    // The engine looks for the files of IMPORT DATABASE as it parses.
    if (/Permission Error/.test(message)) throw notAQuery(named(text));
    throw new UsageError(message.replace(/^Failed to extract statements: /, '').trimEnd(), { cause });
  }
}

const SPACE = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)`;
const EXPLAINS = [`(?:ANALYZE${SPACE}+)?`, `${SPACE}*\\([^()]*\\)${SPACE}*`].map(
  (behind) => new RegExp(`^${SPACE}*EXPLAIN${SPACE}+${behind}`, 'i'),
);
const END = new RegExp(`(?:;${SPACE}*)+$`);
const FIRST_WORDS = new RegExp(`^${SPACE}*(\\w+)`);

async function refuseChanging(connection: DuckDBConnection, query: string): Promise<void> {
  const call = await changingCall(connection, query);
  if (call !== undefined) throw notAQuery(`a call of ${call}`);
}

/** A `;` ends a query, and a comment may follow it. Where that is part of a string, the text is a query as it is. */
function withoutEnd(text: string): string {
  return text.replace(END, '');
}

function named(text: string): string {
  const word = FIRST_WORDS.exec(text)?.[1]?.toUpperCase();
  return word === undefined ? 'this' : word;
}

function empty(): UsageError {
  return new UsageError('the query is empty', {
    hint: 'for example SELECT count(*) FROM DeviceNetworkEvents',
  });
}

function notAQuery(what: string): UsageError {
  return new UsageError(`only a query that reads the lake can be run, not ${what}`, {
    hint: 'write one SELECT (or FROM, WITH, VALUES, PIVOT, DESCRIBE, SUMMARIZE); --out writes its result to a file',
  });
}
