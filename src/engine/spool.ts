import type { DuckDBConnection } from '@duckdb/node-api';
import { MerganserError } from '../error.ts';
import type { Column } from '../schema/kql-types.ts';
import { type ResultColumn, type ResultStream, resultStream } from './result.ts';
import { all, type Bindings, type RunOptions, stream, watched } from './run.ts';
import { RESULTS, type Session } from './session.ts';

/** Tables of results are numbered. */
let made = 0;

/**
 * A result that is finished and can be read as often as one likes, also by several readers at once, each of which has a
 * connection of its own. It lies in a table of the engine, so that it counts against the memory limit and spills like
 * everything else, in a schema of its own, so that no table of a lake has its name.
 */
export class Spool {
  readonly #session: Session;
  readonly #table: string;
  readonly columns: readonly ResultColumn[];
  readonly rowCount: number;
  #closed = false;

  private constructor(session: Session, table: string, columns: readonly ResultColumn[], rowCount: number) {
    this.#session = session;
    this.#table = table;
    this.columns = columns;
    this.rowCount = rowCount;
  }

  /** Runs a SELECT to its end, on a connection that has what it reads. */
  static async fill(
    session: Session,
    connection: DuckDBConnection,
    select: string,
    bindings: Bindings | undefined,
    options: RunOptions = {},
    declared?: readonly Column[],
  ): Promise<Spool> {
    made += 1;
    const table = `${RESULTS}."${made}"`;
    const [filled] = await all(connection, `CREATE TABLE ${table} AS\n${select}`, bindings, options);
    const { columns } = resultStream(await connection.stream(`SELECT * FROM ${table} LIMIT 0`), declared);
    return new Spool(session, table, columns, Number(filled?.Count ?? 0));
  }

  /** The rows in their order, from the first, at each call. */
  stream(options: RunOptions = {}): ResultStream {
    return { columns: this.columns, chunks: () => this.#chunks(options) };
  }

  async *#chunks(options: RunOptions): ReturnType<ResultStream['chunks']> {
    if (this.#closed) throw new MerganserError('the result is closed');
    const connection = await this.#session.connect({ watched: false });
    try {
      const result = await stream(connection, `SELECT * FROM ${this.#table}`, undefined, options);
      for (;;) {
        const chunk = await watched(connection, options, () => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk;
      }
    } finally {
      await this.#session.release(connection);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#session.drop(this.#table);
  }
}
