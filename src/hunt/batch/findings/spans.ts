import { all } from '../../../engine/run.ts';
import { quotePaths } from '../../../lake/find/paths.ts';
import type { Lake } from '../../../lake/lake.ts';
import type { Detection } from '../../detection/detection.ts';
import type { Manifest } from '../state/manifest.ts';

/** The earliest and latest event of files, by their paths, in microseconds since the epoch. */
export type Spans = ReadonlyMap<string, readonly [first: bigint, last: bigint]>;

/**
 * What a detection's Parquet files of which no row was kept say of their times, in the statistics of the column where it is
 * one of instants (text has an order of its own). Files that do not say, or cannot be asked any more, are left out.
 */
export async function spansOfEmpty(lake: Lake, { slices }: Manifest, { tables }: Detection): Promise<Spans> {
  const empty = slices.filter(({ table, rowsKept }) => table in tables && rowsKept === 0);
  const paths = new Set(empty.flatMap(({ files }) => files.map(({ path }) => path)));
  const files = Object.keys(tables)
    .filter((table) => lake.tables.includes(table))
    .flatMap((table) => lake.files(table))
    .filter(({ path, format }) => format === 'parquet' && paths.has(path));
  if (files.length === 0) return new Map();
  const sql = `SELECT
  file_name,
  epoch_us(min(TRY_CAST(stats_min_value AS TIMESTAMP))) AS first,
  epoch_us(max(TRY_CAST(stats_max_value AS TIMESTAMP))) AS last
FROM parquet_metadata(${quotePaths(files)})
WHERE lower(path_in_schema) = 'timestamp'
  AND type = 'INT64'
GROUP BY file_name`;
  const said = await lake.connected([], {}, (connection) => all(connection, sql)).catch(() => []);
  const known = said.filter(({ first, last }) => first != null && last != null);
  return new Map(
    known.map(({ file_name, first, last }) => [
      String(file_name),
      [BigInt(String(first)), BigInt(String(last))],
    ]),
  );
}
