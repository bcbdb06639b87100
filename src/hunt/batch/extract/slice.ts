import { rename, rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../../../dialect/duckdb/quote.ts';
import { asideOf, syncFile } from '../../../engine/durable.ts';
import { all, type RunOptions } from '../../../engine/run.ts';
import { parseInstant } from '../../time.ts';
import { digestOf } from '../state/digest.ts';
import type { SliceRecord } from '../state/manifest.ts';
import { STORED_PARQUET } from '../state/store.ts';
import type { WorkDirectory } from '../state/work-directory.ts';
import type { Extraction } from './extraction.ts';
import { filesKey, type InputFile } from './input-file.ts';
import type { SliceSource } from './source.ts';

export interface SliceRequest extends RunOptions {
  readonly connection: DuckDBConnection;
  readonly work: WorkDirectory;
  readonly extraction: Extraction;
  readonly source: SliceSource;
  /** The files, as they were just before. */
  readonly inputs: readonly InputFile[];
  /** Whether they are extracted together because their rows depend on each other. */
  readonly together: boolean;
}

/**
 * Writes the slice of some files: what the extraction keeps of them, in the order in which it lies there, as Parquet.
 * The file is whole and on the disk when this returns; its name is once its folder is synced.
 */
export async function writeSlice(request: SliceRequest): Promise<SliceRecord> {
  const { connection, work, extraction, source, inputs, together } = request;
  const { extract } = extraction;
  const extractKey = digestOf(extract);
  const name = `slices/${extract.table}/${digestOf([filesKey(inputs), extractKey])}.parquet`;
  const partial = asideOf(work.at(name));
  try {
    const copied = await all(connection, copyStatement(extraction, source, partial), undefined, request);
    await syncFile(partial);
    await rename(partial, work.at(name));
    return {
      table: extract.table,
      files: inputs,
      together,
      extract: extractKey,
      recorded: recordedIn(source, extract.recorded),
      rowsRead: source.rows,
      ...keptRows(copied[0]!),
      ...(await work.stored(name)),
    };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function copyStatement({ extract, where }: Extraction, { view }: SliceSource, partial: string): string {
  return `COPY (
SELECT
  ${extract.columns.map(quoteIdentifier).join(',\n  ')}
FROM (
${view}
) AS ${quoteIdentifier(extract.table)}
WHERE ${where}
) TO ${quoteString(partial)} (${STORED_PARQUET}, RETURN_STATS)`;
}

/** The optional columns that the files have. Files without a record have none, whatever columns they were given. */
function recordedIn({ groups }: SliceSource, asked: readonly string[]): string[] {
  const has = new Set(
    groups
      .filter(({ shape }) => shape !== 'empty')
      .flatMap(({ columns }) => columns.map(({ name }) => name.toLowerCase())),
  );
  return asked.filter((column) => has.has(column.toLowerCase()));
}

type Statistics = { readonly [key: string]: unknown };

/** What COPY says that it wrote. https://duckdb.org/docs/stable/sql/statements/copy */
function keptRows(copied: Statistics): Pick<SliceRecord, 'rowsKept' | 'first' | 'last'> {
  const columns = entriesOf(copied.column_statistics);
  const time = new Map(entriesOf(columns.find(([name]) => name === '"Timestamp"')?.[1]));
  const instant = (value: unknown) => parseInstant(value)?.toString() ?? null;
  return { rowsKept: Number(copied.count), first: instant(time.get('min')), last: instant(time.get('max')) };
}

/** A MAP of the engine's as pairs. */
function entriesOf(map: unknown): [string, unknown][] {
  const { entries = [] } = (map ?? {}) as { entries?: { key: unknown; value: unknown }[] };
  return entries.map(({ key, value }) => [String(key), value]);
}
