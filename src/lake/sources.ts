import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table as ArrowTable } from 'apache-arrow';
import { LakeError } from '../error.ts';
import { filesBelow, filesMatching } from './discover.ts';
import type { LakeFile } from './formats.ts';
import { tablesFedBy } from './json.ts';
import { tableOfFile } from './name.ts';

/** What a lake is opened on: a folder, or for each table its files (globs) or an Arrow table in memory. */
export type LakeSource = string | Readonly<Record<string, string | readonly string[] | ArrowTable>>;

/** Where one table's rows come from. */
export interface TableSource {
  readonly table: string;
  readonly files: LakeFile[];
  readonly arrow?: ArrowTable;
}

/** Which tables a source has, and from which files. Looks into a file only where its path names no documented table. */
export async function tableSources(
  connection: DuckDBConnection,
  source: LakeSource,
): Promise<Map<string, TableSource>> {
  return typeof source === 'string' ? fromFolder(connection, source) : fromMap(connection, source);
}

async function fromFolder(connection: DuckDBConnection, folder: string): Promise<Map<string, TableSource>> {
  const sources = new Map<string, TableSource>();
  for (const file of await filesBelow(folder)) {
    const { table, documented } = tableOfFile(file.key);
    const fed = !documented && file.format === 'json' ? await tablesFedBy(connection, file) : [];
    for (const each of fed.length > 0 ? fed : [table]) add(sources, each, file);
  }
  return sources;
}

async function fromMap(
  connection: DuckDBConnection,
  map: Exclude<LakeSource, string>,
): Promise<Map<string, TableSource>> {
  const sources = new Map<string, TableSource>();
  for (const [name, value] of Object.entries(map)) {
    const { table } = tableOfFile(`${name}/x`);
    if (typeof value === 'string' || isStrings(value)) {
      for (const file of await filesMatching(connection, table, value)) add(sources, table, file);
    } else if (typeof value?.schema?.fields?.length === 'number') {
      sources.set(table, { table, files: [], arrow: value });
    } else {
      throw new LakeError(`${table}: expected a glob, a list of globs, or an Arrow table`);
    }
  }
  return sources;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

function add(sources: Map<string, TableSource>, table: string, file: LakeFile): void {
  const source = sources.get(table);
  if (source === undefined) sources.set(table, { table, files: [file] });
  else source.files.push(file);
}
