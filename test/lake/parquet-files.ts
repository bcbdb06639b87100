import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes the rows of a SELECT to a Parquet file (or whatever `options` say), making its folder. */
export async function writeFile(path: string, select: string, options = 'FORMAT parquet'): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await query(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (${options})`);
}

/** Rows of a query on an engine of its own, as JSON values. */
export async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    return await (await connection.run(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The required columns of DeviceNetworkEvents, as a SELECT list of one harmless row; `changes` go over them. */
export function networkEvent(changes: Record<string, string> = {}): string {
  return select({
    Timestamp: "TIMESTAMP '2026-01-05 00:00:00'",
    DeviceName: "'ws-1'",
    ActionType: "'ConnectionSuccess'",
    RemoteIP: "'203.0.113.1'",
    RemotePort: '4444',
    RemoteIPType: "'Public'",
    InitiatingProcessId: '4::BIGINT',
    ...changes,
  });
}

/** The same of DeviceImageLoadEvents: a crypto library's load by the process that {@link networkEvent} connects. */
export function imageLoad(changes: Record<string, string> = {}): string {
  return select({
    Timestamp: "TIMESTAMP '2026-01-05 00:00:00'",
    DeviceName: "'ws-1'",
    FileName: "'bcrypt.dll'",
    InitiatingProcessId: '4::BIGINT',
    InitiatingProcessFileName: "'implant.exe'",
    ...changes,
  });
}

function select(columns: Record<string, string>): string {
  return `SELECT ${Object.entries(columns)
    .filter(([, expression]) => expression !== '')
    .map(([name, expression]) => `${expression} AS "${name}"`)
    .join(', ')}`;
}
