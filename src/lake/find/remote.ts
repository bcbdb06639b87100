import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteStrings } from '../../dialect/duckdb/quote.ts';
import { LakeError, UsageError } from '../../error.ts';
import type { LakeSource } from './lake-source.ts';

/** The engine's extensions that read over the network, by the schemes of what they read. https://duckdb.org/docs/stable/core_extensions/overview */
const EXTENSIONS: readonly (readonly [RegExp, string])[] = [
  [/^(s3|s3a|s3n|gs|gcs|r2|https?|hf):\/\//i, 'httpfs'],
  [/^(az|azure|abfss?):\/\//i, 'azure'],
];

/** Whether a path or glob lies on the network. */
export function isRemote(path: string): boolean {
  return EXTENSIONS.some(([scheme]) => scheme.test(path));
}

/**
 * Makes the engine able to read what of a source lies on the network, with its own extensions and the secrets that
 * it finds. https://duckdb.org/docs/stable/configuration/secrets_manager
 * Throws where the user did not ask for the network (`allowed`), or an extension cannot be loaded.
 */
export async function enableRemote(
  connection: Pick<DuckDBConnection, 'run'>,
  source: LakeSource,
  allowed: boolean,
): Promise<void> {
  const paths = remotePaths(source);
  if (paths.length === 0) return;
  if (!allowed) {
    throw new UsageError(`${paths[0]} lies on the network, and nothing is read from there unasked`, {
      hint: 'allow it with --remote',
    });
  }
  if (typeof source === 'string') {
    throw new UsageError(`${source}: a lake on the network is named by its tables, not by a folder`, {
      hint: `for example --table DeviceNetworkEvents=${source.replace(/\/$/, '')}/DeviceNetworkEvents/**/*.parquet`,
    });
  }
  for (const [scheme, extension] of EXTENSIONS) {
    if (paths.some((path) => scheme.test(path))) await load(connection, extension);
  }
}

/** What is known of files on the network without reading them: their size, and when they changed, in nanoseconds. */
export async function remoteStats(
  connection: DuckDBConnection,
  paths: readonly string[],
): Promise<{ path: string; size: number; modified: string }[]> {
  const result = await connection.run(
    `SELECT filename, size, epoch_ns(last_modified) FROM read_blob(${quoteStrings(paths)})`,
  );
  const rows = await result.getRows();
  return rows.map(([path, size, modified]) => ({
    path: String(path),
    size: Number(size),
    modified: String(modified),
  }));
}

function remotePaths(source: LakeSource): string[] {
  // What is no source at all is refused where sources are read.
  const values = typeof source === 'string' ? [source] : Object.values(source ?? {}).flat();
  return values.filter((each): each is string => typeof each === 'string' && isRemote(each));
}

async function load(connection: Pick<DuckDBConnection, 'run'>, extension: string): Promise<void> {
  try {
    await connection.run(`LOAD ${extension}`);
  } catch {
    try {
      await connection.run(`INSTALL ${extension}; LOAD ${extension}`);
    } catch (cause) {
      const [said] = (cause as Error).message.split('\n', 1);
      throw new LakeError(`the engine's extension ${extension} cannot be loaded: ${said}`, {
        hint: `install it where there is a network: INSTALL ${extension} in a DuckDB shell of this version`,
        cause,
      });
    }
  }
}
