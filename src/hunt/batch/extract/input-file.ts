import { stat } from 'node:fs/promises';
import { isRemote, remoteStats } from '../../../lake/find/remote.ts';
import type { Lake } from '../../../lake/lake.ts';
import { fileDigest } from '../state/digest.ts';

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

/** Looks at files as they are now: those that are there, in the order of their paths. */
export type LookAt = (paths: Iterable<string>) => Promise<Map<string, InputFile>>;

/** Looks at a lake's files on disk and on the network. */
export function lookIn(lake: Lake, hashed: boolean): LookAt {
  return async (paths) => {
    const sorted = [...new Set(paths)].sort();
    const found = await inputFiles(
      sorted.filter((path) => !isRemote(path)),
      hashed,
    );
    const remote = sorted.filter(isRemote);
    if (remote.length === 0) return found;
    const stats = await lake.connected([], {}, (connection) => remoteStats(connection, remote));
    for (const each of stats) found.set(each.path, each);
    return found;
  };
}

async function inputFiles(paths: readonly string[], hashed: boolean): Promise<Map<string, InputFile>> {
  const found = new Map<string, InputFile>();
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const some = await Promise.all(paths.slice(at, at + AT_ONCE).map((path) => inputFile(path, hashed)));
    for (const file of some) if (file !== undefined) found.set(file.path, file);
  }
  return found;
}

const AT_ONCE = 64;

/**
 * What became of a file since it was recorded: `same`, `another`, or `unknown` where it is to be told by its content, of
 * which nothing was recorded. A record with content serves also where size and time are compared.
 */
export function changeOf(before: InputFile, now: InputFile): 'same' | 'another' | 'unknown' {
  if (before.size !== now.size) return 'another';
  if (now.hash !== undefined && before.hash !== undefined)
    return now.hash === before.hash ? 'same' : 'another';
  if (now.modified !== before.modified) return 'another';
  return now.hash === undefined ? 'same' : 'unknown';
}

/** What a file's slice goes by: with hashes the content alone, so that a mere touch changes nothing. */
export function fileKey({ path, size, modified, hash }: InputFile): string {
  return JSON.stringify(hash === undefined ? [path, size, modified] : [path, size, hash]);
}

/** The same for files that are extracted together. */
export function filesKey(files: readonly InputFile[]): string {
  return files.map(fileKey).join('\n');
}
