import { realpath } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table as ArrowTable } from 'apache-arrow';
import { LakeError, UsageError } from '../../error.ts';
import type { LakeFile } from '../formats.ts';
import { tablesFedBy } from '../json/json.ts';
import { documentedTable } from '../tables/contract.ts';
import { problemInWords, type Unreadable } from '../unreadable/unreadable-files.ts';
import { filesBelow, filesMatching } from './discover.ts';
import type { LakeSource } from './lake-source.ts';
import { firstName, tableOfFile } from './name.ts';

/** Where one table's rows come from. */
export interface TableSource {
  readonly table: string;
  readonly files: LakeFile[];
  readonly arrow?: ArrowTable;
}

/** Who is told of what is found. */
export interface Told {
  /** Files in a table's folder that are no lake files. */
  onWarning(message: string): void;
  /** A file that must be looked into and cannot be read; it is left out where this returns. */
  onUnreadable(file: Unreadable): void;
}

/**
 * Which tables a source has, and from which files. Looks into a file only where its path names no documented table.
 */
export async function tableSources(
  connection: DuckDBConnection,
  source: LakeSource,
  told: Told,
): Promise<Map<string, TableSource>> {
  if (typeof source === 'string') return fromFolder(connection, source, told);
  if (isMap(source)) return fromMap(connection, source);
  throw new UsageError('a lake is opened on a folder, or on a map from table to globs or Arrow tables', {
    hint: "for example 'lake/', or { DeviceNetworkEvents: 'net/**/*.parquet' }",
  });
}

/** Whether it is an object with a table at least: no list, Map or URL, which have none under their own names. */
function isMap(source: unknown): source is Exclude<LakeSource, string> {
  const plain = Object.prototype.toString.call(source) === '[object Object]';
  return plain && Object.keys(source as object).length > 0;
}

async function fromFolder(
  connection: DuckDBConnection,
  folder: string,
  told: Told,
): Promise<Map<string, TableSource>> {
  const sources = new Map<string, TableSource>();
  const { files, others } = await filesBelow(folder);
  // A folder that is itself named after a table holds that table's files.
  const own = documentedTable(basename(resolve(folder)));
  for (const file of files) {
    const { table, documented } = tableOfFile(file.key);
    const named = documented || own === undefined ? table : own;
    if (documented || file.format !== 'json') add(sources, named, file);
    else for (const each of await fedBy(connection, file, named, told)) add(sources, each, file);
  }
  const strange = others.filter((key) => own !== undefined || tableOfFile(key).documented);
  if (strange.length > 0) {
    const more = strange.length === 1 ? '' : ` and ${strange.length - 1} more`;
    told.onWarning(`not read, for its ending is not known: ${strange[0]}${more}`);
  }
  return onceEach(sources);
}

/** Under which names the tables of a watchlists folder lie beside the lake's own. */
export const SUPPLIED = 'watchlists/';

/** Before a table's name: the same with what its JSON has as it is written there, dynamic, whatever it looks like. */
export const AS_WRITTEN = 'as written/';

/** The same with all lines of its CSV rows, and with all but the first: their columns are column1, column2, … */
export const LINES = 'lines/';
export const LATER_LINES = 'lines but the first/';

/** A table's name without what says how else its files are read. */
export function plainName(table: string): string {
  const otherwise = [AS_WRITTEN, LINES, LATER_LINES].find((prefix) => table.startsWith(prefix)) ?? '';
  return table.slice(otherwise.length);
}

/** The tables of a folder of watchlists: one a file or folder, under its name, whatever it holds. */
export async function suppliedSources(folder: string): Promise<Map<string, TableSource>> {
  const sources = new Map<string, TableSource>();
  const { files } = await filesBelow(folder, '--watchlists');
  for (const file of files) add(sources, `${SUPPLIED}${firstName(file.key)}`, file);
  return sources;
}

async function fedBy(
  connection: DuckDBConnection,
  file: LakeFile,
  named: string,
  told: Told,
): Promise<string[]> {
  try {
    const fed = await tablesFedBy(connection, file);
    return fed.length > 0 ? fed : [named];
  } catch (error) {
    told.onUnreadable({ file: file.path, ...problemInWords(error, file.path) });
    return [];
  }
}

async function fromMap(
  connection: DuckDBConnection,
  map: Exclude<LakeSource, string>,
): Promise<Map<string, TableSource>> {
  const sources = new Map<string, TableSource>();
  for (const [name, value] of Object.entries(map)) {
    const table = documentedTable(name) ?? name;
    if (typeof value === 'string' || isStrings(value)) {
      for (const file of await filesMatching(connection, table, value)) add(sources, table, file);
    } else if (typeof value?.schema?.fields?.length === 'number') {
      sources.set(table, { table, files: [], arrow: value });
    } else {
      throw new LakeError(`${table}: expected a glob, a list of globs, or an Arrow table`);
    }
  }
  return onceEach(sources);
}

/** A file that is found twice, through a link or by two patterns, feeds a table once. Each has its real path then. */
async function onceEach(sources: ReadonlyMap<string, TableSource>): Promise<Map<string, TableSource>> {
  const once = new Map<string, TableSource>();
  for (const [table, source] of sources) {
    const byRealPath = new Map<string, LakeFile>();
    const reals = await Promise.all(
      source.files.map(({ path, real }) => real ?? realpath(path).catch(() => path)),
    );
    const files = source.files.map((file, index) => ({ ...file, real: reals[index]! }));
    for (const file of files) {
      if (!byRealPath.has(file.real) || file.real === file.path) byRealPath.set(file.real, file);
    }
    const kept = new Set<LakeFile>(byRealPath.values());
    once.set(table, { ...source, files: files.filter((file) => kept.has(file)) });
  }
  return once;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function add(sources: Map<string, TableSource>, table: string, file: LakeFile): void {
  const source = sources.get(table);
  if (source === undefined) sources.set(table, { table, files: [file] });
  else source.files.push(file);
}
