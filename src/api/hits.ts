import type { Table } from 'apache-arrow';
import { columnToJson } from '../engine/column-json.ts';
import type { ResultStream } from '../engine/result.ts';
import type { RunOptions } from '../engine/run.ts';
import type { Spool } from '../engine/spool.ts';
import type { Json } from '../engine/values.ts';
import { formatOfPath } from '../report/formats.ts';
import { writeReport } from '../report/write.ts';
import type { Column } from '../schema/kql-types.ts';

/** A row as a plain object, values as the JSON formats print them. */
export type Row = Record<string, Json>;

/**
 * The finished result of a hunt or a query. It can be read as often as one likes, also by several at once, until it or its
 * lake is closed.
 */
export class Hits implements AsyncIterable<Row[]> {
  readonly #spool: Spool;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** The columns in their order, with the names of their KQL types. */
  get columns(): Column[] {
    return this.#spool.columns.map(({ name, type }) => ({ name, type }));
  }

  /** How many rows there are, known without reading them. */
  get rowCount(): number {
    return this.#spool.rowCount;
  }

  /** All rows. For results larger than memory, iterate instead: each batch holds at most 2,048 rows. */
  async rows(): Promise<Row[]> {
    const rows: Row[] = [];
    for await (const batch of this) rows.push(...batch);
    return rows;
  }

  /** The rows in batches, for results larger than memory. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Row[]> {
    const { columns, chunks } = this.stream();
    for await (const chunk of chunks()) {
      const values = columns.map(({ type }, index) => columnToJson(chunk, index, type));
      yield objects(columns, values, chunk.rowCount);
    }
  }

  /** All rows as a table of apache-arrow: strings Utf8, long Int64, datetime Timestamp(µs, UTC), sets List. */
  async arrow(): Promise<Table> {
    const { arrowTable } = await import('../report/arrow.ts');
    return arrowTable(this.stream());
  }

  /**
   * Writes all rows to a file, whose ending says the format: `.parquet .arrow .json .jsonl .csv .md`.
   * The file appears whole or not at all.
   */
  async write(path: string): Promise<void> {
    await writeReport(this.stream(), formatOfPath(path), { path });
  }

  /** The rows as the engine's own chunks of columns. */
  stream(options: RunOptions = {}): ResultStream {
    return this.#spool.stream(options);
  }

  /** Frees what the result holds; closing its lake does so too. */
  async close(): Promise<void> {
    await this.#spool.close();
  }

  /** What `await using` calls: {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Rows of columns. Assigning is twice as fast as `Object.fromEntries`, but for the one name that has a setter. */
function objects(columns: readonly Column[], values: readonly (readonly Json[])[], rowCount: number): Row[] {
  const names = columns.map(({ name }) => name);
  const entries = (row: number) => names.map((name, index) => [name, values[index]![row]!] as const);
  if (names.includes('__proto__')) {
    return Array.from({ length: rowCount }, (_, row) => Object.fromEntries(entries(row)));
  }
  return Array.from({ length: rowCount }, (_, row) => {
    const object: Row = {};
    for (let index = 0; index < names.length; index++) object[names[index]!] = values[index]![row]!;
    return object;
  });
}
