import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { LakeError } from '../../error.ts';
import type { PhysicalColumn } from '../convert.ts';
import type { Keys, SniffedFile } from '../find/sniff.ts';
import type { FileGroup } from '../group.ts';
import { readJson } from '../json/json-read.ts';
import type { Contract } from '../tables/contract.ts';
import { alike, spelledAlike } from './alike.ts';
import {
  type ContractKeys,
  declaredColumns,
  readColumns,
  readValue,
  requireOneSpelling,
  unseenColumns,
} from './columns.ts';
import { flatShape } from './flat.ts';

/**
 * JSON with one record per row: Defender XDR's advanced-hunting rows (`Timestamp`), Sentinel's (`TimeGenerated`).
 * Files are read together where they have the same layout and shape and spell their keys alike.
 */
export async function rowsGroups(
  connection: DuckDBConnection,
  contract: Contract,
  files: readonly SniffedFile[],
): Promise<FileGroup[]> {
  const rows = files.map((sniffed) => rowsFile(sniffed));
  const groups: FileGroup[] = [];
  for (const similar of alike(rows, ({ sniffed, shape }) => `${sniffed.layout} ${shape}`)) {
    for (const group of spelledAlike(contract, similar, ({ keys }) => keys)) {
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

function rowsFile(sniffed: SniffedFile): RowsFile {
  const { content } = sniffed;
  if (sniffed.wrapped || !('keys' in content) || content.shape === 'streaming-api')
    throw unknownRecords(sniffed);
  requireOneSpelling(sniffed, content.keys);
  return { sniffed, keys: content.keys, shape: flatShape([...content.keys]) };
}

async function rowsGroup(
  connection: DuckDBConnection,
  contract: Contract,
  group: readonly RowsFile[],
): Promise<FileGroup> {
  const sniffed = group.map((each) => each.sniffed);
  const shape = group[0]!.shape;
  const seen: ContractKeys = {
    keys: new Set(group.flatMap(({ keys }) => [...keys])),
    sentinel: shape === 'sentinel',
  };
  const unseen = await unseenColumns(
    connection,
    contract,
    seen,
    (columns) => `FROM ${readJson(sniffed, columns)}`,
  );
  const columns = declaredColumns(contract, seen, unseen);
  return {
    files: sniffed.map(({ file }) => file),
    shape,
    relation: typedRelation(readJson(sniffed, readColumns(columns)), columns),
    columns,
    text: false,
  };
}

/** What `read` gives, in the columns' own types. */
function typedRelation(read: string, columns: readonly PhysicalColumn[]): string {
  const values = columns.map((column) => {
    const name = quoteIdentifier(column.name);
    const value = readValue(column);
    return value === name ? name : `${value} AS ${name}`;
  });
  return `(\nSELECT\n  ${values.join(',\n  ')}\nFROM ${read}\n)`;
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
