import { setImmediate } from 'node:timers/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteStrings } from '../../dialect/duckdb/quote.ts';
import { requireNames } from '../column-name.ts';
import { NOTHING, type PhysicalColumn } from '../convert.ts';
import { describe } from '../describe.ts';
import { keyColumns, WITH_PATH, withKeys } from '../find/hive-columns.ts';
import { hiveKeys } from '../find/name.ts';
import { quotePaths } from '../find/paths.ts';
import { isRemote } from '../find/remote.ts';
import type { LakeFile } from '../formats.ts';
import type { FileGroup } from '../group.ts';
import { flatShape } from '../shapes/flat.ts';
import { schemaInFooter } from './parquet-footer.ts';

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

/** Files that are looked into before anything else has its turn. */
const AT_ONCE = 64;

/** For each file what is the same for files of the same columns: its schema as it lies in the file, or the engine's word. */
async function footerSignatures(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
): Promise<Map<string, string>> {
  const signatures = new Map<string, string>();
  const others: LakeFile[] = [];
  for (const [index, file] of files.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await setImmediate();
    const schema = isRemote(file.path) ? undefined : schemaInFooter(file.path);
    if (schema === undefined) others.push(file);
    else signatures.set(file.path, schema);
  }
  if (others.length === 0) return signatures;
  return new Map([...signatures, ...(await engineSignatures(connection, others))]);
}

/** Of files that are not to be looked into here, a digest of their columns' names and types. Names what cannot be read. */
async function engineSignatures(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
): Promise<Map<string, string>> {
  const result = await connection.run(`
    SELECT
      file_name,
      md5(string_agg(concat_ws(' ', name, type, logical_type, num_children, repetition_type), ',' ORDER BY column_id))
    FROM parquet_schema(${quotePaths(files)})
    GROUP BY file_name`);
  return new Map((await result.getRows()).map(([file, signature]) => [String(file), String(signature)]));
}

async function parquetGroup(connection: DuckDBConnection, files: readonly LakeFile[]): Promise<FileGroup> {
  const first = files[0]!;
  const declared = await describe(
    connection,
    `read_parquet(${quotePaths([first])}, hive_partitioning = false)`,
  );
  requireNames(
    first.path,
    declared.map(({ name }) => name),
    'it has the column',
  );
  const columns = await withoutNullJson(connection, files, declared);
  const keys = usableKeys(first, columns);
  const relationOf = (some: readonly LakeFile[]) => readParquet(some, keys);
  return {
    files,
    shape: flatShape(columns.map((column) => column.name)),
    relation: relationOf(files),
    relationOf,
    columns: [...columns, ...keys.names.map((name) => ({ name, type: 'VARCHAR' }))],
    hiveKeys: keys.names,
    text: false,
  };
}

/** Hive keys that become columns, and whether the engine may be left to find them. */
interface HiveKeys {
  readonly names: readonly string[];
  readonly byEngine: boolean;
}

/** The engine would let a key replace a file's column, even one above the lake's own folder: where one would, keys are read from the path here. */
function usableKeys(file: LakeFile, columns: readonly PhysicalColumn[]): HiveKeys {
  const names = columns.map(({ name }) => name);
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const inPath = hiveKeys(file.path).map((key) => key.toLowerCase());
  return {
    names: keyColumns(file, names),
    byEngine: new Set(inPath).size === inPath.length && !inPath.some((key) => taken.has(key)),
  };
}

function readParquet(files: readonly LakeFile[], { names, byEngine }: HiveKeys): string {
  const paths = quotePaths(files);
  if (names.length === 0) return `read_parquet(${paths}, hive_partitioning = false)`;
  if (byEngine) return `read_parquet(${paths}, hive_partitioning = true, hive_types_autocast = false)`;
  return withKeys(`read_parquet(${paths}, hive_partitioning = false, ${WITH_PATH})`, names);
}

/** A JSON column without a single value is some writer's artefact, of a column that it knew nothing of. */
async function withoutNullJson(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
  columns: readonly PhysicalColumn[],
): Promise<PhysicalColumn[]> {
  const json = columns.filter(({ type }) => type === 'JSON').map(({ name }) => name);
  if (json.length === 0) return [...columns];
  const result = await connection.run(`
    SELECT path_in_schema
    FROM parquet_metadata(${quotePaths(files)})
    WHERE path_in_schema IN ${quoteStrings(json)}
    GROUP BY path_in_schema
    HAVING bool_and(coalesce(stats_null_count = num_values, false))`);
  const empty = new Set((await result.getRows()).map(([name]) => name));
  return columns.map(({ name, type }) => ({ name, type: empty.has(name) ? NOTHING : type }));
}
