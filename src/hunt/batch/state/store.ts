import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteString } from '../../../dialect/duckdb/quote.ts';
import { asideOf, syncFile, syncFolder } from '../../../engine/durable.ts';
import { all, type RunOptions } from '../../../engine/run.ts';
import type { StoredFile } from './manifest.ts';
import type { WorkDirectory } from './work-directory.ts';

/**
 * How the work directory's files are written, as COPY's options. They are read whole: Bloom filters would cost their
 * making and serve nobody.
 */
export const STORED_PARQUET =
  'FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, WRITE_BLOOM_FILTER false, USE_TMP_FILE false';

/** Writes a SELECT's rows, in its order, to a Parquet file of the work directory, which is there whole or not at all. */
export async function store(
  connection: DuckDBConnection,
  work: WorkDirectory,
  name: string,
  select: string,
  options: RunOptions,
): Promise<{ readonly file: StoredFile; readonly rows: number }> {
  const path = work.at(name);
  const partial = asideOf(path);
  const [copied] = await all(
    connection,
    `COPY (\n${select}\n) TO ${quoteString(partial)} (${STORED_PARQUET})`,
    undefined,
    options,
  );
  await syncFile(partial);
  await rename(partial, path);
  await syncFolder(dirname(path));
  return { file: await work.stored(name), rows: Number(copied!.Count) };
}
