import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { RunOptions } from '../engine/run.ts';
import type { Session } from '../engine/session.ts';
import { LakeError, MerganserError } from '../error.ts';
import { arrowGroups } from './arrow/arrow-groups.ts';
import { csvGroups } from './csv/csv.ts';
import { misplaced } from './find/misplaced.ts';
import { AS_WRITTEN, LATER_LINES, LINES, plainName, type TableSource } from './find/sources.ts';
import type { LakeFile } from './formats.ts';
import type { FileGroup } from './group.ts';
import { jsonGroups } from './json/json.ts';
import { noSuchTable } from './no-such-table.ts';
import { parquetGroups } from './parquet/parquet.ts';
import { contractOf } from './tables/contract.ts';
import { badValue } from './unreadable/bad-value.ts';
import type { LeaveOutOptions, LeftOut } from './unreadable/left-out.ts';
import { findUnreadable, type TableFiles } from './unreadable/unreadable.ts';

/** Reads a lake's files: which of them go together, and what becomes of those that cannot be read. */
export class Reading {
  readonly leftOut: LeftOut;
  readonly #session: Session;
  readonly #sources: ReadonlyMap<string, TableSource>;
  readonly #options: LeaveOutOptions;
  readonly #groups = new Map<string, Promise<FileGroup[]>>();
  /** Files of text that hold nothing, and files in another table's folder: each told of once. */
  readonly #told = new Set<string>();
  #running = 0;

  constructor(
    session: Session,
    sources: ReadonlyMap<string, TableSource>,
    options: LeaveOutOptions,
    leftOut: LeftOut,
  ) {
    this.#session = session;
    this.#sources = sources;
    this.#options = options;
    this.leftOut = leftOut;
  }

  /** The files that feed a table. */
  files(table: string): LakeFile[] {
    return this.#source(table).files.filter((file) => !this.leftOut.has(file.path));
  }

  /** A table's files, grouped by what can be read together. */
  async groups(table: string): Promise<FileGroup[]> {
    const cached = this.#groups.get(table);
    if (cached !== undefined) return cached;
    const groups = this.run([table], () => this.#readGroups(table));
    this.#groups.set(table, groups);
    groups.catch(() => this.#groups.delete(table));
    return groups;
  }

  /**
   * Runs work that reads the tables. Where it fails because a file cannot be read, the file is named; with
   * `skipUnreadable` it is left out, all its rows with it, and the work starts again from nothing.
   */
  async run<T>(tables: readonly string[], work: () => Promise<T>, { signal }: RunOptions = {}): Promise<T> {
    this.#running += 1;
    try {
      for (;;) {
        const before = this.leftOut.size;
        try {
          return await work();
        } catch (error) {
          signal?.throwIfAborted();
          if (this.leftOut.size === before) await this.#leaveOut(tables, error, signal);
          this.#groups.clear();
        }
      }
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.leftOut.count(this.#fileCount());
    }
  }

  #source(table: string): TableSource {
    const source = this.#sourceOf(table);
    if (source !== undefined) return source;
    throw noSuchTable(table, [...this.#sources.keys()].sort());
  }

  #sourceOf(table: string): TableSource | undefined {
    return this.#sources.get(plainName(table));
  }

  async #readGroups(table: string): Promise<FileGroup[]> {
    const { arrow, files: all } = this.#source(table);
    const files = this.files(table);
    if (all.length > 0 && files.length === 0 && arrow === undefined) throw nothingLeft(table, all.length);
    const filled: LakeFile[] = [];
    for (const file of files) if (!(await this.#isEmptyText(file))) filled.push(file);
    return this.#groupsOf(table, filled, arrow);
  }

  async #groupsOf(
    table: string,
    files: readonly LakeFile[],
    arrow: TableSource['arrow'],
  ): Promise<FileGroup[]> {
    const contract = contractOf(table);
    const connection = await this.#session.connect({ watched: false });
    const of = (format: string) => files.filter((file) => file.format === format);
    try {
      const first = table.startsWith(LINES)
        ? 'row'
        : table.startsWith(LATER_LINES)
          ? 'passed over'
          : 'header';
      const csv = of('csv').length > 0 ? await csvGroups(connection, of('csv'), first) : [];
      const text = new Set(csv.flatMap(({ columns }) => columns.map(({ name }) => name.toLowerCase())));
      const asWritten = (key: string) => table.startsWith(AS_WRITTEN) || text.has(key.toLowerCase());
      const groups = [
        ...(of('parquet').length > 0 ? await parquetGroups(connection, of('parquet')) : []),
        ...(of('json').length > 0
          ? await jsonGroups(connection, table, contract, of('json'), asWritten)
          : []),
        ...csv,
        ...(await arrowGroups(connection, table, of('arrow'), arrow)),
      ];
      await this.#tellMisplaced(connection, table, files);
      return groups;
    } finally {
      await this.#session.release(connection);
    }
  }

  /** Text of 0 bytes is text without a row, as exporters write for a time without events; the user is told of it. */
  async #isEmptyText({ path, format }: LakeFile): Promise<boolean> {
    if (format !== 'csv' && format !== 'json') return false;
    if ((await stat(path)).size > 0) return false;
    this.#tell(`${path} is empty (0 bytes): it has no rows`);
    return true;
  }

  async #tellMisplaced(
    connection: DuckDBConnection,
    table: string,
    files: readonly LakeFile[],
  ): Promise<void> {
    const feeds = (other: string, { path }: LakeFile) =>
      this.#sources.get(other)?.files.some((file) => file.path === path) ?? false;
    for (const file of files) {
      const message = await misplaced(connection, table, file, feeds);
      if (message !== undefined) this.#tell(message);
    }
  }

  /** Tells the user once. */
  #tell(message: string): void {
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#options.onWarning?.(message);
  }

  /** Leaves out the files that an error is due to, or throws what the user is to be told. */
  async #leaveOut(tables: readonly string[], error: unknown, signal: AbortSignal | undefined): Promise<void> {
    const every = this.#options.skipUnreadable;
    const connection = await this.#session.connect({ watched: false });
    try {
      const read = tables.map((table) => this.#tableFiles(table)).filter((each) => each !== undefined);
      const [first, ...others] = await findUnreadable(connection, read, error, { signal, every });
      if (first !== undefined) return this.leftOut.add([first, ...others]);
    } finally {
      await this.#session.release(connection);
    }
    const value = error instanceof Error ? badValue(error.message) : undefined;
    if (value === undefined || error instanceof MerganserError) throw error;
    throw new LakeError(`cannot read ${tables.join(', ')}: ${value.problem}`, { cause: error });
  }

  #tableFiles(table: string): TableFiles | undefined {
    if (this.#sourceOf(table) === undefined) return undefined;
    return {
      table,
      contract: contractOf(table),
      files: this.files(table),
      groups: async (files) => {
        if (files.some((file) => file.format !== 'arrow')) return this.#groupsOf(table, files, undefined);
        return (await this.groups(table)).filter((group) => group.files.some((file) => files.includes(file)));
      },
    };
  }

  #fileCount(): number {
    const paths = [...this.#sources.values()].flatMap(({ files }) => files.map((file) => file.path));
    return new Set([...paths, ...this.leftOut.files.map(({ file }) => file)]).size;
  }
}

function nothingLeft(table: string, count: number): LakeError {
  return new LakeError(
    `no file of ${table} can be read: ${count === 1 ? 'its only one was' : `all ${count} were`} left out`,
    {
      hint: 'the notes above say why',
    },
  );
}
