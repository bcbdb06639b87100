import { randomBytes } from 'node:crypto';
import { chmod, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFile, syncFolder } from '../engine/durable.ts';
import type { Target } from './target.ts';

/**
 * Makes a file appear whole or not at all: `write` fills a file beside the target, which then takes the
 * target's name once its bytes are on the disk. On any error the partial file is removed and what was there
 * before is as it was.
 */
export async function writeWhole(
  { path, existing }: Target,
  write: (partial: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const partial = partialPath(path);
  try {
    await write(partial);
    if (existing) await chmod(partial, existing.mode & 0o7777);
    await syncFile(partial);
    signal?.throwIfAborted();
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** `.<name>.<random>.partial` beside the target, its name cut where the file system's 255 bytes would not hold it. */
function partialPath(path: string): string {
  const tail = `.${randomBytes(6).toString('hex')}.partial`;
  let name = basename(path);
  while (Buffer.byteLength(name) > 254 - tail.length) name = [...name].slice(0, -1).join('');
  return join(dirname(path), `.${name}${tail}`);
}
