import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Functions that change the engine, or run a text that may, though they stand in a SELECT. enable_profiling writes to any
 * file that the engine may open, a lake's own; with enable_logging, a storage that may not be opened was seen to end the
 * process.
 */
const CHANGING =
  '(?:enable|disable)_\\w+|truncate_duckdb_logs|(?:force_)?checkpoint|write_log|query|json_execute_serialized_sql';
const CHANGES = new RegExp(`^(?:${CHANGING})$`);

/** In text that nobody parsed, what may be such a call: what a comment hides behind a name is taken for its bracket. */
const MAY_CHANGE = new RegExp(`\\b(${CHANGING})"?\\s*(?:\\(|--|/\\*)`, 'i');

/**
 * The first such function that a query calls, as the engine's parser reads it: what stands in comments, strings and quoted
 * names is not for us to tell. The engine writes out no PIVOT whose columns come from the data: that is judged by its text,
 * in which nothing may look like such a call.
 */
export async function changingCall(connection: DuckDBConnection, query: string): Promise<string | undefined> {
  const tree = await parsed(connection, query);
  if (tree === undefined) return MAY_CHANGE.exec(query)?.[1]?.toLowerCase();
  return callsIn(tree).find((name) => CHANGES.test(name));
}

/** https://duckdb.org/docs/stable/data/json/sql_to_and_from_json */
async function parsed(connection: DuckDBConnection, query: string): Promise<unknown> {
  const result = await connection.runAndReadAll('SELECT json_serialize_sql($query::VARCHAR)', { query });
  const tree = JSON.parse(String(result.getRows()[0]![0])) as { error: boolean };
  return tree.error ? undefined : tree;
}

function callsIn(tree: unknown): string[] {
  const found: string[] = [];
  const left = [tree];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (typeof node !== 'object' || node === null) continue;
    const { function_name: name } = node as { function_name?: unknown };
    if (typeof name === 'string') found.push(name.toLowerCase());
    for (const each of Object.values(node)) left.push(each);
  }
  return found;
}
