import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteString } from '../../dialect/duckdb/quote.ts';
import { asideOf, syncFile, syncFolder } from '../../engine/durable.ts';
import { all, type RunOptions } from '../../engine/run.ts';
import type { StoredFile } from './manifest.ts';
import type { WorkDirectory } from './work-directory.ts';

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
    `COPY (\n${select}\n) TO ${quoteString(partial)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`,
    undefined,
    options,
  );
  await syncFile(partial);
  await rename(partial, path);
  await syncFolder(dirname(path));
  return { file: await work.stored(name), rows: Number(copied!.Count) };
}
