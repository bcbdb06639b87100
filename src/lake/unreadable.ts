import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteStrings } from '../dialect/duckdb/quote.ts';
import { LakeError } from '../error.ts';
import type { LakeFile } from './formats.ts';

/** A file that cannot be read, and why, in words for the user. */
export interface Unreadable {
  readonly file: string;
  readonly problem: string;
}

/**
 * The files to blame for an error that came up while reading, each found by reading it alone: the engine's
 * own message is not relied on, since it was seen to name the wrong place. Empty where every file can be read.
 */
export async function findUnreadable(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
  error: unknown,
): Promise<Unreadable[]> {
  if (!mayBeAFile(error)) return [];
  const bad: Unreadable[] = [];
  for (const file of files) {
    const problem = await problemOf(connection, file);
    if (problem !== undefined) bad.push({ file: file.path, problem });
  }
  return bad;
}

/** Errors that reading a file can raise; a missing column, a bad parameter or an interrupt is not one of them. */
function mayBeAFile(error: unknown): boolean {
  if (error instanceof LakeError) return error.file !== undefined;
  return /^(IO|Invalid Input|Conversion|Serialization|Invalid|Internal|Out of Range|Corrupt|TProtocol|Parser)\b.*Error|parquet|snappy|ZSTD/i.test(
    (error as Error).message,
  );
}

async function problemOf(connection: DuckDBConnection, file: LakeFile): Promise<string | undefined> {
  const found = await stat(file.path).catch(() => undefined);
  if (found === undefined) return 'it is gone';
  if (file.format === 'parquet' && found.size === 0) return 'it is empty (0 bytes), which no Parquet file is';
  try {
    await readWhole(connection, file);
    return undefined;
  } catch (error) {
    return error instanceof LakeError ? error.message : firstLine((error as Error).message);
  }
}

async function readWhole(connection: DuckDBConnection, file: LakeFile): Promise<void> {
  const path = quoteStrings([file.path]);
  switch (file.format) {
    case 'parquet':
      await connection.run(
        `SELECT max(hash(COLUMNS(*))) FROM read_parquet(${path}, hive_partitioning = false)`,
      );
      return;
    case 'csv':
      await connection.run(
        `SELECT count(COLUMNS(*)) FROM read_csv(${path}, header = true, all_varchar = true)`,
      );
      return;
    case 'json':
      await connection.run(`SELECT count(*) FROM read_json_objects(${path})`);
      return;
    case 'arrow': {
      const { readArrowFile } = await import('./arrow.ts');
      const { batches } = await readArrowFile(file.path);
      for await (const _ of batches);
      return;
    }
    default:
      file.format satisfies never;
  }
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/^[A-Za-z ]+ Error: /, '');
}
