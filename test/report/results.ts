import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';
import { type ResultStream, resultStream } from '../../src/engine/result.ts';
import { stream } from '../../src/engine/run.ts';
import { Session } from '../../src/engine/session.ts';
import type { Column, KqlType } from '../../src/schema/kql-types.ts';

/** Runs `use` on a connection of a session of its own. */
export async function onConnection<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const session = await Session.open({ threads: 1 });
  const connection = await session.connect();
  try {
    return await use(connection);
  } finally {
    connection.closeSync();
    await session.close();
  }
}

/** A query's result, handed to `use` while its connection lives. */
export function onResult<T>(
  sql: string,
  use: (result: ResultStream) => Promise<T>,
  declared?: readonly Column[],
): Promise<T> {
  return onConnection(async (connection) =>
    use(resultStream(await stream(connection, sql, undefined), declared)),
  );
}

/** A result made of values, without an engine: chunks of `size` rows. */
export function resultOf(
  columns: readonly { name: string; type: KqlType; physical: DuckDBType; values: readonly DuckDBValue[] }[],
  size = 2_048,
): ResultStream {
  const rows = columns[0]?.values.length ?? 0;
  return {
    columns: columns.map(({ name, type, physical }) => ({ name, type, physical })),
    async *chunks() {
      for (let from = 0; from < rows; from += size) {
        const chunk = DuckDBDataChunk.create(
          columns.map(({ physical }) => physical),
          Math.min(size, rows - from),
        );
        columns.forEach(({ values }, index) => {
          chunk.setColumnValues(index, values.slice(from, from + size));
        });
        yield chunk;
      }
    },
  };
}

/** A result that gives the chunks of another, then fails. */
export function failing(result: ResultStream, error: Error): ResultStream {
  return {
    columns: result.columns,
    async *chunks() {
      yield* result.chunks();
      throw error;
    },
  };
}

export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
