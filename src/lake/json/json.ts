import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { type JsonContent, type Keys, type SniffedFile, sniff, sniffAll } from '../find/sniff.ts';
import type { LakeFile } from '../formats.ts';
import type { FileGroup } from '../group.ts';
import { checkedColumns, declaredColumns } from '../shapes/columns.ts';
import { inferredGroups } from '../shapes/inferred-json.ts';
import { rowsGroups } from '../shapes/rows-json.ts';
import { streamingApiGroups, streamingApiTables } from '../shapes/streaming-api.ts';
import { holdsSysmon, SYSMON_CHECKED, SYSMON_TABLES, sysmonGroup } from '../shapes/sysmon.ts';
import type { Contract } from '../tables/contract.ts';
import { type BadRecord, firstBadRecord } from './json-errors.ts';
import { keysOf } from './json-keys.ts';

/**
 * JSON files that feed a table (lines, arrays or documents one after another; plain, gzip, zstd), grouped by what
 * they hold. Tables of a contract are read with the contract's types, others with the kinds of scalars that all their values
 * are of; of keys that are to be had `asWritten` as dynamic.
 * Throws a LakeError that names the file where one cannot feed the table.
 */
export async function jsonGroups(
  connection: DuckDBConnection,
  table: string,
  contract: Contract | undefined,
  files: readonly LakeFile[],
  asWritten: (key: string) => boolean,
): Promise<FileGroup[]> {
  const sniffed = await sniffAll(connection, files);
  const filled = sniffed.filter(({ content }) => content.shape !== 'empty');
  if (contract === undefined) return filled.length === 0 ? [] : inferredGroups(connection, filled, asWritten);
  if (filled.length === 0) return [emptyGroup(contract, files)];
  const { rows, streaming, sysmon } = await byShape(connection, table, filled);
  return [
    ...(await rowsGroups(connection, contract, rows)),
    ...(await streamingApiGroups(connection, contract, streaming)),
    ...(sysmon.length === 0 ? [] : [await sysmonGroup(connection, table, sysmon)]),
  ];
}

/** The documented tables that a JSON file feeds by what is in it, whatever its path says; none where that tells nothing. */
export async function tablesFedBy(connection: DuckDBConnection, file: LakeFile): Promise<string[]> {
  const sniffed = await sniff(connection, file);
  switch (sniffed.content.shape) {
    case 'streaming-api':
      return streamingApiTables(connection, sniffed);
    case 'windows-events':
      return (await holdsSysmon(connection, sniffed)) ? [...SYSMON_TABLES] : [];
    case 'rows':
    case 'empty':
      return [];
    default:
      return sniffed.content satisfies never;
  }
}

/**
 * The first record of a file that keeps it from feeding a table: malformed, or with a value that the table's
 * contract cannot hold. Undefined where every record can be read.
 */
export async function firstBadJson(
  connection: DuckDBConnection,
  contract: Contract | undefined,
  file: LakeFile,
): Promise<BadRecord | undefined> {
  const sniffed = await sniff(connection, file);
  const { shape } = sniffed.content;
  if (shape === 'empty') return firstBadRecord(connection, file, []);
  if (contract === undefined) {
    const keys = [...(await keysAsFarAsRead(connection, sniffed))];
    return firstBadRecord(
      connection,
      file,
      keys.map((name) => ({ name, type: 'JSON' })),
    );
  }
  if (shape === 'windows-events') return firstBadRecord(connection, file, SYSMON_CHECKED);
  const columns = checkedColumns(contract, await keysAsFarAsRead(connection, sniffed));
  if (shape === 'rows') return firstBadRecord(connection, file, columns);
  return firstBadRecord(connection, file, columns, { member: 'properties', table: contract.table });
}

/** All of a file's keys, whatever they are of; of its first records only where it cannot be read to its end. */
async function keysAsFarAsRead(connection: DuckDBConnection, sniffed: SniffedFile): Promise<Keys> {
  const found = await keysOf(connection, [sniffed]).catch(() => undefined);
  const keys = found === undefined ? firstKeys(sniffed.content) : [...found.get(sniffed)!.values()];
  return new Set(keys.flatMap((each) => [...each]));
}

function firstKeys(content: JsonContent): Keys[] {
  if (content.shape === 'empty') return [];
  return content.shape === 'streaming-api' ? [...content.keys.values()] : [content.keys];
}

interface ByShape {
  readonly rows: SniffedFile[];
  readonly streaming: SniffedFile[];
  readonly sysmon: SniffedFile[];
}

/** Windows events that are not Sysmon's are rows like any other. */
async function byShape(
  connection: DuckDBConnection,
  table: string,
  files: readonly SniffedFile[],
): Promise<ByShape> {
  const shapes: ByShape = { rows: [], streaming: [], sysmon: [] };
  const feeds = SYSMON_TABLES.includes(table);
  for (const file of files) {
    const { content } = file;
    if (content.shape === 'empty') continue;
    if (content.shape === 'streaming-api') shapes.streaming.push(file);
    else if (content.shape === 'rows') shapes.rows.push(file);
    else if (content.sysmon || (feeds && (await holdsSysmon(connection, file)))) shapes.sysmon.push(file);
    else shapes.rows.push(file);
  }
  return shapes;
}

/** Files without a record: no rows, but all columns. */
function emptyGroup(contract: Contract, files: readonly LakeFile[]): FileGroup {
  const columns = declaredColumns(contract, {
    keys: new Set(contract.columns.map(({ name }) => name)),
    sentinel: false,
  });
  const nulls = columns.map(({ name, type }) => `NULL::${type} AS ${quoteIdentifier(name)}`);
  return {
    files,
    shape: 'empty',
    relation: `(SELECT ${nulls.join(', ')} WHERE false)`,
    columns,
    text: false,
  };
}
