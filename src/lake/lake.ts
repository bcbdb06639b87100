import type { DuckDBConnection } from '@duckdb/node-api';
import { macroText } from '../dialect/duckdb/macro-text.ts';
import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import type { Bindings, RunOptions } from '../engine/run.ts';
import { type EngineLimits, Session } from '../engine/session.ts';
import { Spool } from '../engine/spool.ts';
import { LakeError } from '../error.ts';
import { nearest } from '../nearest.ts';
import type { Column } from '../schema/kql-types.ts';
import { ADDRESS_CLASS_MACROS } from './address-class.ts';
import { arrowGroups } from './arrow-groups.ts';
import { csvGroups } from './csv.ts';
import type { FileGroup } from './group.ts';
import { jsonGroups } from './json.ts';
import { parquetGroups } from './parquet.ts';
import { type LakeSource, type TableSource, tableSources } from './sources.ts';
import { type Contract, contractOf, documentedTable } from './tables/contract.ts';
import { findUnreadable, type Unreadable } from './unreadable.ts';
import { type TableView, type TimeBounds, tableView } from './view.ts';

export interface LakeOptions extends EngineLimits {
  /** Go on without files that cannot be read, instead of stopping at the first; see {@link Lake.skipped}. */
  readonly skipUnreadable?: boolean | undefined;
  /** Drop rows that were delivered twice: same DeviceId, ReportId and Timestamp. */
  readonly dedupe?: boolean | undefined;
  /** A Hive key whose value is the events' UTC date; with it, time bounds leave out whole files. */
  readonly partitionDate?: string | undefined;
  /** Derive RemoteIPType from RemoteIP by IANA's registries, whatever is recorded. */
  readonly classifyAddresses?: boolean | undefined;
  /** Told, in one line, what the user should know but need not stop for. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

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
  readonly #groups = new Map<string, Promise<FileGroup[]>>();
  readonly #skipped = new Map<string, Unreadable>();

  private constructor(session: Session, sources: Map<string, TableSource>, options: LakeOptions) {
    this.#session = session;
    this.#sources = sources;
    this.#options = options;
  }

  static async open(source: LakeSource, options: LakeOptions = {}): Promise<Lake> {
    const session = await Session.open(options);
    try {
      const connection = await session.connect();
      const sources = await tableSources(connection, source);
      await session.release(connection);
      const files = [...sources.values()].flatMap((each) => each.files.map((file) => file.path));
      await session.confine([...new Set(files)]);
      return new Lake(session, sources, options);
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** The tables that have files or rows, in order of their names. */
  get tables(): string[] {
    return [...this.#sources.keys()].sort();
  }

  /** Files that were left out because they could not be read (only with `skipUnreadable`). */
  get skipped(): Unreadable[] {
    return [...this.#skipped.values()];
  }

  /** The lake's own name of a table, found in any casing; undefined where the lake has no such table. */
  tableNamed(name: string): string | undefined {
    return this.tables.find((table) => table.toLowerCase() === name.toLowerCase());
  }

  /** The files that feed a table. */
  files(table: string): TableSource['files'] {
    return this.#source(table).files.filter((file) => !this.#skipped.has(file.path));
  }

  /** A table's columns as its view gives them. */
  async columns(table: string): Promise<readonly Column[]> {
    return (await this.view(table)).columns;
  }

  /** Whether any of a table's files has the column. */
  async recorded(table: string, column: string): Promise<boolean> {
    const folded = column.toLowerCase();
    return (await this.groups(table)).some((group) =>
      group.columns.some((each) => each.name.toLowerCase() === folded),
    );
  }

  /** The SELECT that gives the table's contract over its files, between the bounds. */
  async view(table: string, bounds: TimeBounds = {}): Promise<TableView> {
    return this.#view(table, bounds, this.#options.classifyAddresses);
  }

  /** The same with what is recorded, where {@link view} gives what is derived. */
  async recordedView(table: string, bounds: TimeBounds = {}): Promise<TableView> {
    return this.#view(table, bounds, false);
  }

  /** The SELECT of a documented table's columns without a row, for a table that the lake lacks. */
  emptyView(table: string): TableView {
    return tableView({ contract: this.contract(table), table, groups: [], bounds: {} });
  }

  /** Names of the macros that the views are written with; they exist on every connection that has the views. */
  get macros(): readonly string[] {
    return this.#options.classifyAddresses ? [ADDRESS_CLASS_MACROS] : [];
  }

  async #view(table: string, bounds: TimeBounds, classifyAddresses?: boolean): Promise<TableView> {
    const { dedupe, partitionDate } = this.#options;
    return tableView({
      contract: this.contract(table),
      table,
      groups: await this.groups(table),
      bounds,
      dedupe,
      partitionDate,
      classifyAddresses,
    });
  }

  contract(table: string): Contract | undefined {
    return contractOf(table);
  }

  /** A table's files, grouped by what can be read together. */
  async groups(table: string): Promise<FileGroup[]> {
    const cached = this.#groups.get(table);
    if (cached !== undefined) return cached;
    const groups = this.#readGroups(table);
    this.#groups.set(table, groups);
    groups.catch(() => this.#groups.delete(table));
    return groups;
  }

  /** Work on a connection of its own, on which the tables are temporary views between the bounds. */
  async connected<T>(
    tables: readonly string[],
    bounds: TimeBounds,
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    const connection = await this.#connect(tables, bounds);
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
    options: RunOptions = {},
  ): Promise<Spool> {
    return this.reading(tables, async () => {
      const connection = await this.#connect(tables, bounds);
      try {
        const { sql, bindings, columns } = await work(connection);
        return await Spool.fill(this.#session, connection, sql, bindings, options, columns);
      } catch (error) {
        await this.#session.release(connection);
        throw error;
      }
    });
  }

  async #connect(tables: readonly string[], bounds: TimeBounds): Promise<DuckDBConnection> {
    const connection = await this.#session.connect();
    try {
      for (const macro of this.macros) await connection.run(macroText(macro));
      for (const table of tables) {
        const { sql } = await this.view(table, bounds);
        await connection.run(`CREATE OR REPLACE TEMP VIEW ${quoteIdentifier(table)} AS\n${sql}`);
      }
      return connection;
    } catch (error) {
      await this.#session.release(connection);
      throw error;
    }
  }

  /**
   * Runs work that reads the tables. Where it fails because a file cannot be read, the file is named; with
   * `skipUnreadable` it is left out, all its rows with it, and the work starts again from nothing.
   */
  async reading<T>(tables: readonly string[], work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const bad = await this.#unreadable(tables, error);
        if (bad.length === 0) throw error;
        if (!this.#options.skipUnreadable) throw unreadableError(bad);
        for (const each of bad) this.#skip(each);
      }
    }
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #source(table: string): TableSource {
    const source = this.#sources.get(table);
    if (source !== undefined) return source;
    throw noSuchTable(table, this.tables);
  }

  async #readGroups(table: string): Promise<FileGroup[]> {
    const { arrow } = this.#source(table);
    const files = this.files(table);
    const contract = this.contract(table);
    const connection = await this.#session.connect();
    const of = (format: string) => files.filter((file) => file.format === format);
    try {
      return [
        ...(of('parquet').length > 0 ? await parquetGroups(connection, of('parquet')) : []),
        ...(of('json').length > 0 ? await jsonGroups(connection, table, contract, of('json')) : []),
        ...(of('csv').length > 0 ? await csvGroups(connection, of('csv')) : []),
        ...(await arrowGroups(connection, table, of('arrow'), arrow)),
      ];
    } finally {
      await this.#session.release(connection);
    }
  }

  async #unreadable(tables: readonly string[], error: unknown): Promise<Unreadable[]> {
    const connection = await this.#session.connect();
    try {
      const files = tables.flatMap((table) =>
        this.tableNamed(table) === undefined ? [] : this.files(table),
      );
      return await findUnreadable(connection, files, error);
    } finally {
      await this.#session.release(connection);
    }
  }

  #skip(unreadable: Unreadable): void {
    this.#skipped.set(unreadable.file, unreadable);
    this.#options.onWarning?.(`left out ${unreadable.file}: ${unreadable.problem}`);
    this.#groups.clear();
  }
}

function unreadableError([first, ...others]: Unreadable[]): LakeError {
  const more =
    others.length === 0 ? '' : ` (and ${others.length} other file${others.length === 1 ? '' : 's'})`;
  return new LakeError(`cannot read ${first!.file}: ${first!.problem}${more}`, {
    file: first!.file,
    hint: 'mend or remove the file, or go on without it: --skip-unreadable',
  });
}

/** A table that the lake lacks, with what it has and the nearest name. */
export function noSuchTable(table: string, has: readonly string[]): LakeError {
  const near = nearest(table, has);
  const list = has.length === 0 ? 'the lake has no tables at all' : `the lake has ${has.join(', ')}`;
  const known =
    documentedTable(table) === undefined
      ? ''
      : ` (a folder or file of that name, such as ${table}/, would be it)`;
  return new LakeError(`no files for ${table}`, {
    hint: near === undefined ? `${list}${known}` : `did you mean ${near}? ${list}`,
  });
}
