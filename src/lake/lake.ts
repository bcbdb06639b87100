import type { DuckDBConnection } from '@duckdb/node-api';
import type { EngineLimits } from '../engine/limits.ts';
import type { Bindings, RunOptions } from '../engine/run.ts';
import { Session } from '../engine/session.ts';
import { Spool } from '../engine/spool.ts';
import type { Column } from '../schema/kql-types.ts';
import { makeArrowSchema } from './arrow/arrow-groups.ts';
import type { LakeSource } from './find/lake-source.ts';
import { checkPartitionDate } from './find/partition-date.ts';
import { literalPath } from './find/paths.ts';
import { enableRemote } from './find/remote.ts';
import { SUPPLIED, suppliedSources, type TableSource, tableSources } from './find/sources.ts';
import type { LakeFile } from './formats.ts';
import type { FileGroup } from './group.ts';
import { Reading } from './reading.ts';
import { type Contract, contractOf } from './tables/contract.ts';
import { LeftOut } from './unreadable/left-out.ts';
import type { Unreadable } from './unreadable/unreadable-files.ts';
import { type TableView, type TimeBounds, tableView } from './view.ts';
import { type ViewOptions, Views } from './views.ts';

/** How a lake is read, and within which limits. */
export interface LakeOptions extends EngineLimits {
  /** Go on without files that cannot be read, instead of stopping at the first. */
  readonly skipUnreadable?: boolean | undefined;
  /** Drop rows that were delivered twice: same DeviceId, ReportId and Timestamp. */
  readonly dedupe?: boolean | undefined;
  /** A Hive key whose value is the events' UTC date; with it, time bounds leave out whole files. */
  readonly partitionDate?: string | undefined;
  /** Derive RemoteIPType from RemoteIP by IANA's registries, whatever is recorded. */
  readonly classifyAddresses?: boolean | undefined;
  /** A folder of tables for `_GetWatchlist`, `invoke FileProfile` and `externaldata` in KQL, one a file or folder. */
  readonly watchlists?: string | undefined;
  /** Allow files on the network (`s3://`, `https://`, `azure://` …), which the engine's own extensions read. */
  readonly remote?: boolean | undefined;
  /** Told, in one line, what the user should know but need not stop for. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

export interface SpoolOptions extends RunOptions, ViewOptions {}

/** A SELECT whose result is to be kept, with its bindings and, where the engine's types do not tell, its columns. */
export interface SelectToKeep {
  readonly sql: string;
  readonly bindings?: Bindings | undefined;
  readonly columns?: readonly Column[] | undefined;
}

/**
 * Telemetry files under the names of their tables, in an engine that can read nothing else.
 * Files are found when it opens; a table's schema is read when the table is first used.
 */
export class Lake {
  readonly #session: Session;
  readonly #sources: Map<string, TableSource>;
  readonly #options: LakeOptions;
  readonly #folders: readonly string[];
  readonly #reading: Reading;
  readonly #views: Views;

  private constructor(
    session: Session,
    sources: Map<string, TableSource>,
    options: LakeOptions,
    leftOut: LeftOut,
    folders: readonly string[],
  ) {
    this.#session = session;
    this.#sources = sources;
    this.#options = options;
    this.#folders = folders;
    this.#reading = new Reading(session, sources, options, leftOut);
    this.#views = new Views(session, this.#reading, options);
  }

  /** Opens a lake. Besides its files, the engine reads and writes in `folders`, and nowhere else. */
  static async open(
    source: LakeSource,
    options: LakeOptions = {},
    folders: readonly string[] = [],
  ): Promise<Lake> {
    const session = await Session.open(options);
    const leftOut = new LeftOut(options);
    try {
      const connection = await session.connect();
      await enableRemote(connection, source, options.remote ?? false);
      const sources = await tableSources(connection, source, {
        onWarning: (message) => options.onWarning?.(message),
        onUnreadable: (file) => leftOut.add([file]),
      });
      await makeArrowSchema(connection);
      await session.release(connection);
      if (options.watchlists !== undefined) {
        for (const [name, supplied] of await suppliedSources(options.watchlists)) sources.set(name, supplied);
      }
      const files = [...sources.values()].flatMap((each) => each.files);
      if (options.partitionDate !== undefined) checkPartitionDate(options.partitionDate, files);
      await session.confine(enginePaths(files), folders);
      return new Lake(session, sources, options, leftOut, folders);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /**
   * The same lake as if a table had these files of its own and there were nothing else. It shares the engine, and
   * stops at a file that cannot be read.
   */
  only(table: string, files: readonly LakeFile[]): Lake {
    const options = { ...this.#options, skipUnreadable: false };
    const sources = new Map([[table, { table, files: [...files] }]]);
    return new Lake(this.#session, sources, options, new LeftOut(options), this.#folders);
  }

  /**
   * Work on the same lake, of files on this machine, in an engine of its own, in which `statements` are to run at once: see
   * {@link Session.open}. The lake's own engine has its limits beside it.
   */
  async apart<T>(statements: number, work: (lake: Lake) => Promise<T>): Promise<T> {
    const session = await Session.open(this.#options, statements);
    try {
      const connection = await session.connect();
      await makeArrowSchema(connection);
      await session.release(connection);
      const files = [...this.#sources.values()].flatMap((each) => each.files);
      await session.confine(enginePaths(files), this.#folders);
      const { leftOut } = this.#reading;
      return await work(new Lake(session, this.#sources, this.#options, leftOut, this.#folders));
    } finally {
      await session.close();
    }
  }

  /** The tables that have files or rows, in order of their names. */
  get tables(): string[] {
    return [...this.#sources.keys()].filter((name) => !name.startsWith(SUPPLIED)).sort();
  }

  /** The tables of the watchlists folder, in order of their names. Their views are called {@link SUPPLIED} + name. */
  get supplied(): string[] {
    const names = [...this.#sources.keys()].filter((name) => name.startsWith(SUPPLIED));
    return names.map((name) => name.slice(SUPPLIED.length)).sort();
  }

  /** Files that were left out because they could not be read (only with `skipUnreadable`). */
  get skipped(): Unreadable[] {
    return this.#reading.leftOut.files;
  }

  /** The lake's own name of a table, found in any casing; undefined where the lake has no such table. */
  tableNamed(name: string): string | undefined {
    return this.tables.find((table) => table.toLowerCase() === name.toLowerCase());
  }

  /** The files that feed a table. */
  files(table: string): readonly LakeFile[] {
    return this.#reading.files(table);
  }

  /** Whether all the files that feed a table were left out. */
  hasNothingLeft(table: string): boolean {
    return this.skipped.length > 0 && this.files(table).length === 0;
  }

  /** A table's columns as its view gives them. */
  async columns(table: string): Promise<readonly Column[]> {
    return (await this.view(this.tableNamed(table) ?? table)).columns;
  }

  /** Whether any of a table's files has the column. */
  async recorded(table: string, column: string): Promise<boolean> {
    const folded = column.toLowerCase();
    return (await this.groups(table)).some(
      (group) => group.shape !== 'empty' && group.columns.some((each) => each.name.toLowerCase() === folded),
    );
  }

  /** The SELECT that gives the table's contract over its files, between the bounds. */
  async view(table: string, bounds: TimeBounds = {}): Promise<TableView> {
    return this.#views.of(table, bounds);
  }

  /** The same with what is recorded, where {@link view} gives what is derived. */
  async recordedView(table: string, bounds: TimeBounds = {}): Promise<TableView> {
    return this.#views.of(table, bounds, { classifyAddresses: false });
  }

  /** The same with each row as often as it was delivered, and what is recorded: a few of its rows are had without the rest. */
  async deliveredView(table: string, bounds: TimeBounds = {}): Promise<TableView> {
    return this.#views.of(table, bounds, { classifyAddresses: false, dedupe: false });
  }

  /** The SELECT of a documented table's columns without a row, for a table that the lake lacks. */
  emptyView(table: string): TableView {
    return tableView({ contract: this.contract(table), table, groups: [], bounds: {} });
  }

  /** Names of the macros that the views are written with; they exist on every connection that has the views. */
  get macros(): readonly string[] {
    return this.#views.macros;
  }

  /** A table's files, grouped by what can be read together. */
  async groups(table: string): Promise<FileGroup[]> {
    return this.#reading.groups(table);
  }

  /** What the table promises, where Microsoft documents it. */
  contract(table: string): Contract | undefined {
    return contractOf(table);
  }

  /** Work on a connection of its own, on which the tables are temporary views between the bounds. */
  async connected<T>(
    tables: readonly string[],
    bounds: TimeBounds,
    work: (connection: DuckDBConnection) => Promise<T>,
    options: ViewOptions = {},
  ): Promise<T> {
    const connection = await this.#views.connect(tables, bounds, options);
    try {
      return await work(connection);
    } finally {
      await this.#session.release(connection);
    }
  }

  /**
   * Runs `work`, which returns a SELECT, on such a connection, and keeps the result of that SELECT.
   * A file that cannot be read is named, or left out, as {@link reading} says.
   */
  async spool(
    tables: readonly string[],
    bounds: TimeBounds,
    work: (connection: DuckDBConnection) => Promise<SelectToKeep>,
    options: SpoolOptions = {},
  ): Promise<Spool> {
    return this.reading(
      tables,
      async () => {
        const { nullStrings, ticks, onProgress } = options;
        const watched = onProgress !== undefined;
        const connection = await this.#views.connect(tables, bounds, { nullStrings, ticks, watched });
        try {
          const { sql, bindings, columns } = await work(connection);
          return await Spool.fill(this.#session, connection, sql, bindings, options, columns);
        } finally {
          await this.#session.release(connection);
        }
      },
      options,
    );
  }

  /**
   * Runs work that reads the tables. Where it fails because a file cannot be read, the file is named; with
   * `skipUnreadable` it is left out, all its rows with it, and the work starts again from nothing.
   */
  async reading<T>(tables: readonly string[], work: () => Promise<T>, options: RunOptions = {}): Promise<T> {
    return this.#reading.run(tables, work, options);
  }

  /** Whether it has been closed: what fails then, fails because of that. */
  get closed(): boolean {
    return this.#session.closed;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Files as the engine is to be allowed them: as they are, and as patterns of themselves. */
function enginePaths(files: readonly LakeFile[]): string[] {
  return [...new Set(files.flatMap(({ path }) => [path, literalPath(path)]))];
}
