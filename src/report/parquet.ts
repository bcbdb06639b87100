import type { DuckDBConnection } from '@duckdb/node-api';
import { DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../dialect/duckdb/quote.ts';
import type { ResultColumn, ResultStream } from '../engine/result.ts';
import { watched } from '../engine/run.ts';
import { Session } from '../engine/session.ts';
import { toJson } from '../engine/values.ts';
import { UsageError } from '../error.ts';
import type { ReportOptions } from './options.ts';
import { carriage } from './parquet-types.ts';
import { plainText } from './table/cells.ts';

/**
 * Writes a result as a Parquet file, zstd-compressed: the same rows give the same bytes.
 *
 * Types are those that carry the columns in the engine, but for what Parquet would lose or refuse; see
 * {@link carriage}. Strings are never null. The rows are gathered in an engine of their own, which spills
 * to disk within `options.limits`.
 *
 * @throws UsageError for a result that Parquet cannot hold: no columns, or names that differ in case only
 */
export async function writeParquet(
  result: ResultStream,
  path: string,
  options: ReportOptions = {},
): Promise<void> {
  refuseColumns(result.columns);
  const session = await Session.open({ ...options.limits, threads: 1 });
  try {
    const connection = await session.connect();
    try {
      await gather(connection, result, options.signal);
      const select = await selectList(connection, result.columns);
      const copy = `COPY (SELECT ${select} FROM ${source(result.columns)}) TO ${quoteString(path)}`;
      await watched(connection, options, () =>
        connection.run(`${copy} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`),
      );
    } finally {
      connection.closeSync();
    }
  } finally {
    await session.close();
  }
}

function refuseColumns(columns: readonly ResultColumn[]): void {
  if (columns.length === 0) throw new UsageError('a result without columns cannot be written as Parquet');
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      throw new UsageError(
        `columns '${other}' and '${name}' differ in case only, which Parquet files cannot tell`,
        {
          hint: 'rename one of them in the query',
        },
      );
    }
    seen.set(name.toLowerCase(), name);
  }
}

/** Moves the chunks, whole, into the table `carried`; columns that travel as text are also written into `texts`. */
async function gather(
  connection: DuckDBConnection,
  result: ResultStream,
  signal?: AbortSignal,
): Promise<void> {
  const { columns } = result;
  const asText = columns.flatMap((column, index) => (carriage(column) === 'text' ? [{ column, index }] : []));
  // node-api quotes the names inside nested types itself.
  const types = columns.map(({ physical }, index) => `c${index} ${physical.toString()}`);
  await connection.run(`CREATE TABLE carried (${types.join(', ')})`);
  const appenders = [await connection.createAppender('carried')];
  if (asText.length > 0) {
    await connection.run(`CREATE TABLE texts (${asText.map(({ index }) => `t${index} VARCHAR`).join(', ')})`);
    appenders.push(await connection.createAppender('texts'));
  }
  for await (const chunk of result.chunks()) {
    signal?.throwIfAborted();
    appenders[0]!.appendDataChunk(chunk);
    appenders[1]?.appendDataChunk(textChunk(chunk, asText));
  }
  for (const appender of appenders) appender.closeSync();
}

/** The values of some of a chunk's columns as the text that CSV prints for them, nulls as nulls. */
function textChunk(
  chunk: DuckDBDataChunk,
  asText: readonly { readonly column: ResultColumn; readonly index: number }[],
): DuckDBDataChunk {
  const texts = DuckDBDataChunk.create(
    asText.map(() => VARCHAR),
    chunk.rowCount,
  );
  asText.forEach(({ column, index }, position) => {
    const values = chunk.getColumnValues(index).map((value) => {
      const json = toJson(value, column.type);
      return json === null ? null : plainText(json, column);
    });
    texts.setColumnValues(position, values);
  });
  return texts;
}

function source(columns: readonly ResultColumn[]): string {
  return columns.some((column) => carriage(column) === 'text') ? 'carried POSITIONAL JOIN texts' : 'carried';
}

async function selectList(connection: DuckDBConnection, columns: readonly ResultColumn[]): Promise<string> {
  const items: string[] = [];
  for (const [index, column] of columns.entries()) {
    items.push(`${await expression(connection, column, index)} AS ${quoteIdentifier(column.name)}`);
  }
  return items.join(', ');
}

async function expression(
  connection: DuckDBConnection,
  column: ResultColumn,
  index: number,
): Promise<string> {
  const how = carriage(column);
  switch (how) {
    case 'text':
      return `t${index}`;
    case 'string':
      return `coalesce(c${index}, '')`;
    case 'whole':
      return (await fitsDecimal(connection, index)) ? `c${index}::DECIMAL(38, 0)` : `c${index}::VARCHAR`;
    case 'json':
      return `c${index}::VARCHAR`;
    case 'as is':
      return `c${index}`;
    default:
      return how satisfies never;
  }
}

async function fitsDecimal(connection: DuckDBConnection, index: number): Promise<boolean> {
  const result = await connection.run(
    `SELECT count(*) FROM carried WHERE c${index} IS NOT NULL AND TRY_CAST(c${index} AS DECIMAL(38, 0)) IS NULL`,
  );
  return (await result.getRows())[0]![0] === 0n;
}
