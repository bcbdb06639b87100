import { join, resolve } from 'node:path';
import { quoteStrings } from '../../dialect/duckdb/quote.ts';
import type { LakeFile } from '../formats.ts';

/**
 * A path as the engine must be given it. The engine takes every path for a pattern, even one of a file that is
 * there: `part[1].parquet` was seen to read `part1.parquet` instead, `a*b/` both `a*b/` and `axb/`.
 */
export function literalPath(path: string): string {
  return path.replace(/[[*?]/g, '[$&]');
}

/** Paths of files as a SQL list. */
export function quotePaths(files: readonly LakeFile[]): string {
  return quoteStrings(files.map(({ path }) => literalPath(path)));
}

/** A pattern of the user's as an absolute one: the working directory's own name is no pattern. */
export function absoluteGlob(glob: string): string {
  const beside = resolve('.');
  return resolve(glob) === glob ? glob : join(literalPath(beside), glob);
}
