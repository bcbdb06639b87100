/** Reads the columns that the oracle needs straight from Parquet files, with no view or code of the project between. */
import { DuckDBInstance, type DuckDBValue } from '@duckdb/node-api';
import type { Connection, Load } from './t1573_001.ts';

/** All rows of both tables; the globs are DuckDB's. A column that the files lack is null. */
export async function readParquet(
  loads: string,
  connections: string,
): Promise<{ loads: Load[]; connections: Connection[] }> {
  return {
    loads: (await read(loads, [
      'DeviceName',
      'FileName',
      'InitiatingProcessFileName',
      'InitiatingProcessId',
      'InitiatingProcessCommandLine',
      'InitiatingProcessAccountName',
      'InitiatingProcessSHA256',
    ])) as unknown as Load[],
    connections: (await read(connections, [
      'DeviceName',
      'ActionType',
      'RemoteIP',
      'RemoteIPType',
      'RemotePort',
      'InitiatingProcessId',
      'SentBytes',
      'ReceivedBytes',
    ])) as unknown as Connection[],
  };
}

async function read(glob: string, columns: readonly string[]): Promise<Record<string, DuckDBValue>[]> {
  return query(`SELECT epoch_us(Timestamp) AS "Timestamp", ${await selection(glob, columns)} FROM '${glob}'`);
}

async function selection(glob: string, columns: readonly string[]): Promise<string> {
  const described = await query(`DESCRIBE FROM '${glob}'`);
  const there = new Set(described.map(({ column_name }) => column_name));
  return columns.map((name) => (there.has(name) ? `"${name}"` : `NULL AS "${name}"`)).join(', ');
}

/** Rows of any query, in an engine of its own. */
export async function query(sql: string): Promise<Record<string, DuckDBValue>[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    return (await connection.runAndReadAll(sql)).getRowObjects();
  } finally {
    instance.closeSync();
  }
}
