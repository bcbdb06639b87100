import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../../dialect/duckdb/quote.ts';
import type { PhysicalColumn } from '../convert.ts';
import { CATEGORY_PREFIX, type Keys, type SniffedFile } from '../find/sniff.ts';
import type { FileGroup } from '../group.ts';
import { objectSize, readJson, structType } from '../json/json-read.ts';
import { type Contract, documentedTable } from '../tables/contract.ts';
import { alike, spelledAlike } from './alike.ts';
import {
  type ContractKeys,
  declaredColumns,
  readValue,
  requireOneSpelling,
  unseenColumns,
} from './columns.ts';
import { queryOver, telemetrySql } from './telemetry.ts';

/** Files of Defender's streaming API that feed a table, read together where their layouts are the same. */
export async function streamingApiGroups(
  connection: DuckDBConnection,
  contract: Contract,
  files: readonly SniffedFile[],
): Promise<FileGroup[]> {
  const groups: FileGroup[] = [];
  for (const similar of alike(files, ({ layout, wrapped }) => `${layout} ${wrapped}`)) {
    for (const group of spelledAlike(contract, similar, (file) => keysOf(file, contract.table))) {
      groups.push(await streamingApiGroup(connection, contract, group));
    }
  }
  return groups;
}

async function streamingApiGroup(
  connection: DuckDBConnection,
  contract: Contract,
  files: readonly SniffedFile[],
): Promise<FileGroup> {
  const seen: ContractKeys = {
    keys: new Set(files.flatMap((file) => [...keysOf(file, contract.table)])),
    sentinel: false,
  };
  const size = await sizeOf(connection, files);
  const rows = (columns: readonly PhysicalColumn[]) =>
    queryOver(
      {
        export: `SELECT *, ${quoteString(CATEGORY_PREFIX + contract.table)} AS wanted\nFROM (\n${events(files, columns, size)}\n)`,
      },
      telemetrySql('streaming-api/rows'),
    );
  const unseen = await unseenColumns(connection, contract, seen, (columns) => `FROM (${rows(columns)})`);
  const columns = declaredColumns(contract, seen, unseen);
  const typed = columns.map(
    (column) => `${readValue(column)}::${column.type} AS ${quoteIdentifier(column.name)}`,
  );
  return {
    files: files.map(({ file }) => file),
    shape: 'streaming-api',
    relation: `(\nSELECT\n  ${typed.join(',\n  ')}\nFROM (\n${rows(columns)}\n)\n)`,
    columns,
    text: false,
  };
}

/**
 * The documented tables that the events of a file are of. All events are looked at, not the first alone: a file
 * may hold one table's events after another's.
 */
export async function streamingApiTables(connection: DuckDBConnection, file: SniffedFile): Promise<string[]> {
  const size = await sizeOf(connection, [file]);
  const result = await connection.run(`SELECT DISTINCT category FROM (\n${events([file], [], size)}\n)`);
  return (await result.getRows())
    .map(([category]) => String(category))
    .filter((category) => category.startsWith(CATEGORY_PREFIX))
    .map((category) => documentedTable(category.slice(CATEGORY_PREFIX.length)))
    .filter((table) => table !== undefined)
    .sort();
}

/** A SELECT of the files' events, their properties with these columns. */
function events(files: readonly SniffedFile[], columns: readonly PhysicalColumn[], size: number): string {
  // As text or JSON, which every value fits: rows of other tables, not wanted here, have columns of the same names.
  const properties = columns.map(({ name, type }) => ({ name, type: type === 'JSON' ? type : 'VARCHAR' }));
  const event = [
    { name: 'category', type: 'VARCHAR' },
    ...(columns.length > 0 ? [{ name: 'properties', type: structType(properties) }] : []),
  ];
  if (!files[0]!.wrapped) return `SELECT * FROM ${readJson(files, event)}`;
  const objects = readJson(files, [{ name: 'records', type: `${structType(event)}[]` }], size);
  return queryOver({ export: `SELECT * FROM ${objects}` }, telemetrySql('streaming-api/records'));
}

async function sizeOf(connection: DuckDBConnection, files: readonly SniffedFile[]): Promise<number> {
  return files[0]!.wrapped ? objectSize(connection, files) : 0;
}

/** The keys that the file's first events of the table have. */
function keysOf(file: SniffedFile, table: string): Keys {
  const { content } = file;
  if (content.shape !== 'streaming-api') return new Set();
  const keys = new Set(
    [...content.keys].flatMap(([name, keys]) => (documentedTable(name) === table ? [...keys] : [])),
  );
  requireOneSpelling(file, keys);
  return keys;
}
