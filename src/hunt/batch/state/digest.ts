import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** A short name for a value that JSON can hold: the same value, the same 24 letters. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}

/** The SHA-256 of a file's bytes, in hexadecimal. Slices are small and read whole; a file of the lake may not be. */
export async function fileDigest(path: string, size: number): Promise<string> {
  const hash = createHash('sha256');
  if (size <= READ_WHOLE) return hash.update(await readFile(path)).digest('hex');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const READ_WHOLE = 4 * 1024 * 1024;
