import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { LakeError } from '../../error.ts';
import { advancedHuntingTables } from '../../schema/advanced-hunting.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { requireNames } from '../column-name.ts';
import { convert, type PhysicalColumn } from '../convert.ts';
import type { Keys, SniffedFile } from '../find/sniff.ts';
import type { Contract, ContractColumn } from '../tables/contract.ts';

/** The keys that the records of some files have, and whether these are Sentinel's rows, whose types differ. */
export interface ContractKeys {
  readonly keys: Keys;
  readonly sentinel: boolean;
}

/**
 * The DuckDB type that JSON values of each KQL type become. A datetime stays text: the view converts it with
 * its UTC offset, which DuckDB's own cast to TIMESTAMP would drop.
 */
const READ_AS: Readonly<Record<KqlType, string>> = {
  bool: 'BOOLEAN',
  datetime: 'VARCHAR',
  decimal: 'DECIMAL(38, 18)',
  dynamic: 'JSON',
  guid: 'VARCHAR',
  int: 'INTEGER',
  long: 'BIGINT',
  real: 'DOUBLE',
  string: 'VARCHAR',
  timespan: 'VARCHAR',
};

/** The types that a record's values must fit for the view to read them, which goes further than reading the JSON. */
export function checkedColumns(contract: Contract, keys: Keys): PhysicalColumn[] {
  const further: Partial<Record<KqlType, string>> = { datetime: 'TIMESTAMPTZ' };
  const spelled = spellings(keys);
  return contract.columns.map(({ name, type }) => ({
    name: spelled.get(name.toLowerCase()) ?? name,
    type: further[type] ?? READ_AS[type],
  }));
}

/**
 * The columns to read a contract with: all that Microsoft documents, since an exporter may leave out what is null,
 * then as JSON what else the records have.
 */
export function declaredColumns(contract: Contract, { keys, sentinel }: ContractKeys): PhysicalColumn[] {
  const spelled = spellings(keys);
  const columns = contract.columns
    .filter((column) => spelled.has(column.name.toLowerCase()) || !mustBeSeen(contract, column))
    .map((column) => ({
      name: spelled.get(column.name.toLowerCase()) ?? column.name,
      type: readAs(column, sentinel),
    }));
  const known = new Set(contract.columns.map(({ name }) => name.toLowerCase()));
  const others = [...keys].filter((key) => !known.has(key.toLowerCase())).sort();
  return [...columns, ...others.map((name) => ({ name, type: 'JSON' }))];
}

/** What JSON gives as text and the lake parses: of whole numbers, since read_json would round 443.6 into an integer. */
const PARSED: Readonly<Record<string, KqlType>> = { INTEGER: 'int', BIGINT: 'long', TIMESTAMP: 'datetime' };

/** The columns with the types that they are to be given to read_json with. */
export function readColumns(columns: readonly PhysicalColumn[]): PhysicalColumn[] {
  return columns.map(({ name, type }) => ({ name, type: type in PARSED ? 'VARCHAR' : type }));
}

/** SQL of a column's own type, from one that was read as {@link readColumns} says; an error names column and value. */
export function readValue({ name, type }: PhysicalColumn): string {
  const kql = PARSED[type];
  return kql === undefined ? quoteIdentifier(name) : convert({ name, type: 'VARCHAR' }, kql, true)!;
}

/** What `read` gives of columns that were read as {@link readColumns} says, in the columns' own types. */
export function typedRelation(read: string, columns: readonly PhysicalColumn[]): string {
  const values = columns.map((column) => {
    const name = quoteIdentifier(column.name);
    const value = readValue(column);
    return value === name ? name : `${value} AS ${name}`;
  });
  return `(\nSELECT\n  ${values.join(',\n  ')}\nFROM ${read}\n)`;
}

/** Keys as they are spelled, by what they are in lower case. */
function spellings(keys: Keys): Map<string, string> {
  return new Map([...keys].map((key) => [key.toLowerCase(), key]));
}

/** Throws a LakeError where keys of a file's records can be no columns: one spelled in two ways, of which DuckDB could read but one, or one that names none. */
export function requireColumnNames({ file }: SniffedFile, keys: Keys): void {
  requireNames(file.path, keys, 'its records have the key');
  const spelled = spellings(keys);
  for (const key of keys) {
    const other = spelled.get(key.toLowerCase())!;
    if (other === key) continue;
    throw new LakeError(`${file.path}: its records have both ${key} and ${other}, which name one column`, {
      file: file.path,
      hint: 'write the column in one spelling',
    });
  }
}

/** Either names the event's time: the view lets one stand in for the other. */
const TIME_COLUMNS = ['Timestamp', 'TimeGenerated'];

/** Columns whose absence a run must tell from nulls: required ones, and those that Microsoft does not document. */
function mustBeSeen(contract: Contract, column: ContractColumn): boolean {
  const documented =
    advancedHuntingTables()[contract.table]?.some(({ name }) => name === column.name) ?? false;
  return column.required || !documented || TIME_COLUMNS.includes(column.name);
}

function readAs({ type, laType }: ContractColumn, sentinel: boolean): string {
  return READ_AS[sentinel ? (laType ?? type) : type];
}
