import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteStrings } from '../dialect/duckdb/quote.ts';
import type { PhysicalColumn } from './convert.ts';
import type { LakeFile } from './formats.ts';
import type { FileGroup } from './group.ts';
import { hiveKeys } from './name.ts';
import { flatShape } from './shapes/flat.ts';

/**
 * Parquet files, grouped by the columns that their footers declare and by their Hive keys, so that each group
 * is read without `union_by_name`, which over mixed types loses the pruning of row groups.
 */
export async function parquetGroups(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
): Promise<FileGroup[]> {
  const signatures = await footerSignatures(connection, files);
  const alike = new Map<string, LakeFile[]>();
  for (const file of files) {
    const signature = `${signatures.get(file.path)} ${hiveKeys(file.key).join('/')}`;
    const group = alike.get(signature);
    if (group === undefined) alike.set(signature, [file]);
    else group.push(file);
  }
  return Promise.all([...alike.values()].map((group) => parquetGroup(connection, group)));
}

/** For each file a digest of its columns' names and types. One query; the footers stay cached for the scan. */
async function footerSignatures(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
): Promise<Map<string, string>> {
  const result = await connection.run(`
    SELECT
      file_name,
      md5(string_agg(concat_ws(' ', name, type, logical_type, num_children, repetition_type), ',' ORDER BY column_id))
    FROM parquet_schema(${quoteStrings(files.map((file) => file.path))})
    GROUP BY file_name`);
  return new Map((await result.getRows()).map(([file, signature]) => [String(file), String(signature)]));
}

async function parquetGroup(connection: DuckDBConnection, files: readonly LakeFile[]): Promise<FileGroup> {
  const first = files[0]!;
  const columns = await describe(
    connection,
    `read_parquet(${quoteStrings([first.path])}, hive_partitioning = false)`,
  );
  const keys = hiveKeys(first.key);
  const hive = keys.length > 0 && usable(keys, columns);
  const options = hive
    ? 'hive_partitioning = true, hive_types_autocast = false'
    : 'hive_partitioning = false';
  const relationOf = (some: readonly LakeFile[]) =>
    `read_parquet(${quoteStrings(some.map((file) => file.path))}, ${options})`;
  return {
    files,
    shape: flatShape(columns.map((column) => column.name)),
    relation: relationOf(files),
    relationOf,
    columns: hive ? [...columns, ...keys.map((name) => ({ name, type: 'VARCHAR' }))] : columns,
    text: false,
  };
}

/** Azure's diagnostic paths say `m=` for the month and for the minute; and a key never replaces a file's column. */
function usable(keys: readonly string[], columns: readonly PhysicalColumn[]): boolean {
  const names = new Set(columns.map((column) => column.name.toLowerCase()));
  const folded = keys.map((key) => key.toLowerCase());
  return new Set(folded).size === keys.length && !folded.some((key) => names.has(key));
}

/** The columns of anything that can stand after FROM. */
export async function describe(connection: DuckDBConnection, relation: string): Promise<PhysicalColumn[]> {
  const result = await connection.run(`DESCRIBE SELECT * FROM ${relation}`);
  return (await result.getRows()).map(([name, type]) => ({ name: String(name), type: String(type) }));
}
