import { open, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes a small file so that it is there whole or not at all, whatever happens: aside, to the disk, then renamed
 * over what was there. For folders that one process at a time writes in.
 */
export async function writeDurably(path: string, text: string): Promise<void> {
  const partial = asideOf(path);
  try {
    await writeFile(partial, text);
    await syncFile(partial);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Where a file is written until it is whole. */
export function asideOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.partial`);
}

/** Brings a file's bytes to the disk. */
export async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Brings the names in a folder to the disk. Systems that cannot sync a folder keep names themselves. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  if (!handle) return;
  await handle.sync().catch(() => undefined);
  await handle.close();
}
