import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import type { KqlType } from '../schema/kql-types.ts';

/** A column as a file (or a shape's view over it) has it. `type` is DuckDB's text of the type. */
export interface PhysicalColumn {
  readonly name: string;
  readonly type: string;
}

type Conversion = (column: string, type: string) => string | undefined;

const INTEGERS = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'HUGEINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'UHUGEINT',
]);
const isText = (type: string) => type === 'VARCHAR' || type.startsWith('ENUM');
const isFloating = (type: string) => type === 'FLOAT' || type === 'DOUBLE';
const isNested = (type: string) => /[\])]$/.test(type) && /^(STRUCT|MAP|UNION)|\]$/.test(type);

/** The DuckDB type that carries each KQL type out of the lake. */
export const CARRIER: Readonly<Record<KqlType, string>> = {
  bool: 'BOOLEAN',
  datetime: 'TIMESTAMP',
  decimal: 'DECIMAL(38, 18)',
  dynamic: 'JSON',
  guid: 'UUID',
  int: 'INTEGER',
  long: 'BIGINT',
  real: 'DOUBLE',
  string: 'VARCHAR',
  timespan: 'INTERVAL',
};

const CONVERSIONS: Readonly<Record<KqlType, Conversion>> = {
  // KQL's strings have no null: https://learn.microsoft.com/kusto/query/scalar-data-types/null-values
  string: (column, type) => {
    if (isText(type)) return `coalesce(${type === 'VARCHAR' ? column : `${column}::VARCHAR`}, '')`;
    if (type === 'JSON') return `coalesce(${column} ->> '$', '')`;
    if (type === 'BLOB') return `coalesce(decode(${column}), '')`;
    if (isNested(type)) return `coalesce(to_json(${column})::VARCHAR, '')`;
    return `coalesce(${column}::VARCHAR, '')`;
  },
  int: (column, type) => wholeNumber(column, type, 'INTEGER'),
  long: (column, type) => wholeNumber(column, type, 'BIGINT'),
  real: (column, type) => {
    if (type === 'DOUBLE') return column;
    return INTEGERS.has(type) || isFloating(type) || type.startsWith('DECIMAL')
      ? `${column}::DOUBLE`
      : undefined;
  },
  decimal: (column, type) => {
    if (type.startsWith('DECIMAL')) return column;
    return INTEGERS.has(type) || isFloating(type) ? `${column}::${CARRIER.decimal}` : undefined;
  },
  bool: (column, type) => {
    if (type === 'BOOLEAN') return column;
    return INTEGERS.has(type) ? `${column} <> 0` : undefined;
  },
  datetime: (column, type) => {
    if (type === 'TIMESTAMP') return column;
    // Without ICU: its cast from zoned to naive took 25 times as long, measured.
    if (type === 'TIMESTAMP WITH TIME ZONE') return `make_timestamp(epoch_us(${column}))`;
    if (/^TIMESTAMP_(S|MS|NS)$/.test(type) || type === 'DATE') return `${column}::TIMESTAMP`;
    // Straight to TIMESTAMP, DuckDB would drop an offset: '12:00+02:00' would be noon.
    if (isText(type)) return `make_timestamp(epoch_us(nullif(${column}, '')::TIMESTAMPTZ))`;
    return undefined;
  },
  timespan: (column, type) => (type === 'INTERVAL' ? column : undefined),
  guid: (column, type) => {
    if (type === 'UUID') return column;
    return isText(type) ? `nullif(${column}, '')::UUID` : undefined;
  },
  dynamic: (column, type) => {
    if (type === 'JSON') return column;
    if (isText(type))
      return `CASE WHEN json_valid(${column}) THEN ${column}::JSON ELSE to_json(nullif(${column}, '')) END`;
    return `to_json(${column})`;
  },
};

function wholeNumber(column: string, type: string, carrier: 'INTEGER' | 'BIGINT'): string | undefined {
  if (type === carrier) return column;
  if (INTEGERS.has(type)) return `${column}::${carrier}`;
  // Writers without nullable integers store them as floating point, with NaN for null.
  if (isFloating(type))
    return `CASE WHEN isnan(${column}) THEN NULL WHEN ${column} = trunc(${column}) THEN ${column}::${carrier} ELSE error('not a whole number: ' || ${column}) END`;
  return type.startsWith('DECIMAL') && type.endsWith(',0)') ? `${column}::${carrier}` : undefined;
}

/**
 * SQL that turns a physical column into its KQL type, or undefined where the physical type cannot hold it.
 * `text` says that the source has nothing but text (CSV): then numbers are parsed, strictly, and '' is null.
 */
export function convert(column: PhysicalColumn, to: KqlType, text: boolean): string | undefined {
  const name = quoteIdentifier(column.name);
  const type = column.type.toUpperCase();
  if (text && isText(type) && !['string', 'datetime', 'dynamic', 'guid'].includes(to)) {
    return `nullif(${name}, '')::${CARRIER[to]}`;
  }
  return CONVERSIONS[to](name, type);
}

/** What a contract's column reads as where the files do not have it. */
export function absent(type: KqlType): string {
  return type === 'string' ? "''" : `NULL::${CARRIER[type]}`;
}

/** The KQL type of a column that no contract names. */
export function naturalType(type: string): KqlType {
  const upper = type.toUpperCase();
  if (upper === 'BOOLEAN') return 'bool';
  if (upper.startsWith('TIMESTAMP') || upper === 'DATE') return 'datetime';
  if (upper === 'BIGINT' || upper === 'UINTEGER') return 'long';
  if (upper === 'HUGEINT' || upper === 'UBIGINT' || upper.startsWith('DECIMAL')) return 'decimal';
  if (INTEGERS.has(upper)) return 'int';
  if (isFloating(upper)) return 'real';
  if (upper === 'UUID') return 'guid';
  if (upper === 'INTERVAL') return 'timespan';
  return upper === 'JSON' || isNested(upper) ? 'dynamic' : 'string';
}
