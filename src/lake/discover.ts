import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteString } from '../dialect/duckdb/quote.ts';
import { LakeError } from '../error.ts';
import { KNOWN_ENDINGS, type LakeFile, lakeFile } from './formats.ts';

/** Globs by the name of the table they feed. */
export type TableGlobs = Readonly<Record<string, string | readonly string[]>>;

/**
 * All lake files below a folder, in the order of their paths. Names that start with `.` or `_` are left out,
 * as every data-lake tool does: they are logs, markers and files still being written.
 */
export async function filesBelow(directory: string): Promise<LakeFile[]> {
  const root = resolve(directory);
  await requireDirectory(root);
  const files: LakeFile[] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    const key = relative(root, path);
    if (key.split(sep).some((part) => part.startsWith('.') || part.startsWith('_'))) continue;
    const file = lakeFile(path, key);
    if (file !== undefined) files.push(file);
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function requireDirectory(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (found === undefined) {
    throw new LakeError(`no such directory: ${path}`, {
      hint: 'name the folder that holds the telemetry with --lake',
    });
  }
  throw new LakeError(`${path} is a file, not a lake directory`, {
    hint: `give the table's name and the file: --table DeviceNetworkEvents=${path}`,
  });
}

/**
 * The files that a table's globs match (DuckDB's glob syntax: `*`, `**`, `?`, `[…]`), each once, in path order.
 * Throws where a glob matches nothing, or only files of no known format.
 */
export async function filesMatching(
  connection: DuckDBConnection,
  table: string,
  globs: string | readonly string[],
): Promise<LakeFile[]> {
  const files = new Map<string, LakeFile>();
  for (const glob of typeof globs === 'string' ? [globs] : globs) {
    const matches = await expand(connection, resolve(glob));
    const known = matches
      .map((path) => lakeFile(path, join(table, path)))
      .filter((file) => file !== undefined);
    if (known.length === 0) throw nothingMatches(table, glob, matches);
    for (const file of known) files.set(file.path, file);
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A path that exists is that file, whatever characters it holds; anything else is a pattern. */
async function expand(connection: DuckDBConnection, glob: string): Promise<string[]> {
  const found = await stat(glob).catch(() => undefined);
  if (found?.isFile()) return [glob];
  if (found?.isDirectory()) return (await filesBelow(glob)).map((file) => file.path);
  const result = await connection.run(`SELECT file FROM glob(${quoteString(glob)})`);
  return (await result.getRows()).map(([file]) => String(file));
}

function nothingMatches(table: string, glob: string, matches: readonly string[]): LakeError {
  if (matches.length === 0) {
    return new LakeError(`no files for ${table}: nothing matches ${quoteString(glob)}`, {
      hint: 'quote the pattern so that the shell leaves it alone, and try it with ls',
    });
  }
  return new LakeError(
    `no files for ${table}: ${quoteString(glob)} matches ${matches[0]}, whose ending is not known`,
    {
      hint: `known endings are ${KNOWN_ENDINGS}`,
    },
  );
}
