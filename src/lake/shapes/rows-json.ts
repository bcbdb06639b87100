import type { DuckDBConnection } from '@duckdb/node-api';
import { LakeError } from '../../error.ts';
import type { FileGroup } from '../group.ts';
import { readJson } from '../json-read.ts';
import type { Keys, SniffedFile } from '../sniff.ts';
import type { Contract } from '../tables/contract.ts';
import { type ContractKeys, declaredColumns, unseenColumns } from './columns.ts';
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
  const alike = new Map<string, RowsFile[]>();
  for (const sniffed of files) {
    if (sniffed.wrapped) throw unknownRecords(sniffed);
    const { keys } = sniffed.content as { keys: Keys };
    const file = { sniffed, keys, shape: flatShape([...keys]) };
    const spelled = spellings(contract, file);
    const signature = JSON.stringify([sniffed.layout, file.shape, spelled]);
    alike.set(signature, [...(alike.get(signature) ?? []), file]);
  }
  const groups: FileGroup[] = [];
  for (const group of alike.values()) groups.push(await rowsGroup(connection, contract, group));
  return groups;
}

interface RowsFile {
  readonly sniffed: SniffedFile;
  readonly keys: Keys;
  readonly shape: string;
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
    relation: readJson(sniffed, columns),
    columns,
    text: false,
  };
}

/** The contract's columns that the file spells in a casing of its own. */
function spellings(contract: Contract, { sniffed, keys }: RowsFile): string[] {
  const columns = new Map(contract.columns.map(({ name }) => [name.toLowerCase(), name]));
  const folded = new Map<string, string>();
  for (const key of keys) {
    const other = folded.get(key.toLowerCase());
    if (other !== undefined) throw twoSpellings(sniffed, other, key);
    folded.set(key.toLowerCase(), key);
  }
  return [...folded]
    .filter(([fold, key]) => (columns.get(fold) ?? key) !== key)
    .map(([, key]) => key)
    .sort();
}

function twoSpellings({ file }: SniffedFile, first: string, second: string): LakeError {
  return new LakeError(`${file.path}: its records have both ${first} and ${second}, which name one column`, {
    file: file.path,
    hint: 'write the column in one spelling',
  });
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
