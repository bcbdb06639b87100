import type { DuckDBConnection, DuckDBResult, DuckDBType, DuckDBValue } from '@duckdb/node-api';

/** Values for `$name` parameters, with DuckDB types where the value alone does not say (null, lists). */
export interface Bindings {
  readonly values: Record<string, DuckDBValue>;
  readonly types: Record<string, DuckDBType | undefined>;
}

/** How to stop a run, and how to follow it. */
export interface RunOptions {
  /** Stops the statement at once; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Called about ten times a second with the engine's own estimate, 0 to 100, of the statement's progress. */
  readonly onProgress?: ((percentage: number) => void) | undefined;
}

const PROGRESS_EVERY_MS = 100;

/** Runs one statement and returns its result as a stream: chunks are fetched as they are asked for. */
export async function stream(
  connection: DuckDBConnection,
  sql: string,
  bindings: Bindings | undefined,
  options: RunOptions = {},
): Promise<DuckDBResult> {
  return watched(connection, options, () => connection.stream(sql, bindings?.values, bindings?.types));
}

/** Runs one statement to its end and returns all its rows, keyed by column name. For results known to be small. */
export async function all(
  connection: DuckDBConnection,
  sql: string,
  bindings?: Bindings,
  options: RunOptions = {},
): Promise<Record<string, DuckDBValue>[]> {
  return watched(connection, options, async () => {
    const result = await connection.run(sql, bindings?.values, bindings?.types);
    return result.getRowObjects();
  });
}

/** Runs `work` on the connection, reporting progress and interrupting it when the signal fires. */
export async function watched<T>(
  connection: DuckDBConnection,
  { signal, onProgress }: RunOptions,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  throwIfStopped(connection);
  let interrupting: NodeJS.Timeout | undefined;
  const interrupt = () => {
    interrupting = interruptedOften(connection);
  };
  signal?.addEventListener('abort', interrupt, { once: true });
  const running = work();
  begun.set(connection, running);
  const timer =
    onProgress && setInterval(() => onProgress(connection.progress.percentage), PROGRESS_EVERY_MS);
  try {
    return await running;
  } catch (error) {
    signal?.throwIfAborted();
    throwIfStopped(connection);
    throw error;
  } finally {
    clearInterval(timer);
    clearInterval(interrupting);
    signal?.removeEventListener('abort', interrupt);
  }
}

/** What each connection was last asked for. */
const begun = new WeakMap<DuckDBConnection, Promise<unknown>>();

/** Why nothing more is to run on a connection. */
const stopped = new WeakMap<DuckDBConnection, Error>();

function throwIfStopped(connection: DuckDBConnection): void {
  const reason = stopped.get(connection);
  if (reason !== undefined) throw reason;
}

/** Interrupts what runs on a connection, waits until it has ended, and lets nothing more run: it rejects with the reason. */
export async function stop(connection: DuckDBConnection, reason: Error): Promise<void> {
  stopped.set(connection, reason);
  const interrupting = interruptedOften(connection);
  await begun.get(connection)?.catch(() => {});
  clearInterval(interrupting);
}

/** The engine forgets an interrupt that comes before it has begun the statement: it is told again until that has ended. */
function interruptedOften(connection: DuckDBConnection): NodeJS.Timeout {
  connection.interrupt();
  return setInterval(() => connection.interrupt(), 20);
}
