import type { DuckDBConnection } from '@duckdb/node-api';
import type { PhysicalColumn } from './convert.ts';

/** The columns of anything that can stand after FROM. */
export async function describe(connection: DuckDBConnection, relation: string): Promise<PhysicalColumn[]> {
  const result = await connection.run(`DESCRIBE SELECT * FROM ${relation}`);
  return (await result.getRows()).map(([name, type]) => ({ name: String(name), type: String(type) }));
}
