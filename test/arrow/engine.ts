import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DuckDBConnection } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import { Session } from '../../src/engine/session.ts';

/** A connection that closes when the test is over, or when `onEnd` says. */
export async function connect(
  onEnd: (close: () => Promise<void>) => void = onTestFinished,
): Promise<DuckDBConnection> {
  const session = await Session.open({ threads: 2 });
  const connection = await session.connect();
  onEnd(async () => {
    connection.closeSync();
    await session.close();
  });
  return connection;
}

/** The rows of a query, each an array of values as text. */
export async function texts(connection: DuckDBConnection, sql: string): Promise<(string | null)[][]> {
  const result = await connection.run(`SELECT COLUMNS(*)::VARCHAR FROM (${sql})`);
  return (await result.getRows()) as (string | null)[][];
}

/** The names and types of a table's columns. */
export async function types(connection: DuckDBConnection, table: string): Promise<Record<string, string>> {
  const described = await connection.run(`SELECT column_name, column_type FROM (DESCRIBE ${table})`);
  return Object.fromEntries((await described.getRows()) as [string, string][]);
}

/** A path in a folder that is gone when the test is over. */
export function temporaryFile(name: string, bytes?: Uint8Array | string): string {
  const folder = mkdtempSync(join(tmpdir(), 'merganser-arrow-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, name);
  if (bytes !== undefined) writeFileSync(path, bytes);
  return path;
}

/** A file that another writer has written; see files/README.md. */
export function written(name: string): string {
  return fileURLToPath(new URL(`files/${name}`, import.meta.url));
}
