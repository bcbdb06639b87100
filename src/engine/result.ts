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
 * A DuckDB result as a stream. `declared` gives what the engine does not tell: names that differ in case only, and
 * KQL's types (its timespan travels as BIGINT ticks); without it, both follow the engine's.
 */
export function resultStream(result: DuckDBResult, declared?: readonly Column[]): ResultStream {
  const columns = result.deduplicatedColumnNames().map((name, index) => {
    const physical = result.columnType(index);
    return { name, type: kqlType(physical), ...declared?.[index], physical };
  });
  return { columns, chunks: () => result };
}
