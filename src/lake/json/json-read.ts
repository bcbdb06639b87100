import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../../dialect/duckdb/quote.ts';
import type { PhysicalColumn } from '../convert.ts';
import { quotePaths } from '../find/paths.ts';
import type { SniffedFile } from '../find/sniff.ts';
import { byteChunks } from './json-bytes.ts';
import { largestValue, longestLine } from './json-values.ts';

/** DuckDB's own limit of one object. https://duckdb.org/docs/stable/data/json/loading_json */
const DEFAULT_OBJECT_SIZE = 16 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

export interface ReadJsonOptions {
  /** The `maximum_object_size`, in bytes, where it must be more than DuckDB's own. */
  readonly size?: number | undefined;
  /** Whether each row is to have its file's path, as `filename`. */
  readonly named?: boolean | undefined;
  /** Whether the only column is the whole record, not a member of it. */
  readonly whole?: boolean | undefined;
}

/**
 * A read_json call over files of one layout with these columns and no inference: types never depend on a sample.
 * `records` is said because DuckDB, left to guess it for a single column, reads five times as long, measured.
 */
export function readJson(
  files: readonly SniffedFile[],
  columns: readonly PhysicalColumn[],
  { size = DEFAULT_OBJECT_SIZE, named = false, whole = false }: ReadJsonOptions = {},
): string {
  const struct = columns.map(({ name, type }) => `${quoteIdentifier(name)}: ${quoteString(type)}`);
  return `read_json(${[
    quotePaths(files.map(({ file }) => file)),
    `columns = {${struct.join(', ')}}`,
    `format = ${quoteString(files[0]!.layout)}`,
    `records = ${!whole}`,
    'auto_detect = false',
    'hive_partitioning = false',
    ...(named ? ['filename = true'] : []),
    ...(size > DEFAULT_OBJECT_SIZE ? [`maximum_object_size = ${size}`] : []),
  ].join(', ')})`;
}

/** A STRUCT type of these columns. */
export function structType(columns: readonly PhysicalColumn[]): string {
  return `STRUCT(${columns.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`).join(', ')})`;
}

/**
 * The `maximum_object_size` that wrapped files need, in bytes: their largest object with a megabyte to spare, since
 * DuckDB was seen to misread a last line without an end that fills its buffer to the byte. The engine sets aside
 * twice this for each thread, so the files are measured rather than a generous size taken.
 */
export async function objectSize(
  connection: DuckDBConnection,
  files: readonly SniffedFile[],
): Promise<number> {
  let largest = 0;
  for (const each of files) {
    const size = measured.get(each) ?? (await largestObject(connection, each));
    measured.set(each, size);
    largest = Math.max(largest, size);
  }
  return Math.max(DEFAULT_OBJECT_SIZE, (Math.ceil(largest / MEGABYTE) + 1) * MEGABYTE);
}

const measured = new WeakMap<SniffedFile, number>();

async function largestObject(connection: DuckDBConnection, sniffed: SniffedFile): Promise<number> {
  const { file, layout } = sniffed;
  const whole = file.compression === 'none' ? (await stat(file.path)).size : undefined;
  if (whole !== undefined && whole < DEFAULT_OBJECT_SIZE - MEGABYTE) return whole;
  if (file.compression !== 'zstd') {
    return layout === 'newline_delimited' ? longestLine(byteChunks(file)) : largestValue(byteChunks(file));
  }
  for (let size = DEFAULT_OBJECT_SIZE; ; size *= 2) {
    try {
      await connection.run(
        `SELECT count(record) FROM ${readJson([sniffed], [{ name: 'record', type: 'JSON' }], { size, whole: true })}`,
      );
      return size;
    } catch (error) {
      if (!/maximum_object_size/.test((error as Error).message)) return size;
    }
  }
}
