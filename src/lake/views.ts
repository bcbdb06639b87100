import type { DuckDBConnection } from '@duckdb/node-api';
import { macroText } from '../dialect/duckdb/macro-text.ts';
import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import type { Session } from '../engine/session.ts';
import { ADDRESS_CLASS_MACROS } from './address-class.ts';
import type { Reading } from './reading.ts';
import { contractOf } from './tables/contract.ts';
import { type TableView, type TimeBounds, tableView, type ViewRequest } from './view.ts';

export interface ViewsOptions {
  readonly dedupe?: boolean | undefined;
  readonly partitionDate?: string | undefined;
  readonly classifyAddresses?: boolean | undefined;
}

/** By table, columns of text whose null strings its view leaves null; everywhere else they are ''. */
export type NullStrings = Readonly<Record<string, readonly string[]>>;

/** How a statement wants the views that it reads. */
export interface ViewOptions {
  readonly nullStrings?: NullStrings | undefined;
  /** See {@link ViewRequest}. */
  readonly ticks?: boolean | undefined;
}

/** The views over a lake's files: the SELECT of each, and connections that have them. */
export class Views {
  readonly #session: Session;
  readonly #reading: Reading;
  readonly #options: ViewsOptions;

  constructor(session: Session, reading: Reading, options: ViewsOptions) {
    this.#session = session;
    this.#reading = reading;
    this.#options = options;
  }

  /** Names of the macros that the views are written with. */
  get macros(): readonly string[] {
    return this.#options.classifyAddresses ? [ADDRESS_CLASS_MACROS] : [];
  }

  /** The SELECT that gives the table's contract over its files, between the bounds. */
  async of(
    table: string,
    bounds: TimeBounds,
    {
      classifyAddresses = this.#options.classifyAddresses,
      dedupe = this.#options.dedupe,
      nullStrings,
      ticks,
    }: Pick<ViewsOptions, 'classifyAddresses' | 'dedupe'> & ViewOptions = {},
  ): Promise<TableView> {
    const { partitionDate } = this.#options;
    return this.#reading.run([table], async () =>
      tableView({
        contract: contractOf(table),
        table,
        groups: await this.#reading.groups(table),
        bounds,
        dedupe,
        partitionDate,
        classifyAddresses,
        nullStrings: nullStrings?.[table],
        ticks,
      }),
    );
  }

  /** A connection on which the tables are temporary views, with the macros that these need. */
  async connect(
    tables: readonly string[],
    bounds: TimeBounds,
    { watched, ...options }: ViewOptions & { watched?: boolean } = {},
  ): Promise<DuckDBConnection> {
    const views = await this.#ofAll(tables, bounds, options);
    const connection = await this.#session.connect({ watched });
    try {
      for (const macro of this.macros) await connection.run(macroText(macro));
      for (const [table, { sql }] of views) {
        await connection.run(`CREATE OR REPLACE TEMP VIEW ${quoteIdentifier(table)} AS\n${sql}`);
      }
      return connection;
    } catch (error) {
      await this.#session.release(connection);
      throw error;
    }
  }

  /** Views of all tables over the same files: one that is left out of a table is left out of those before it. */
  async #ofAll(
    tables: readonly string[],
    bounds: TimeBounds,
    options: ViewOptions,
  ): Promise<[string, TableView][]> {
    const { leftOut } = this.#reading;
    for (;;) {
      const before = leftOut.size;
      const views: [string, TableView][] = [];
      for (const table of tables) views.push([table, await this.of(table, bounds, options)]);
      if (leftOut.size === before) return views;
    }
  }
}
