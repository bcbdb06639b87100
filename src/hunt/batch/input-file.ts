import { stat } from 'node:fs/promises';
import { fileDigest } from './digest.ts';

/** A file of the lake as it was when it was read: the same values, the same content. */
export interface InputFile {
  readonly path: string;
  readonly size: number;
  /** Time of its last change, in nanoseconds since the epoch. */
  readonly modified: string;
  /** The SHA-256 of its bytes, where content is compared instead of times. */
  readonly hash?: string;
}

/** The file as it is now; undefined where it is gone. */
export async function inputFile(path: string, hashed: boolean): Promise<InputFile | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    const seen = { path, size: Number(found.size), modified: String(found.mtimeNs) };
    return hashed ? { ...seen, hash: await fileDigest(path, seen.size) } : seen;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

/** The files as they are now, in the order of their paths; those that are gone are left out. */
export async function inputFiles(paths: Iterable<string>, hashed: boolean): Promise<Map<string, InputFile>> {
  const waiting = [...new Set(paths)].sort();
  const found = new Map<string, InputFile>();
  for (let at = 0; at < waiting.length; at += AT_ONCE) {
    const some = await Promise.all(waiting.slice(at, at + AT_ONCE).map((path) => inputFile(path, hashed)));
    for (const file of some) if (file !== undefined) found.set(file.path, file);
  }
  return found;
}

const AT_ONCE = 64;

/** What a file's slice goes by: with hashes the content alone, so that a mere touch changes nothing. */
export function fileKey({ path, size, modified, hash }: InputFile): string {
  return JSON.stringify(hash === undefined ? [path, size, modified] : [path, size, hash]);
}

/** The same for files that are extracted together. */
export function filesKey(files: readonly InputFile[]): string {
  return files.map(fileKey).join('\n');
}
