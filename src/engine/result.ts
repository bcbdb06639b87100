import type { DuckDBDataChunk, DuckDBResult, DuckDBType } from '@duckdb/node-api';
import type { Column } from '../schema/kql-types.ts';
import { kqlType } from './values.ts';

/** A result column: its KQL type, and the DuckDB type that carries it. */
export interface ResultColumn extends Column {
  readonly physical: DuckDBType;
}

/** Rows on their way out of the engine: columns first, then chunks of at most 2,048 rows, once. */
export interface ResultStream {
  readonly columns: readonly ResultColumn[];
  chunks(): AsyncIterable<DuckDBDataChunk>;
}

/**
 * A DuckDB result as a stream. `declared` gives KQL types that the physical ones do not tell
 * (KQL's timespan travels as BIGINT ticks); without it, types follow the physical ones.
 */
export function resultStream(result: DuckDBResult, declared?: readonly Column[]): ResultStream {
  const columns = result.deduplicatedColumnNames().map((name, index) => {
    const physical = result.columnType(index);
    return { name, type: declared?.[index]?.type ?? kqlType(physical), physical };
  });
  return { columns, chunks: () => result };
}
