import { rename, rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteString, quoteStrings } from '../../dialect/duckdb/quote.ts';
import { asideOf, syncFile } from '../../engine/durable.ts';
import { all, type RunOptions } from '../../engine/run.ts';
import type { LakeFile } from '../../lake/formats.ts';
import type { FileGroup } from '../../lake/group.ts';
import type { Lake } from '../../lake/lake.ts';
import { macroText } from '../detection.ts';
import { parseInstant } from '../time.ts';
import { digestOf } from './digest.ts';
import type { Extraction } from './extraction.ts';
import { filesKey, type InputFile } from './input-file.ts';
import type { SliceRecord } from './manifest.ts';
import type { WorkDirectory } from './work-directory.ts';

export interface SliceRequest extends RunOptions {
  readonly lake: Lake;
  readonly work: WorkDirectory;
  readonly extraction: Extraction;
  readonly files: readonly LakeFile[];
  /** The same files, as they were just before. */
  readonly inputs: readonly InputFile[];
  /** Whether the files are known to be of those that are extracted together. */
  readonly together: boolean;
}

/**
 * Writes the slice of some files: what the extraction keeps of them, in the order in which it lies there, as Parquet.
 * The file is whole and on the disk when this returns; its name is once its folder is synced. Undefined where it
 * turns out that a file cannot be extracted by itself. Throws a LakeError that names the file which cannot be read.
 */
export async function writeSlice(request: SliceRequest): Promise<SliceRecord | undefined> {
  const { lake, extraction, files, together } = request;
  const { table } = extraction.extract;
  // Copies: what the lake has learnt about a file is kept by object, and this one may just have been replaced.
  const only = lake.only(
    table,
    files.map((file) => ({ ...file })),
  );
  return only.reading([table], async () => {
    const groups = await only.groups(table);
    if (!together && groups.some(dependsOnOthers)) return undefined;
    try {
      return await only.connected([table], {}, (connection) => copySlice(connection, groups, request));
    } finally {
      await dropCopies(only, groups);
    }
  });
}

/** What a process was is in Sysmon's event of its creation, which may lie in any of the logs. */
function dependsOnOthers(group: FileGroup): boolean {
  return group.shape === 'sysmon';
}

async function copySlice(
  connection: DuckDBConnection,
  groups: readonly FileGroup[],
  request: SliceRequest,
): Promise<SliceRecord> {
  const { work, extraction, inputs, together } = request;
  const { extract, where, bindings, macros } = extraction;
  const extractKey = digestOf(extract);
  const name = `slices/${extract.table}/${digestOf([filesKey(inputs), extractKey])}.parquet`;
  const partial = asideOf(work.at(name));
  for (const macro of macros) await all(connection, macroText(macro));
  const select = `SELECT\n  ${extract.columns.map(quoteIdentifier).join(',\n  ')}\nFROM ${quoteIdentifier(extract.table)}\nWHERE ${where}`;
  const options = 'FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, RETURN_STATS';
  try {
    const copied = await all(
      connection,
      `COPY (\n${select}\n) TO ${quoteString(partial)} (${options})`,
      bindings,
      request,
    );
    await syncFile(partial);
    await rename(partial, work.at(name));
    return {
      table: extract.table,
      files: inputs,
      together,
      extract: extractKey,
      recorded: recordedIn(groups, extract.recorded),
      rowsRead: await rowsIn(connection, groups),
      ...keptRows(copied[0]!),
      ...(await work.stored(name)),
    };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** The optional columns that the files have. Files without a record have none, whatever columns they were given. */
function recordedIn(groups: readonly FileGroup[], asked: readonly string[]): string[] {
  const has = new Set(
    groups
      .filter(({ shape }) => shape !== 'empty')
      .flatMap(({ columns }) => columns.map(({ name }) => name.toLowerCase())),
  );
  return asked.filter((column) => has.has(column.toLowerCase()));
}

/** Rows by the files' own account; null where they give none. */
async function rowsIn(connection: DuckDBConnection, groups: readonly FileGroup[]): Promise<number | null> {
  let rows = 0;
  for (const { files, relation } of groups) {
    const format = files[0]?.format;
    if (format !== 'parquet' && format !== 'arrow') return null;
    const [counted] = await all(
      connection,
      format === 'arrow'
        ? `SELECT count(*) AS rows FROM ${relation}`
        : `SELECT sum(num_rows) AS rows FROM parquet_file_metadata(${quoteStrings(files.map(({ path }) => path))})`,
    );
    rows += Number(counted!.rows);
  }
  return rows;
}

type Statistics = { readonly [key: string]: unknown };

/** What COPY says that it wrote. https://duckdb.org/docs/stable/sql/statements/copy */
function keptRows(copied: Statistics): Pick<SliceRecord, 'rowsKept' | 'first' | 'last'> {
  const columns = entriesOf(copied.column_statistics);
  const time = new Map(entriesOf(columns.find(([name]) => name === '"Timestamp"')?.[1]));
  const instant = (value: unknown) => parseInstant(value)?.toString() ?? null;
  return { rowsKept: Number(copied.count), first: instant(time.get('min')), last: instant(time.get('max')) };
}

/** A MAP of the engine's as pairs. */
function entriesOf(map: unknown): [string, unknown][] {
  const { entries = [] } = (map ?? {}) as { entries?: { key: unknown; value: unknown }[] };
  return entries.map(({ key, value }) => [String(key), value]);
}

/** Arrow files are copied into the engine to be read; the copies have served. */
async function dropCopies(lake: Lake, groups: readonly FileGroup[]): Promise<void> {
  const copies = groups.filter(({ files }) => files[0]?.format === 'arrow');
  if (copies.length === 0) return;
  await lake.connected([], {}, async (connection) => {
    for (const { relation } of copies) await all(connection, `DROP TABLE IF EXISTS ${relation}`);
  });
}
