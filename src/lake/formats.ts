/** The file formats of a lake, told by the file's name as DuckDB and Arrow users name them. */
export type FileFormat = 'parquet' | 'arrow' | 'json' | 'csv';

export type Compression = 'none' | 'gzip' | 'zstd';

/** A file of the lake. Paths are absolute. `key` is what names its table: its path below the lake's folder. */
export interface LakeFile {
  readonly path: string;
  readonly key: string;
  readonly format: FileFormat;
  readonly compression: Compression;
  /** Where the file lies once all links are followed, where that is known already. */
  readonly real?: string | undefined;
}

const FORMATS: readonly [RegExp, FileFormat][] = [
  [/\.(parquet|parq|pq)$/i, 'parquet'],
  [/\.(arrow|arrows|feather)$/i, 'arrow'],
  [/\.(jsonl|ndjson|json)(\.gz|\.zst)?$/i, 'json'],
  [/\.csv(\.gz|\.zst)?$/i, 'csv'],
];

/** What lake files end with, for messages. */
export const KNOWN_ENDINGS =
  '.parquet, .arrow, .feather, .jsonl, .json, .csv (the last three also .gz or .zst)';

/** The file as a lake file, or undefined where its ending is none of a lake's. */
export function lakeFile(path: string, key: string, real?: string): LakeFile | undefined {
  const format = FORMATS.find(([ending]) => ending.test(path))?.[1];
  if (format === undefined) return undefined;
  return { path, key, format, compression: compressionOf(path), real };
}

function compressionOf(path: string): Compression {
  if (/\.gz$/i.test(path)) return 'gzip';
  if (/\.zst$/i.test(path)) return 'zstd';
  return 'none';
}
