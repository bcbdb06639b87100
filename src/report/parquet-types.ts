import { DuckDBListType, DuckDBTypeId } from '@duckdb/node-api';
import type { ResultColumn } from '../engine/result.ts';
import { isJson } from '../engine/values.ts';

/** How a column travels into a Parquet file. */
export type Carriage = 'as is' | 'string' | 'json' | 'whole' | 'text';

/** Types that Parquet keeps as they are, alone and in lists. */
const KEPT: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.VARCHAR,
  DuckDBTypeId.UUID,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
]);

/**
 * - `string`: VARCHAR, a null as `''`, since KQL's strings are never null.
 * - `json`: DuckDB's JSON, as plain VARCHAR.
 * - `whole`: integers of more than 63 bits, as DECIMAL(38, 0), or as VARCHAR where a value has 39 digits;
 *   DuckDB would write HUGEINT as a double.
 * - `text`: what the CSV prints. A timespan so, since Parquet's INTERVAL holds whole milliseconds and nothing
 *   negative, where KQL's ticks are 100 ns and signed; and every dynamic but a list of plain values.
 * - `as is`: all else, lists of plain values among them.
 */
export function carriage({ type, physical }: ResultColumn): Carriage {
  if (type === 'timespan') return 'text';
  if (type === 'string')
    return physical.typeId === DuckDBTypeId.VARCHAR && !isJson(physical) ? 'string' : 'text';
  if (isJson(physical)) return 'json';
  if (type === 'dynamic') return isPlainList(physical) ? 'as is' : 'text';
  switch (physical.typeId) {
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return 'whole';
    default:
      return KEPT.has(physical.typeId) ? 'as is' : 'text';
  }
}

function isPlainList(physical: ResultColumn['physical']): boolean {
  if (!(physical instanceof DuckDBListType)) return false;
  return KEPT.has(physical.valueType.typeId) && !isJson(physical.valueType);
}
