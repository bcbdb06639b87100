import type { DuckDBConnection } from '@duckdb/node-api';
import { counted } from '../../counted.ts';
import { quoteIdentifier, quoteString } from '../../dialect/duckdb/quote.ts';
import { LakeError } from '../../error.ts';
import type { PhysicalColumn } from '../convert.ts';
import { CATEGORY_PREFIX, type Keys, type SniffedFile } from '../find/sniff.ts';
import type { FileGroup } from '../group.ts';
import { keysOf, rowKeys } from '../json/json-keys.ts';
import { objectSize, readJson, structType } from '../json/json-read.ts';
import type { Contract } from '../tables/contract.ts';
import { alike, spelledAlike } from './alike.ts';
import { declaredColumns, readColumns, requireColumnNames, typedRelation } from './columns.ts';
import { envelopeOf } from './enveloped.ts';
import { flatShape } from './flat.ts';
import { queryOver, telemetrySql } from './telemetry.ts';

/**
 * JSON with one record per row: Defender XDR's advanced-hunting rows (`Timestamp`), Sentinel's (`TimeGenerated`).
 * What an API has answered is opened. Files are read together where they have the same layout and shape and spell their keys alike.
 */
export async function rowsGroups(
  connection: DuckDBConnection,
  contract: Contract,
  files: readonly SniffedFile[],
): Promise<FileGroup[]> {
  for (const sniffed of files) requireRows(sniffed);
  const rows = await rowsFiles(connection, contract, files);
  const groups: FileGroup[] = [];
  for (const similar of alike(
    rows,
    ({ sniffed, shape }) => `${sniffed.layout} ${sniffed.wrapped} ${shape}`,
  )) {
    for (const group of spelledAlike(contract.columns, similar, ({ keys }) => keys)) {
      groups.push(await rowsGroup(connection, contract, group));
    }
  }
  return groups;
}

interface RowsFile {
  readonly sniffed: SniffedFile;
  readonly keys: Keys;
  readonly shape: string;
}

function requireRows(sniffed: SniffedFile): void {
  if (sniffed.wrapped !== undefined || sniffed.content.shape === 'streaming-api')
    throw unknownRecords(sniffed);
}

async function rowsFiles(
  connection: DuckDBConnection,
  contract: Contract,
  files: readonly SniffedFile[],
): Promise<RowsFile[]> {
  const found = await keysOf(connection, files);
  const rows: RowsFile[] = [];
  for (const sniffed of files) {
    const keys = rowKeys(found, sniffed);
    if (EVENT.every((key) => keys.has(key))) await refuseEvents(connection, sniffed);
    const wrapped = await envelopeOf(connection, contract, sniffed, keys);
    if (wrapped === undefined) {
      rows.push(rowsFile(sniffed, keys));
      continue;
    }
    const opened = { ...sniffed, wrapped };
    rows.push(rowsFile(opened, rowKeys(await keysOf(connection, [opened]), opened)));
  }
  return rows;
}

/** What an event of the streaming API has, and a row does not. */
const EVENT = ['category', 'properties'];

/** Rows tell what a file is. An event behind them would be a row without a value. */
async function refuseEvents(connection: DuckDBConnection, sniffed: SniffedFile): Promise<void> {
  const read = readJson([sniffed], [{ name: 'category', type: 'VARCHAR' }]);
  const result = await connection.run(
    `SELECT count(*) FROM ${read} WHERE starts_with(category, ${quoteString(CATEGORY_PREFIX)})`,
  );
  const events = Number((await result.getRows())[0]![0]);
  if (events === 0) return;
  const { path } = sniffed.file;
  throw new LakeError(
    `${path}: it holds ${counted(events, 'event')} of Defender's streaming API behind rows`,
    {
      file: path,
      hint: 'rows and events are read from files of their own',
    },
  );
}

function rowsFile(sniffed: SniffedFile, keys: Keys): RowsFile {
  requireColumnNames(sniffed, keys);
  return { sniffed, keys, shape: flatShape([...keys]) };
}

async function rowsGroup(
  connection: DuckDBConnection,
  contract: Contract,
  group: readonly RowsFile[],
): Promise<FileGroup> {
  const sniffed = group.map((each) => each.sniffed);
  const shape = group[0]!.shape;
  const keys = new Set(group.flatMap((each) => [...each.keys]));
  const columns = declaredColumns(contract, { keys, sentinel: shape === 'sentinel' });
  const read = await readRows(connection, sniffed, readColumns(columns));
  return {
    files: sniffed.map(({ file }) => file),
    shape,
    relation: typedRelation(read, columns),
    columns,
    recorded: [...keys],
    text: false,
  };
}

async function readRows(
  connection: DuckDBConnection,
  files: readonly SniffedFile[],
  columns: readonly PhysicalColumn[],
): Promise<string> {
  const { wrapped } = files[0]!;
  if (wrapped === undefined) return readJson(files, columns);
  const size = await objectSize(connection, files);
  const objects = readJson(files, [{ name: wrapped, type: `${structType(columns)}[]` }], { size });
  const lists = `SELECT ${quoteIdentifier(wrapped)} AS records FROM ${objects}`;
  return `(\n${queryOver({ export: lists }, telemetrySql('streaming-api/records'))}\n)`;
}

function unknownRecords({ file }: SniffedFile): LakeError {
  return new LakeError(
    `${file.path}: the objects in its "records" are not events of Defender's streaming API`,
    {
      file: file.path,
      hint: 'their category should begin with AdvancedHunting-; other logs are read as JSON lines, one row per line',
    },
  );
}
