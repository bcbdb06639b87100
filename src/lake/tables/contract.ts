import { own } from '../../own.ts';
import { advancedHuntingTables } from '../../schema/advanced-hunting.ts';
import type { Column, KqlType } from '../../schema/kql-types.ts';
import type { TableAddition } from './addition.ts';
import { DEVICE_IMAGE_LOAD_EVENTS } from './DeviceImageLoadEvents.ts';
import { DEVICE_NETWORK_EVENTS } from './DeviceNetworkEvents.ts';

/** A column that the lake promises; `required` ones must be in the files, others read as null (strings as ''). */
export interface ContractColumn extends Column {
  readonly required: boolean;
  /** Sentinel's type, where it differs from Defender XDR's. */
  readonly laType?: KqlType;
  /** Another spelling of the name, which only letter case tells from it: `AccountUpn` and `AccountUPN`. */
  readonly spelling?: string;
}

/** What a table's view gives, whatever is on disk. */
export interface Contract {
  readonly table: string;
  readonly columns: readonly ContractColumn[];
}

const ADDITIONS: readonly TableAddition[] = [DEVICE_IMAGE_LOAD_EVENTS, DEVICE_NETWORK_EVENTS];

/** The contract of a documented table, by its exact name; undefined for a table that Microsoft does not document. */
export function contractOf(table: string): Contract | undefined {
  const documented = own(advancedHuntingTables(), table);
  if (documented === undefined) return undefined;
  const addition = ADDITIONS.find((each) => each.table === table);
  const all: readonly (Column & { laType?: KqlType })[] = [...documented, ...(addition?.optional ?? [])];
  const columns = all.map(({ name, type, laType }) => {
    const required = addition?.required.includes(name) ?? false;
    return laType === undefined ? { name, type, required } : { name, type, required, laType };
  });
  return { table, columns: inOneSpelling(columns) };
}

/** Names that differ only in case are one column of a file. */
function inOneSpelling(columns: readonly ContractColumn[]): ContractColumn[] {
  const folded = new Map<string, ContractColumn>();
  for (const column of columns) {
    const key = column.name.toLowerCase();
    const first = folded.get(key);
    folded.set(key, first ? { ...first, type: column.type, spelling: column.name } : column);
  }
  return [...folded.values()];
}

/** The columns of every documented table, by its name, in each of their spellings. */
export function contractTables(): Readonly<Record<string, readonly Column[]>> {
  contracts ??= Object.fromEntries(
    Object.keys(advancedHuntingTables()).map((table) => [
      table,
      contractOf(table)!.columns.flatMap(({ name, type, spelling }) => [
        { name, type },
        ...(spelling === undefined ? [] : [{ name: spelling, type }]),
      ]),
    ]),
  );
  return contracts;
}

let contracts: Record<string, readonly Column[]> | undefined;

/** The documented table whose name this is, in any casing. */
export function documentedTable(name: string): string | undefined {
  byFoldedName ??= new Map(Object.keys(advancedHuntingTables()).map((table) => [table.toLowerCase(), table]));
  return byFoldedName.get(name.toLowerCase());
}

let byFoldedName: Map<string, string> | undefined;
