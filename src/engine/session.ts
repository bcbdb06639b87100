import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quoteIdentifier, quoteStrings } from '../dialect/duckdb/quote.ts';
import { MerganserError, UsageError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';
import { type EngineLimits, limitSettings } from './limits.ts';
import { all, stop } from './run.ts';

/** The schema in which results lie. */
export const RESULTS = 'results';

/**
 * An embedded DuckDB, in memory, in UTC, that installs nothing and, once {@link Session.confine} is called,
 * reads nothing but the files it was given.
 */
export class Session {
  readonly #instance: DuckDBInstance;
  readonly #spill: string;
  readonly #watchable = new Set<DuckDBConnection>();
  readonly #given = new Set<DuckDBConnection>();
  readonly #idle: DuckDBConnection[] = [];
  readonly #connecting = new Set<Promise<DuckDBConnection>>();
  #closed = false;

  private constructor(instance: DuckDBInstance, spill: string) {
    this.#instance = instance;
    this.#spill = spill;
  }

  /**
   * @param statements how many are to run at once. Each has the thread that waits for it, so that many of the engine's
   * own threads rest: with both, one that has no work left spins until the other has ended the statement.
   */
  static async open(limits: EngineLimits = {}, statements = 1): Promise<Session> {
    const settings = limitSettings(limits);
    const spill = await makeSpillFolder(limits.temp);
    try {
      const instance = await DuckDBInstance.create(':memory:', configuration(settings, spill));
      if (statements > 1) await restThreads(instance, statements);
      return new Session(instance, spill);
    } catch (cause) {
      await rm(spill, { recursive: true, force: true });
      throw new MerganserError(`the engine did not start: ${(cause as Error).message}`, { cause });
    }
  }

  /**
   * A connection of its own: temporary views and tables live and die with it. Who asks for no progress says so: the
   * engine then counts none, and nothing has to be cleared away afterwards.
   */
  async connect({ watched = true } = {}): Promise<DuckDBConnection> {
    if (this.#closed) throw lakeClosed();
    const connection = (watched ? this.#idle.pop() : undefined) ?? (await this.#connection());
    this.#given.add(connection);
    return connection;
  }

  /** A new connection, for which a lake that is closed meanwhile waits: made beside the end of the engine, it ends the process. */
  async #connection(): Promise<DuckDBConnection> {
    const connecting = this.#instance.connect();
    this.#connecting.add(connecting);
    const connection = await connecting.finally(() => this.#connecting.delete(connecting));
    if (!this.#closed) return connection;
    connection.closeSync();
    throw lakeClosed();
  }

  /** Gives a connection back; what was temporary on it is gone. */
  async release(connection: DuckDBConnection): Promise<void> {
    this.#given.delete(connection);
    if (!this.#watchable.has(connection) || this.#closed) return connection.closeSync();
    try {
      await dropTemporary(connection);
      this.#idle.push(connection);
    } catch {
      connection.closeSync();
    }
  }

  /** Drops a table, unless all is gone already. */
  async drop(table: string): Promise<void> {
    if (this.#closed) return;
    const connection = await this.connect({ watched: false });
    try {
      await connection.run(`DROP TABLE IF EXISTS ${table}`);
    } finally {
      await this.release(connection);
    }
  }

  /**
   * From here on the engine reads these files and no others, writes nothing but its spill folder and in `folders`,
   * where it also reads, and refuses every change to its settings. https://duckdb.org/docs/stable/operations_manual/securing_duckdb/overview
   */
  async confine(files: readonly string[], folders: readonly string[] = []): Promise<void> {
    const connection = await this.#instance.connect();
    try {
      await connection.run(`CREATE SCHEMA ${RESULTS}`);
      await connection.run("SET GLOBAL TimeZone = 'UTC'");
      await this.#makeWatchable();
      await connection.run(`SET allowed_paths = ${quoteStrings(files)}`);
      if (folders.length > 0) await connection.run(`SET allowed_directories = ${quoteStrings(folders)}`);
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
    } finally {
      connection.closeSync();
    }
  }

  /** Progress is a setting of each connection, so those that are to report it are made before the lock. */
  async #makeWatchable(): Promise<void> {
    for (let count = 0; count < WATCHABLE_CONNECTIONS; count++) {
      const connection = await this.#instance.connect();
      await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false');
      this.#watchable.add(connection);
      this.#idle.push(connection);
    }
  }

  /** Ends what still runs, which is then rejected, and gives everything back. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.all([...this.#given].map((connection) => stop(connection, lakeClosed())));
    await Promise.allSettled([...this.#connecting]);
    this.#instance.closeSync();
    await rm(this.#spill, { recursive: true, force: true });
  }
}

function lakeClosed(): MerganserError {
  return new MerganserError('the lake is closed', { hint: 'open it again with openLake' });
}

/** More runs than this at once work as well, but report no progress. */
const WATCHABLE_CONNECTIONS = 4;

/** Of the engine's threads, some are others': those that wait for its statements, of which node runs so many at once. */
async function restThreads(instance: DuckDBInstance, statements: number): Promise<void> {
  const connection = await instance.connect();
  try {
    const [row] = await all(connection, "SELECT current_setting('threads') AS threads");
    const waiting = Math.min(statements, Number(row!.threads), WAITING_THREADS);
    await connection.run(`SET GLOBAL external_threads = ${waiting}`);
  } finally {
    connection.closeSync();
  }
}

/** https://docs.libuv.org/en/v1.x/threadpool.html */
const WAITING_THREADS = Number(process.env.UV_THREADPOOL_SIZE) || 4;

async function dropTemporary(connection: DuckDBConnection): Promise<void> {
  const result = await connection.run(`
    SELECT 'VIEW' AS kind, view_name AS name FROM duckdb_views() WHERE temporary AND NOT internal
    UNION ALL
    SELECT 'TABLE', table_name FROM duckdb_tables() WHERE temporary`);
  for (const [kind, name] of await result.getRows()) {
    await connection.run(`DROP ${kind} temp.main.${quoteIdentifier(String(name))}`);
  }
}

function configuration(limits: Record<string, string>, spill: string): Record<string, string> {
  return {
    temp_directory: spill,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    ...limits,
  };
}

async function makeSpillFolder(temp: string | undefined): Promise<string> {
  const parent = resolve(temp ?? tmpdir());
  try {
    return await mkdtemp(join(parent, 'merganser-'));
  } catch (cause) {
    throw new UsageError(
      `cannot make a folder for spilled data in ${parent}: ${fileProblem(cause, 'folder')}`,
      {
        hint: 'name a folder that exists and can be written with --temp',
        cause,
      },
    );
  }
}
