import type { DuckDBConnection } from '@duckdb/node-api';
import type { SniffedFile } from '../find/sniff.ts';
import { alike } from '../shapes/alike.ts';
import { readJson } from './json-read.ts';

/** The kinds of values that a key has, as bits: one or several, none where every value is null. */
export type Kinds = number;

const BOOL = 1;
const LONG = 2;
const REAL = 4;
const DATETIME = 8;
const STRING = 16;
const BAG_OR_ARRAY = 32;

/**
 * The DuckDB type of a column whose values are of these kinds. One kind is itself; whole numbers among others are real; bags
 * and arrays with anything else are JSON; any other mixture is text, each value as it is written. So is what is always null.
 */
export function typeOfKinds(kinds: Kinds): string {
  if (kinds & BAG_OR_ARRAY) return 'JSON';
  if (kinds === BOOL) return 'BOOLEAN';
  if (kinds === LONG) return 'BIGINT';
  if (kinds === DATETIME) return 'TIMESTAMP';
  return kinds !== 0 && (kinds & ~(LONG | REAL)) === 0 ? 'DOUBLE' : 'VARCHAR';
}

/**
 * The keys that each file's records have at their outermost level, and the kinds of their values, of every record: no type
 * depends on a sample. Files of one layout are gone through at once.
 */
export async function kindsOf(
  connection: DuckDBConnection,
  files: readonly SniffedFile[],
): Promise<ReadonlyMap<SniffedFile, ReadonlyMap<string, Kinds>>> {
  const found = new Map<string, Map<string, Kinds>>(files.map(({ file }) => [file.path, new Map()]));
  for (const group of alike(files, ({ layout }) => layout)) {
    const record = [{ name: 'record', type: 'MAP(VARCHAR, JSON)' }];
    const result = await connection.run(`
      SELECT filename, key, bit_or(${KIND}) AS kinds
      FROM (
        SELECT filename, unnest(map_keys(record)) AS key, unnest(map_values(record))::VARCHAR AS value
        FROM ${readJson(group, record, { named: true, whole: true })}
      )
      GROUP BY ALL
      ORDER BY ALL`);
    for (const [file, key, kinds] of await result.getRows()) {
      found.get(String(file))!.set(String(key), Number(kinds));
    }
  }
  return new Map(files.map((each) => [each, found.get(each.file.path)!]));
}

/** A date and a time of day, as ISO 8601 and RFC 3339 write them. Fractions may have any digits: what is beyond microseconds is cut off. */
const ISO_8601 =
  '"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})?"';

/**
 * SQL of the kind of a value, from its text as JSON. Kusto's whole numbers have 64 bits, and a larger one is a real to it:
 * https://learn.microsoft.com/kusto/query/scalar-data-types/dynamic
 */
const KIND = `CASE
          WHEN value IS NULL THEN 0
          WHEN starts_with(value, '"') THEN CASE
            WHEN regexp_full_match(value, '${ISO_8601}') AND TRY_CAST(trim(value, '"') AS TIMESTAMPTZ) IS NOT NULL
            THEN ${DATETIME} ELSE ${STRING} END
          WHEN starts_with(value, '{') OR starts_with(value, '[') THEN ${BAG_OR_ARRAY}
          WHEN value IN ('true', 'false') THEN ${BOOL}
          WHEN regexp_full_match(value, '-?[0-9]+') AND TRY_CAST(value AS BIGINT) IS NOT NULL THEN ${LONG}
          ELSE ${REAL} END`;
