import type { DuckDBConnection } from '@duckdb/node-api';
import { all } from '../../../engine/run.ts';
import { quotePaths } from '../../../lake/find/paths.ts';
import type { LakeFile } from '../../../lake/formats.ts';
import type { FileGroup } from '../../../lake/group.ts';
import type { Lake } from '../../../lake/lake.ts';
import { type Contract, contractOf } from '../../../lake/tables/contract.ts';
import { UnreadableFiles } from '../../../lake/unreadable/unreadable-files.ts';
import { tableView } from '../../../lake/view.ts';

/** How some files of a table are read. */
export interface SliceSource {
  /** A SELECT of the table's contract over them. */
  readonly view: string;
  readonly groups: readonly FileGroup[];
  /** Rows by the files' own account; null where they give none. */
  readonly rows: number | null;
}

/**
 * How files are read by themselves, as if there were no others. Looks at their footers or first records.
 * Throws a LakeError that names the file which cannot be read.
 */
export async function sourceOf(lake: Lake, table: string, files: readonly LakeFile[]): Promise<SliceSource> {
  // Copies: what the lake has learnt about a file is kept by object, and this one may just have been replaced.
  const only = lake.only(
    table,
    files.map((file) => ({ ...file })),
  );
  return only.reading([table], async () => {
    const groups = await only.groups(table);
    const view = await viewOf(lake, only, table, groups);
    const rows = await only.connected([], {}, (connection) => rowsIn(connection, groups));
    return { view, groups, rows };
  });
}

/**
 * The view of files by themselves. JSON leaves out what is null: a file none of whose records has a required column
 * is read with nulls for it, as in a hunt, if the table's other JSON files have the column.
 */
async function viewOf(lake: Lake, only: Lake, table: string, groups: readonly FileGroup[]): Promise<string> {
  try {
    return (await only.view(table)).sql;
  } catch (error) {
    const contract = contractOf(table);
    const json = only.files(table).every(({ format }) => format === 'json');
    if (contract === undefined || !json || !(await acceptedAmongOthers(lake, only, table))) throw error;
    const lenient = { table, columns: contract.columns.map((column) => ({ ...column, required: false })) };
    return tableView({ table, contract: lenient, groups, bounds: {} }).sql;
  }
}

/** Whether a view over all of the table's JSON files takes these. */
async function acceptedAmongOthers(lake: Lake, only: Lake, table: string): Promise<boolean> {
  const json = lake.files(table).filter(({ format }) => format === 'json');
  const own = new Set(only.files(table).map(({ path }) => path));
  if (json.every(({ path }) => own.has(path))) return false;
  try {
    await lake.only(table, json).view(table);
    return true;
  } catch (error) {
    const blamed = error instanceof UnreadableFiles ? error.files.map(({ file }) => file) : [...own];
    return blamed.length > 0 && !blamed.some((path) => own.has(path));
  }
}

/**
 * The sources of Parquet files, found for many at once: the engine's statements for one file alone cost as much as
 * reading some hundred thousand rows. Files that are missing in the answer must be looked at by themselves.
 */
export async function parquetSources(
  lake: Lake,
  table: string,
  files: readonly LakeFile[],
  columns: readonly string[],
): Promise<ReadonlyMap<string, () => SliceSource>> {
  const contract = contractOf(table);
  const needed = contract?.columns.filter(({ name, required }) => required || columns.includes(name));
  const narrow = contract && { ...contract, columns: needed! };
  const sources = new Map<string, () => SliceSource>();
  const parquet = files.filter(({ format }) => format === 'parquet');
  for (let at = 0; at < parquet.length; at += AT_ONCE) {
    const some = parquet.slice(at, at + AT_ONCE);
    const only = lake.only(table, some);
    try {
      const rows = await only.connected([], {}, (connection) => rowsOfEach(connection, some));
      for (const group of await only.groups(table)) {
        for (const file of group.files) {
          sources.set(file.path, () => oneOf(narrow, group, file, rows.get(file.path) ?? null));
        }
      }
    } catch {
      // One of them cannot be read; which one, and why, is found when each is looked at.
    }
  }
  return sources;
}

const AT_ONCE = 256;

/** Of the contract and the group, the columns that are needed: the engine takes its time over each. */
function oneOf(
  contract: Contract | undefined,
  group: FileGroup,
  file: LakeFile,
  rows: number | null,
): SliceSource {
  const named = new Set(['timestamp', 'timegenerated', ...(contract?.columns ?? []).map(folded)]);
  const columns =
    contract === undefined ? group.columns : group.columns.filter((each) => named.has(folded(each)));
  const one = { ...group, columns, files: [file], relation: group.relationOf!([file]) };
  const table = contract?.table ?? '';
  return { view: tableView({ table, contract, groups: [one], bounds: {} }).sql, groups: [one], rows };
}

function folded({ name }: { readonly name: string }): string {
  return name.toLowerCase();
}

async function rowsOfEach(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
): Promise<Map<string, number>> {
  const paths = quotePaths(files);
  const counted = await all(connection, `SELECT file_name, num_rows FROM parquet_file_metadata(${paths})`);
  return new Map(counted.map((row) => [String(row.file_name), Number(row.num_rows)]));
}

async function rowsIn(connection: DuckDBConnection, groups: readonly FileGroup[]): Promise<number | null> {
  let rows = 0;
  for (const { files, relation } of groups) {
    const format = files[0]?.format;
    if (format === 'parquet') {
      for (const each of (await rowsOfEach(connection, files)).values()) rows += each;
    } else if (format === 'arrow') {
      const [counted] = await all(connection, `SELECT count(*) AS rows FROM ${relation}`);
      rows += Number(counted!.rows);
    } else return null;
  }
  return rows;
}

/** What a process was is in Sysmon's event of its creation, which may lie in any of the logs. */
export function dependsOnOthers({ groups }: SliceSource): boolean {
  return groups.some(({ shape }) => shape === 'sysmon');
}

/** Arrow files are copied into the engine to be read; the copies have served. */
export async function dropCopies(connection: DuckDBConnection, { groups }: SliceSource): Promise<void> {
  const copies = groups.filter(({ files }) => files[0]?.format === 'arrow');
  for (const { relation } of copies) await all(connection, `DROP TABLE IF EXISTS ${relation}`);
}
