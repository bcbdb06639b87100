/** The one place where values and names become DuckDB's SQL text. */
import type { Literal } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';

/** How a value of each KQL type is held; see README.md for what that keeps and what it loses. */
export const PHYSICAL_TYPES: Readonly<Record<KqlType, string>> = {
  bool: 'BOOLEAN',
  datetime: 'TIMESTAMP',
  decimal: 'DECIMAL(38, 17)',
  dynamic: 'JSON',
  guid: 'UUID',
  int: 'INTEGER',
  long: 'BIGINT',
  real: 'DOUBLE',
  string: 'VARCHAR',
  timespan: 'BIGINT',
};

/** A name, always quoted where it is not a plain word. */
export function identifier(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toUpperCase())
    ? name
    : `"${name.replaceAll('"', '""').replaceAll('\0', '')}"`;
}

/**
 * A string. Line ends and other control characters are written as escapes, so that laying the query out cannot
 * change them; a NUL, which DuckDB's parser takes for the end of the query, as chr(0).
 */
export function text(value: string): string {
  if (value.includes('\0')) return `(${value.split('\0').map(text).join(' || chr(0) || ')})`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  if (!/[\u0001-\u001f\u007f]/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replace(/[\u0001-\u001f\u007f]/g, escapeOf);
  return `E'${escaped}'`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
const escapeOf = (character: string): string =>
  ESCAPES[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

export function timestamp(micros: bigint): string {
  const seconds = micros >= 0n ? micros / 1_000_000n : -((-micros + 999_999n) / 1_000_000n);
  const fraction = micros - seconds * 1_000_000n;
  const iso = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `TIMESTAMP '${iso}${fraction === 0n ? '' : `.${String(fraction).padStart(6, '0')}`}'`;
}

function real(value: number): string {
  if (Number.isNaN(value)) return "'nan'::DOUBLE";
  if (!Number.isFinite(value)) return value > 0 ? "'inf'::DOUBLE" : "'-inf'::DOUBLE";
  return `${Object.is(value, -0) ? '-0.0' : /[.e]/.test(String(value)) ? value : `${value}.0`}::DOUBLE`;
}

const LONG_MIN = -(2n ** 63n);

export function literalSql({ type, value }: Literal): string {
  if (value === null) return type === 'string' ? "''" : `NULL::${PHYSICAL_TYPES[type]}`;
  switch (type) {
    case 'string':
      return text(String(value));
    case 'bool':
      return value ? 'TRUE' : 'FALSE';
    case 'int':
      return BigInt(value) < 0n ? `(${value})::INTEGER` : `${value}::INTEGER`;
    case 'long':
    case 'timespan':
      return BigInt(value) === LONG_MIN ? `'${value}'::BIGINT` : String(value);
    case 'real':
      return real(Number(value));
    case 'datetime':
      return timestamp(BigInt(value));
    case 'guid':
      return `${text(String(value))}::UUID`;
    case 'decimal':
      return `${text(String(value))}::${PHYSICAL_TYPES.decimal}`;
    case 'dynamic':
      return `${text(String(value))}::JSON`;
    default:
      return type satisfies never;
  }
}

const RESERVED = new Set(
  `ALL ANALYSE ANALYZE AND ANTI ANY ARRAY AS ASC ASOF ASYMMETRIC AT AUTHORIZATION BETWEEN BIGINT BINARY BIT BOOLEAN BOTH
  BY CASE CAST CHAR CHARACTER CHECK COALESCE COLLATE COLLATION COLUMN COLUMNS CONCURRENTLY CONSTRAINT CREATE CROSS
  CURRENT DEC DECIMAL DEFAULT DEFERRABLE DESC DESCRIBE DISTINCT DO ELSE END EXCEPT EXISTS EXTRACT FALSE FETCH FILTER
  FIRST FLOAT FOR FOREIGN FREEZE FROM FULL GENERATED GLOB GRANT GROUP GROUPING GROUPING_ID GROUPS HAVING ILIKE IN INITIALLY INNER
  INOUT INT INTEGER INTERSECT INTERVAL INTO IS ISNULL JOIN LAMBDA LATERAL LEADING LEFT LIKE LIMIT LOCALTIME
  LOCALTIMESTAMP MAP MATERIALIZED NATIONAL NATURAL NCHAR NONE NOT NOTNULL NULL NULLIF NUMERIC OFFSET ON ONLY OR ORDER OUT OUTER
  OVER OVERLAPS OVERLAY PIVOT PIVOT_LONGER PIVOT_WIDER PLACING POSITION POSITIONAL PRECISION PRIMARY QUALIFY RANGE REAL RECURSIVE
  REFERENCES RETURNING RIGHT ROW ROWS SELECT SEMI SETOF SHOW SIMILAR SMALLINT SOME STRUCT SUBSTRING SUMMARIZE SYMMETRIC
  TABLE TABLESAMPLE THEN TIME TIMESTAMP TO TRAILING TREAT TRIM TRUE TRY_CAST UNION UNIQUE UNPACK UNPIVOT USING VALUES VARCHAR
  VARIADIC VERBOSE WHEN WHERE WINDOW WITH WITHIN XMLATTRIBUTES`.split(/\s+/),
);
