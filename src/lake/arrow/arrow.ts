import { setImmediate } from 'node:timers/promises';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
} from '@duckdb/node-api';
import type { Data, RecordBatch, Schema } from 'apache-arrow';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { columnVector } from '../../engine/vectors.ts';
import { checkColumn } from './check.ts';
import { typeSql } from './ddl.ts';
import { ArrowProblem, damaged, lakeError } from './problem.ts';
import { engineTypes } from './types.ts';
import { writeColumn } from './vectors.ts';

export { type ArrowFile, readArrowFile } from './file.ts';
export { nullFields } from './types.ts';

export interface AppendOptions {
  /** The file that the batches come from; errors name it. */
  readonly file?: string | undefined;
  /** Stops between two batches; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a table of the engine from Arrow data and returns how many rows it has. Columns are moved in pieces of
 * 2,048 rows, most of them without looking at single values; for their types, see `duckdbType` in arrow/types.ts.
 *
 * `table` is its SQL name, quoted where need be: `"t"`, `schema."t"`. On an error there is no table.
 * @throws LakeError naming the file and the column, for damaged data and for types the engine has none for
 */
export async function appendArrow(
  connection: DuckDBConnection,
  table: string,
  schema: Schema,
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  { file, signal }: AppendOptions = {},
): Promise<number> {
  let made = false;
  try {
    const types = engineTypes(schema);
    const columns = schema.names.map(
      (name, index) => `${quoteIdentifier(String(name))} ${typeSql(types[index]!)}`,
    );
    await connection.run(`CREATE TABLE ${table} (${columns.join(', ')})`);
    made = true;
    return await fill(connection, table, types, batches, signal);
  } catch (cause) {
    // Where even this fails, the first error is the one to show.
    if (made) await connection.run(`DROP TABLE IF EXISTS ${table}`).catch(() => {});
    signal?.throwIfAborted();
    throw lakeError(cause, file);
  }
}

async function fill(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  batches: Iterable<RecordBatch> | AsyncIterable<RecordBatch>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const appender = await connection.createAppender(...partsOf(table));
  try {
    const chunk = DuckDBDataChunk.create(types);
    let rows = 0;
    for await (const batch of batches) {
      // The work below is synchronous: this is when timers, signals and streams get their turn.
      await setImmediate();
      signal?.throwIfAborted();
      checkBatch(batch, types);
      appendBatch(appender, chunk, batch);
      rows += batch.numRows;
    }
    appender.closeSync();
    return rows;
  } catch (cause) {
    appender.clear();
    throw cause;
  }
}

const CHUNK_ROWS = 2_048;

function appendBatch(appender: DuckDBAppender, chunk: DuckDBDataChunk, batch: RecordBatch): void {
  for (let from = 0; from < batch.numRows; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, batch.numRows - from);
    chunk.reset();
    chunk.rowCount = count;
    for (const [index, column] of batch.data.children.entries()) {
      writeColumn(columnVector(chunk, index), column, from, count);
    }
    appender.appendDataChunk(chunk);
  }
}

function checkBatch({ data, schema, numRows }: RecordBatch, types: readonly DuckDBType[]): void {
  const own = schema.fields.length === types.length ? engineTypes(schema) : [];
  for (const [index, type] of types.entries()) {
    const column = data.children[index] as Data | undefined;
    if (column === undefined || String(own[index]) !== String(type)) {
      throw new ArrowProblem('its batches differ from its schema', 'make the table of batches of one schema');
    }
    if (column.length < numRows)
      throw damaged(`column ${schema.fields[index]!.name} is shorter than its batch`);
    checkColumn(column, schema.fields[index]!.name);
  }
}

/** The parts of a SQL name as the appender takes them: table, schema, catalog. */
function partsOf(table: string): [string, string?, string?] {
  const parts = [...table.matchAll(/"((?:[^"]|"")*)"|[^".]+/g)].map(
    ([part, quoted]) => quoted?.replaceAll('""', '"') ?? part,
  );
  return parts.reverse() as [string, string?, string?];
}
