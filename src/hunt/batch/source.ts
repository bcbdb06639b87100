import type { DuckDBConnection } from '@duckdb/node-api';
import { all } from '../../engine/run.ts';
import type { LakeFile } from '../../lake/formats.ts';
import type { FileGroup } from '../../lake/group.ts';
import type { Lake } from '../../lake/lake.ts';
import { quotePaths } from '../../lake/paths.ts';
import { type Contract, contractOf } from '../../lake/tables/contract.ts';
import { UnreadableFiles } from '../../lake/unreadable-files.ts';
import { tableView } from '../../lake/view.ts';

/** How some files of a table are read. */
export interface SliceSource {
  /** A SELECT of the table's contract over them. */
  readonly view: string;
  readonly groups: readonly FileGroup[];
  /** Rows by the files' own account; null where they give none. */
  readonly rows: number | null;
  /** Their earliest and latest event by their own account, in microseconds since the epoch; null where they give none. */
  readonly covers: Covers | null;
}

export type Covers = readonly [first: string, last: string];

/** What Parquet files say of themselves in their footers. */
interface Account {
  readonly rows: number;
  readonly covers: Covers | null;
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
    const account = await only.connected([], {}, (connection) => accountOf(connection, groups));
    return { view, groups, rows: account?.rows ?? null, covers: account?.covers ?? null };
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
      const accounts = await only.connected([], {}, (connection) => accountsOf(connection, some));
      for (const group of await only.groups(table)) {
        for (const file of group.files) {
          sources.set(file.path, () => oneOf(narrow, group, file, accounts.get(file.path)));
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
  account: Account | undefined,
): SliceSource {
  const named = new Set(['timestamp', 'timegenerated', ...(contract?.columns ?? []).map(folded)]);
  const columns =
    contract === undefined ? group.columns : group.columns.filter((each) => named.has(folded(each)));
  const one = { ...group, columns, files: [file], relation: group.relationOf!([file]) };
  const table = contract?.table ?? '';
  return {
    view: tableView({ table, contract, groups: [one], bounds: {} }).sql,
    groups: [one],
    rows: account?.rows ?? null,
    covers: account?.covers ?? null,
  };
}

function folded({ name }: { readonly name: string }): string {
  return name.toLowerCase();
}

/** Times are in the statistics of the column, where it is one of instants; text has an order of its own. */
async function accountsOf(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
): Promise<Map<string, Account>> {
  const said = await all(
    connection,
    `SELECT
  file_name,
  sum(num_rows) AS num_rows,
  epoch_us(min(TRY_CAST(first AS TIMESTAMP))) AS first,
  epoch_us(max(TRY_CAST(last AS TIMESTAMP))) AS last
FROM (
  SELECT
    file_name,
    CASE WHEN column_id = 0 THEN row_group_num_rows END AS num_rows,
    CASE WHEN lower(path_in_schema) = 'timestamp' AND type = 'INT64' THEN stats_min_value END AS first,
    CASE WHEN lower(path_in_schema) = 'timestamp' AND type = 'INT64' THEN stats_max_value END AS last
  FROM parquet_metadata(${quotePaths(files)})
  WHERE column_id = 0
    OR lower(path_in_schema) = 'timestamp'
)
GROUP BY file_name`,
  );
  // A file without rows has no groups of rows to tell of.
  const accounts = new Map<string, Account>(files.map(({ path }) => [path, { rows: 0, covers: null }]));
  for (const { file_name, num_rows, first, last } of said) {
    const covers: Covers | null = first == null || last == null ? null : [String(first), String(last)];
    accounts.set(String(file_name), { rows: Number(num_rows), covers });
  }
  return accounts;
}

async function accountOf(
  connection: DuckDBConnection,
  groups: readonly FileGroup[],
): Promise<Account | undefined> {
  const accounts: Account[] = [];
  for (const { files, relation } of groups) {
    const format = files[0]?.format;
    if (format === 'parquet') accounts.push(...(await accountsOf(connection, files)).values());
    else if (format === 'arrow') {
      const [counted] = await all(connection, `SELECT count(*) AS rows FROM ${relation}`);
      accounts.push({ rows: Number(counted!.rows), covers: null });
    } else return undefined;
  }
  return {
    rows: accounts.reduce((sum, { rows }) => sum + rows, 0),
    covers: accounts.length === 1 ? accounts[0]!.covers : null,
  };
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
