import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  TIMESTAMP,
  VARCHAR,
} from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../dialect/duckdb/quote.ts';
import { advancedHuntingTables } from '../schema/advanced-hunting.ts';
import type { Column, KqlType } from '../schema/kql-types.ts';
import type { Event, TableName } from './events.ts';
import type { ColumnValue } from './processes.ts';

/** What was written of a table so far. */
export interface Written {
  rows: number;
  files: number;
  bytes: number;
}

/**
 * The columns of a table of the sample: those that Defender documents, in its order, and the two byte counts that
 * the detection names and Defender lacks.
 */
export function sampleColumns(table: TableName): Column[] {
  const documented = advancedHuntingTables()[table]!.filter((column) => column.in.includes('xdr'));
  const counted: Column[] = [
    { name: 'SentBytes', type: 'long' },
    { name: 'ReceivedBytes', type: 'long' },
  ];
  return [
    ...documented.map(({ name, type }) => ({ name, type })),
    ...(table === 'DeviceNetworkEvents' ? counted : []),
  ];
}

/**
 * Writes one table of the lake a day at a time: `<directory>/<table>/date=YYYY-MM-DD/part-0.parquet`, rows by time.
 * Same events, same bytes, given one thread and one version of DuckDB.
 */
export class TableWriter {
  readonly table: TableName;
  readonly written: Written = { rows: 0, files: 0, bytes: 0 };
  readonly #connection: DuckDBConnection;
  readonly #directory: string;
  readonly #columns: readonly Column[];
  readonly #waiting: Event[] = [];

  constructor(connection: DuckDBConnection, table: TableName, directory: string) {
    this.#connection = connection;
    this.table = table;
    this.#directory = directory;
    this.#columns = sampleColumns(table);
  }

  /** Takes rows of the current day; they need no order. */
  async add(events: readonly Event[]): Promise<void> {
    this.#waiting.push(...events);
    if (this.#waiting.length >= ROWS_AT_ONCE) await this.#append();
  }

  /** Writes the current day's file and begins the next day. */
  async endDay(date: string): Promise<void> {
    await this.#append();
    const folder = join(this.#directory, this.table, `date=${date}`);
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'part-0.parquet');
    const { rowsChanged } = await this.#connection.run(
      [
        `COPY (FROM ${quoteIdentifier(this.table)} ORDER BY Timestamp, DeviceId, ReportId)`,
        `TO ${quoteString(file)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROWS_PER_GROUP})`,
      ].join('\n'),
    );
    await this.#connection.run(`DROP TABLE ${quoteIdentifier(this.table)}`);
    this.written.rows += rowsChanged;
    this.written.files += 1;
    this.written.bytes += (await stat(file)).size;
  }

  async #append(): Promise<void> {
    await this.#connection.run(
      `CREATE TABLE IF NOT EXISTS ${quoteIdentifier(this.table)} (${this.#columns
        .map(({ name, type }) => `${quoteIdentifier(name)} ${physicalType(type)}`)
        .join(', ')})`,
    );
    const appender = await this.#connection.createAppender(this.table);
    while (this.#waiting.length > 0) {
      appender.appendDataChunk(chunkOf(this.#waiting.splice(0, CHUNK), this.#columns));
    }
    appender.closeSync();
  }
}

/** What DuckDB takes in one chunk. */
const CHUNK = 2_048;
const ROWS_AT_ONCE = 16 * CHUNK;
const ROWS_PER_GROUP = 8 * CHUNK;

function chunkOf(events: readonly Event[], columns: readonly Column[]): DuckDBDataChunk {
  const chunk = DuckDBDataChunk.create(
    columns.map(({ type }) => physicalType(type)),
    events.length,
  );
  chunk.setColumns(
    columns.map(({ name, type }) =>
      events.map(({ row, initiator }) => physicalValue(row[name] ?? initiator?.[name] ?? null, type)),
    ),
  );
  return chunk;
}

function physicalType(type: KqlType): DuckDBType {
  switch (type) {
    case 'bool':
      return BOOLEAN;
    case 'datetime':
      return TIMESTAMP;
    case 'int':
      return INTEGER;
    case 'long':
      return BIGINT;
    case 'real':
      return DOUBLE;
    default:
      return VARCHAR;
  }
}

function physicalValue(value: ColumnValue, type: KqlType): DuckDBValue {
  if (value === null) return null;
  if (type === 'datetime') return new DuckDBTimestampValue(BigInt(value));
  return type === 'long' ? BigInt(value) : value;
}
