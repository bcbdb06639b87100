import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LakeError } from '../../error.ts';
import { quotePaths } from '../find/paths.ts';
import type { LakeFile } from '../formats.ts';

/** Enough for some thirty records of the widest tables. */
export const HEAD_BYTES = 64 * 1024;

/** The first bytes of a file as text, less a byte-order mark, and whether there was one. */
export interface HeadText {
  readonly text: string;
  readonly marked: boolean;
}

/** Reads a file's head. Throws a LakeError where the file is not text in UTF-8, or not compressed as its name says. */
export async function headText(
  connection: DuckDBConnection,
  file: LakeFile,
  bytes: number = HEAD_BYTES,
): Promise<HeadText> {
  if (file.compression === 'zstd') return zstdHead(connection, file, bytes);
  const head = file.compression === 'gzip' ? await gzipHead(file, bytes) : await plainHead(file, bytes);
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) throw utf16(file);
  const marked = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  // In streaming mode a character that the cut goes through is left out.
  return { text: new TextDecoder().decode(head, { stream: true }), marked };
}

async function plainHead(file: LakeFile, bytes: number): Promise<Buffer> {
  const handle = await open(file.path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function gzipHead(file: LakeFile, bytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of byteChunks(file)) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(chunks).subarray(0, bytes);
}

/** A plain or gzip-compressed file's bytes, in pieces as they come. */
export async function* byteChunks(file: LakeFile): AsyncGenerator<Uint8Array> {
  const bytes = createReadStream(file.path, { highWaterMark: HEAD_BYTES });
  if (file.compression !== 'gzip') {
    yield* bytes as AsyncIterable<Uint8Array>;
    return;
  }
  const inflated = createGunzip();
  let unread: Error | undefined;
  bytes.on('error', (error) => {
    unread = error;
    inflated.destroy(error);
  });
  bytes.pipe(inflated);
  try {
    yield* inflated as AsyncIterable<Uint8Array>;
  } catch (cause) {
    // Of a file that cannot be opened no byte is read either: it is not an empty one.
    if (unread !== undefined) throw unread;
    if (bytes.bytesRead === 0) return;
    throw new LakeError(`${file.path}: not a whole gzip file: ${(cause as Error).message}`, {
      file: file.path,
      cause,
    });
  } finally {
    bytes.destroy();
  }
}

/**
 * SQL that gives a file's lines in order, for the compression that Node cannot undo. The engine's CSV reader is
 * used with nothing to separate or quote; `\r\n` makes it take both line ends. Lines over 2 MB are dropped.
 */
export function linesRelation(file: LakeFile): string {
  return `read_csv(${quotePaths([file])}, columns = {'line': 'VARCHAR'}, header = false, auto_detect = false, delim = '', quote = '', escape = '', comment = '', new_line = '\\r\\n', strict_mode = false, hive_partitioning = false)`;
}

async function zstdHead(connection: DuckDBConnection, file: LakeFile, bytes: number): Promise<HeadText> {
  const lines = await column(
    connection,
    `SELECT coalesce(line, '') FROM ${linesRelation(file)} LIMIT ${bytes / 1024}`,
  );
  const text =
    lines.length > 0 ? `${lines.join('\n')}\n`.slice(0, bytes) : await firstObject(connection, file, bytes);
  return { text: text ?? '', marked: file.format === 'json' && (await beginsWithMark(connection, file)) };
}

/** Whether a byte-order mark comes first, which the CSV reader leaves out: the JSON reader takes none before lines. */
async function beginsWithMark(connection: DuckDBConnection, file: LakeFile): Promise<boolean> {
  const objects = `read_json_objects(${quotePaths([file])}, format = 'newline_delimited')`;
  const refusal = await connection.run(`SELECT 1 FROM ${objects} LIMIT 1`).catch((error: Error) => error);
  return refusal instanceof Error && /byte order mark/i.test(refusal.message);
}

/** The head of a first object that is larger than the CSV reader's lines, tried at doubling sizes. */
async function firstObject(
  connection: DuckDBConnection,
  file: LakeFile,
  bytes: number,
): Promise<string | undefined> {
  for (let size = FIRST_SIZE; ; size *= 2) {
    const objects = `read_json_objects(${quotePaths([file])}, format = 'unstructured', maximum_object_size = ${size})`;
    try {
      return (await column(connection, `SELECT left(json, ${bytes}) FROM ${objects} LIMIT 1`))[0];
    } catch (error) {
      if (size >= LAST_SIZE || !/maximum_object_size/.test((error as Error).message)) throw error;
    }
  }
}

const FIRST_SIZE = 16 * 1024 * 1024;
const LAST_SIZE = 1024 * 1024 * 1024;

async function column(connection: DuckDBConnection, sql: string): Promise<string[]> {
  const rows = await (await connection.run(sql)).getRows();
  return rows.map(([value]) => String(value));
}

function utf16(file: LakeFile): LakeError {
  return new LakeError(`${file.path}: the file is UTF-16, text is read as UTF-8`, {
    file: file.path,
    hint: 'convert it, for example with: iconv -f UTF-16 -t UTF-8 (in PowerShell: Out-File -Encoding utf8)',
  });
}
