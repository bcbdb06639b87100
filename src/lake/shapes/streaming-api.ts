import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../../dialect/duckdb/quote.ts';
import { LakeError } from '../../error.ts';
import type { PhysicalColumn } from '../convert.ts';
import { CATEGORY_PREFIX, type Keys, type SniffedFile } from '../find/sniff.ts';
import type { FileGroup } from '../group.ts';
import { firstBadRecord } from '../json/json-errors.ts';
import { type KeysByCategory, keysOf } from '../json/json-keys.ts';
import { objectSize, readJson, structType } from '../json/json-read.ts';
import { type Contract, documentedTable } from '../tables/contract.ts';
import { alike, spelledAlike } from './alike.ts';
import { declaredColumns, readValue, requireColumnNames } from './columns.ts';
import { queryOver, telemetrySql } from './telemetry.ts';

/** Files of Defender's streaming API that feed a table, read together where their layouts are the same. */
export async function streamingApiGroups(
  connection: DuckDBConnection,
  contract: Contract,
  files: readonly SniffedFile[],
): Promise<FileGroup[]> {
  const found = await eventKeys(connection, files);
  const exports = files.map((file) => ({ file, keys: tableKeys(file, found.get(file)!, contract.table) }));
  const groups: FileGroup[] = [];
  for (const similar of alike(exports, ({ file: { layout, wrapped } }) => `${layout} ${wrapped}`)) {
    for (const group of spelledAlike(contract.columns, similar, ({ keys }) => keys)) {
      groups.push(await streamingApiGroup(connection, contract, group));
    }
  }
  return groups;
}

/** A file with the keys that its events of the table have. */
interface Export {
  readonly file: SniffedFile;
  readonly keys: Keys;
}

async function streamingApiGroup(
  connection: DuckDBConnection,
  contract: Contract,
  exports: readonly Export[],
): Promise<FileGroup> {
  const files = exports.map(({ file }) => file);
  const keys = new Set(exports.flatMap((each) => [...each.keys]));
  const columns = declaredColumns(contract, { keys, sentinel: false });
  const read = await events(connection, files, columns);
  const rows = queryOver(
    { export: `SELECT *, ${quoteString(CATEGORY_PREFIX + contract.table)} AS wanted\nFROM (\n${read}\n)` },
    telemetrySql('streaming-api/rows'),
  );
  const typed = columns.map(
    (column) => `${readValue(column)}::${column.type} AS ${quoteIdentifier(column.name)}`,
  );
  return {
    files: files.map(({ file }) => file),
    shape: 'streaming-api',
    relation: `(\nSELECT\n  ${typed.join(',\n  ')}\nFROM (\n${rows}\n)\n)`,
    columns,
    recorded: [...keys],
    text: false,
  };
}

/**
 * The documented tables that the events of a file are of. All events are looked at, not the first alone: a file
 * may hold one table's events after another's.
 */
export async function streamingApiTables(connection: DuckDBConnection, file: SniffedFile): Promise<string[]> {
  const categories = [...(await eventKeys(connection, [file])).get(file)!.keys()];
  return categories
    .map(tableOf)
    .filter((table) => table !== undefined)
    .sort();
}

/** The keys of the files' events. Throws a LakeError that names file and line where a record is none, and would be lost. */
async function eventKeys(
  connection: DuckDBConnection,
  files: readonly SniffedFile[],
): Promise<ReadonlyMap<SniffedFile, KeysByCategory>> {
  const found = await keysOf(connection, files);
  for (const [{ file }, categories] of found) {
    const stranger = categories.has(null)
      ? await firstBadRecord(connection, file, [], { member: 'properties', table: '' })
      : undefined;
    if (stranger === undefined) continue;
    throw new LakeError(`${file.path}: line ${stranger.line}: ${stranger.problem}`, {
      file: file.path,
      hint: 'rows and events are read from files of their own',
    });
  }
  return found;
}

function tableOf(category: string | null): string | undefined {
  return category?.startsWith(CATEGORY_PREFIX)
    ? documentedTable(category.slice(CATEGORY_PREFIX.length))
    : undefined;
}

/** A SELECT of the files' events, their properties with these columns. */
async function events(
  connection: DuckDBConnection,
  files: readonly SniffedFile[],
  columns: readonly PhysicalColumn[],
): Promise<string> {
  // As text or JSON, which every value fits: rows of other tables, not wanted here, have columns of the same names.
  const properties = columns.map(({ name, type }) => ({ name, type: type === 'JSON' ? type : 'VARCHAR' }));
  const event = [
    { name: 'category', type: 'VARCHAR' },
    { name: 'properties', type: structType(properties) },
  ];
  if (files[0]!.wrapped === undefined) return `SELECT * FROM ${readJson(files, event)}`;
  const size = await objectSize(connection, files);
  const objects = readJson(files, [{ name: 'records', type: `${structType(event)}[]` }], { size });
  return queryOver({ export: `SELECT * FROM ${objects}` }, telemetrySql('streaming-api/records'));
}

function tableKeys(file: SniffedFile, found: KeysByCategory, table: string): Keys {
  const keys = new Set(
    [...found].flatMap(([category, each]) => (tableOf(category) === table ? [...each] : [])),
  );
  requireColumnNames(file, keys);
  return keys;
}
