import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { onTestFinished } from 'vitest';
import { Lake } from '../../../src/lake/lake.ts';

/** Makes a lake of these files (path below it → text, or bytes), gone when the test is over. `.gz` are compressed. */
export async function jsonLake(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    if (name.endsWith('.zst') && typeof content === 'string') await writeZstd(path, content);
    else
      await writeFile(
        path,
        name.endsWith('.gz') && typeof content === 'string' ? gzipSync(content) : content,
      );
  }
  return folder;
}

/** Objects as JSON lines. */
export function lines(...records: unknown[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** The rows of a query over a lake, as JSON values; `FROM <table>` names the tables that it needs. */
export async function ask(folder: string, sql: string): Promise<Record<string, unknown>[]> {
  await using lake = await Lake.open(folder);
  const tables = lake.tables.filter((table) => sql.includes(table));
  return await lake.connected(tables, {}, async (connection) =>
    (await connection.run(sql)).getRowObjectsJson(),
  );
}

/** Rows of a query that needs no lake. */
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

/** Zstandard by DuckDB, which writes the lines of a CSV file with nothing to quote. */
async function writeZstd(path: string, text: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    await connection.run(
      `COPY (SELECT unnest(string_split($text, chr(10)))) TO '${path.replaceAll("'", "''")}'
       (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01', COMPRESSION zstd)`,
      { text: text.replace(/\n$/, '') },
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** The least that a row of DeviceNetworkEvents has, with changes; a member set to undefined is left out. */
export function networkRow(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Timestamp: '2026-01-05T00:00:00Z',
    DeviceName: 'ws-1',
    ActionType: 'ConnectionSuccess',
    RemoteIP: '203.0.113.1',
    RemotePort: 4444,
    RemoteIPType: 'Public',
    InitiatingProcessId: 4,
    ...changes,
  };
}

/** The least that a row of DeviceImageLoadEvents has, with changes. */
export function imageRow(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Timestamp: '2026-01-05T00:00:00Z',
    DeviceName: 'ws-1',
    FileName: 'bcrypt.dll',
    InitiatingProcessId: 4,
    InitiatingProcessFileName: 'implant.exe',
    ...changes,
  };
}
