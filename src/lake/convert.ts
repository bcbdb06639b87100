import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import type { KqlType } from '../schema/kql-types.ts';
import { instantOf } from './instant.ts';
import { jsonOf } from './nested-json.ts';
import { orError } from './unreadable/bad-value.ts';

/** A column as a file (or a shape's view over it) has it. `type` is DuckDB's text of the type. */
export interface PhysicalColumn {
  readonly name: string;
  readonly type: string;
}

/** DuckDB's type of a column that has no value and no type; it counts as text where no file tells its type. */
export const NOTHING = '"NULL"';

/** SQL of a physical column's values, and what of them is needed to make them something else. */
interface Source {
  /** The column, quoted. */
  readonly column: string;
  /** DuckDB's type in capitals. */
  readonly type: string;
  /** The same as it is written: the fields of a STRUCT have names. */
  readonly nested: string;
  /** The attempt where it gives a value, an error that names column and value where it gives null for one. */
  checked(attempt: string): string;
}

type Conversion = (source: Source) => string | undefined;

/** Bits of DuckDB's integer types, the unsigned ones with the one more that they need. */
const INTEGER_BITS: Readonly<Record<string, number>> = {
  TINYINT: 8,
  UTINYINT: 9,
  SMALLINT: 16,
  USMALLINT: 17,
  INTEGER: 32,
  UINTEGER: 33,
  BIGINT: 64,
  UBIGINT: 65,
  HUGEINT: 128,
  UHUGEINT: 129,
};
const isInteger = (type: string) => type in INTEGER_BITS;
const isText = (type: string) => type === 'VARCHAR' || /^ENUM\(.*\)$/s.test(type);
const isFloating = (type: string) => type === 'FLOAT' || type === 'DOUBLE';
const isDecimal = (type: string) => /^DECIMAL\([^)]*\)$/.test(type);
const isNumber = (type: string) => isInteger(type) || isFloating(type) || isDecimal(type);
const isInstant = (type: string) => type.startsWith('TIMESTAMP') || type === 'DATE';
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
  string: ({ column, type, nested, checked }) => {
    // greatest() takes null for '' as coalesce() does, but as a function it is run once for each entry of a dictionary:
    // over several files a filter on a coalesced column took twice as long (1.6 s against 0.9 s for 40 M rows). concat()
    // does so too, and copies each text that is in no dictionary (0.46 s against 0.29 s for addresses and URLs of 4 M rows).
    if (isText(type)) return `greatest(${type === 'VARCHAR' ? column : `${column}::VARCHAR`}, '')`;
    if (type === 'JSON') return `coalesce(${column} ->> '$', '')`;
    if (type === 'VARIANT') return `coalesce(${column}::JSON ->> '$', '')`;
    if (type === 'BLOB') return `coalesce(${checked(`TRY(decode(${column}))`)}, '')`;
    if (isNested(type)) return `coalesce(${jsonOf(column, nested)}::VARCHAR, '')`;
    return `coalesce(${column}::VARCHAR, '')`;
  },
  int: (source) => wholeNumber(source, 'INTEGER'),
  long: (source) => wholeNumber(source, 'BIGINT'),
  real: ({ column, type }) => {
    if (type === 'DOUBLE') return column;
    return isNumber(type) ? `${column}::DOUBLE` : undefined;
  },
  decimal: ({ column, type, checked }) => {
    if (isDecimal(type)) return column;
    return isNumber(type) ? checked(`TRY_CAST(${column} AS ${CARRIER.decimal})`) : undefined;
  },
  bool: ({ column, type }) => {
    if (type === 'BOOLEAN') return column;
    return isInteger(type) ? `${column} <> 0` : undefined;
  },
  datetime: ({ column, type, checked }) => {
    if (isInstant(type)) return instantOf(column, type);
    // Straight to TIMESTAMP, DuckDB would drop an offset: '12:00+02:00' would be noon.
    if (isText(type)) return `make_timestamp(epoch_us(${checked(`TRY_CAST(${column} AS TIMESTAMPTZ)`)}))`;
    return undefined;
  },
  timespan: ({ column, type }) => (type === 'INTERVAL' ? column : undefined),
  guid: ({ column, type, checked }) => {
    if (type === 'UUID') return column;
    return isText(type) ? checked(`TRY_CAST(${column} AS UUID)`) : undefined;
  },
  dynamic: ({ column, type, nested }) => {
    if (type === 'JSON') return column;
    if (isText(type))
      return `CASE WHEN json_valid(${column}) THEN ${column}::JSON ELSE to_json(nullif(${column}, '')) END`;
    return jsonOf(column, nested);
  },
};

function wholeNumber({ column, type, checked }: Source, carrier: 'INTEGER' | 'BIGINT'): string | undefined {
  if (type === carrier) return column;
  const attempt = `TRY_CAST(${column} AS ${carrier})`;
  if (isInteger(type)) {
    return INTEGER_BITS[type]! <= INTEGER_BITS[carrier]! ? `${column}::${carrier}` : checked(attempt);
  }
  // Writers without nullable integers store them as floating point, with NaN for null.
  if (isFloating(type))
    return `CASE WHEN NOT isnan(${column}) THEN ${checked(`CASE WHEN ${column} = trunc(${column}) THEN ${attempt} END`)} END`;
  return type.startsWith('DECIMAL') && type.endsWith(',0)') ? checked(attempt) : undefined;
}

/** Types that text is parsed into where there is nothing but text (CSV, a member of a JSON value). */
const PARSED = new Set<KqlType>(['int', 'long', 'real', 'decimal', 'bool', 'datetime', 'guid', 'timespan']);

/** Text as the type; '' is null. */
function parsed(text: string, to: KqlType, checked: Source['checked']): string {
  const parse = checked(attempt(text, to));
  return to === 'datetime' ? `make_timestamp(epoch_us(${parse}))` : parse;
}

/** SQL that is null where a text cannot be parsed as the type. DuckDB alone would round '4.5' to a whole number. */
export function attempt(text: string, to: KqlType): string {
  if (to === 'datetime') return `TRY_CAST(${text} AS TIMESTAMPTZ)`;
  const cast = `TRY_CAST(${text} AS ${CARRIER[to]})`;
  if (to !== 'int' && to !== 'long') return cast;
  return `CASE WHEN TRY_CAST(${text} AS DOUBLE) = ${cast} THEN ${cast} END`;
}

/**
 * SQL that turns a physical column into its KQL type, or undefined where the physical type cannot hold it. A value
 * that the KQL type cannot hold is an error that bad-value.ts words and knows again.
 * `text` says that the source has nothing but text (CSV): then numbers are parsed, strictly, and '' is null.
 */
export function convert(column: PhysicalColumn, to: KqlType, text: boolean): string | undefined {
  const name = quoteIdentifier(column.name);
  const type = column.type.toUpperCase();
  if (type === NOTHING) return absent(to);
  const asText = type === 'JSON' ? `(${name} ->> '$')` : name;
  const value = isText(type) || type === 'JSON' ? `nullif(${asText}, '')` : name;
  const checked = (attempt: string) => orError(attempt, value, column.name, to);
  if (PARSED.has(to) && (type === 'JSON' || (text && isText(type)))) return parsed(value, to, checked);
  return CONVERSIONS[to]({ column: PARSED.has(to) ? value : name, type, nested: column.type, checked });
}

/** A decimal that may be of another scale as {@link CARRIER} has it: UNION ALL of two scales would round to the smaller. */
export function toCarriedDecimal(expression: string, { name, type }: PhysicalColumn): string {
  if (type.toUpperCase() === CARRIER.decimal.replace(' ', '')) return expression;
  return orError(`TRY_CAST(${expression} AS ${CARRIER.decimal})`, expression, name, 'decimal');
}

/** What a contract's column reads as where the files do not have it. */
export function absent(type: KqlType): string {
  return type === 'string' ? "''" : `NULL::${CARRIER[type]}`;
}

/** The KQL type of a column that no contract names. */
export function naturalType(type: string): KqlType {
  const upper = type.toUpperCase();
  if (upper === 'JSON' || upper === 'VARIANT' || isNested(upper)) return 'dynamic';
  if (upper === 'BOOLEAN') return 'bool';
  if (isInstant(upper)) return 'datetime';
  if (upper === 'BIGINT' || upper === 'UINTEGER') return 'long';
  if (upper === 'HUGEINT' || upper === 'UBIGINT' || isDecimal(upper)) return 'decimal';
  if (isInteger(upper)) return 'int';
  if (isFloating(upper)) return 'real';
  if (upper === 'UUID') return 'guid';
  if (upper === 'INTERVAL') return 'timespan';
  return 'string';
}
