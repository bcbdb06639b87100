import type { DuckDBConnection } from '@duckdb/node-api';
import { MerganserError } from '../error.ts';
import type { Column } from '../schema/kql-types.ts';
import { type ResultColumn, type ResultStream, resultStream } from './result.ts';
import { all, type Bindings, type RunOptions, watched } from './run.ts';
import type { Session } from './session.ts';

/** A name that no table of a lake has. SHOW TABLES shows it too. */
const RESULT = '"(result)"';

/**
 * A result that is finished and can be read as often as one likes. It lies in a temporary table of its
 * connection, so that it counts against the memory limit and spills like everything else.
 */
export class Spool {
  readonly #connection: DuckDBConnection;
  readonly #session: Session;
  readonly columns: readonly ResultColumn[];
  readonly rowCount: number;
  #closed = false;

  private constructor(
    session: Session,
    connection: DuckDBConnection,
    columns: readonly ResultColumn[],
    rowCount: number,
  ) {
    this.#session = session;
    this.#connection = connection;
    this.columns = columns;
    this.rowCount = rowCount;
  }

  /** Runs a SELECT to its end. The connection belongs to the spool from then on; until then, to the caller. */
  static async fill(
    session: Session,
    connection: DuckDBConnection,
    select: string,
    bindings: Bindings | undefined,
    options: RunOptions = {},
    declared?: readonly Column[],
  ): Promise<Spool> {
    const [filled] = await all(connection, `CREATE TEMP TABLE ${RESULT} AS\n${select}`, bindings, options);
    const { columns } = resultStream(await connection.stream(`SELECT * FROM ${RESULT} LIMIT 0`), declared);
    return new Spool(session, connection, columns, Number(filled?.Count ?? 0));
  }

  /** The rows in their order, from the first, at each call. */
  stream(options: RunOptions = {}): ResultStream {
    if (this.#closed) throw new MerganserError('the result is closed');
    const connection = this.#connection;
    const columns = this.columns;
    return {
      columns,
      async *chunks() {
        const result = await connection.stream(`SELECT * FROM ${RESULT}`);
        for (;;) {
          const chunk = await watched(connection, options, () => result.fetchChunk());
          if (chunk === null || chunk.rowCount === 0) return;
          yield chunk;
        }
      },
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#session.release(this.#connection);
  }
}
