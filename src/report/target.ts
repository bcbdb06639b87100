import type { Stats } from 'node:fs';
import { access, constants, lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { UsageError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';

/**
 * Checks, before any work is done for it, that a file can be written at `path`: its folder exists and can be
 * written, and what is there already is no folder and may be replaced.
 *
 * @throws UsageError saying what is in the way
 */
export async function checkTarget(path: string): Promise<void> {
  await findTarget(path);
}

/** Where an output really goes: the file behind the last link, and what is there now. */
export interface Target {
  readonly path: string;
  readonly existing: Stats | undefined;
}

/** As {@link checkTarget}, and says where the output goes. */
export async function findTarget(path: string): Promise<Target> {
  if (typeof path !== 'string') throw new UsageError('a file to write is named by its path, as text');
  if (path === '' || path.includes('\0')) {
    throw new UsageError(`${JSON.stringify(path)} is not a path of a file`, { hint: 'name a file to write' });
  }
  const existing = await statOf(path, path);
  if (
    existing?.isDirectory() ||
    (/[\\/]$/.test(path) && (path.endsWith('/') || process.platform === 'win32'))
  ) {
    throw new UsageError(`cannot write '${path}': it is a folder`, { hint: 'name a file to write' });
  }
  const target = existing ? await realpath(path) : resolve(path);
  await checkFolder(path, dirname(target));
  if (existing) await mustBeWritable(path, target, 'no permission to replace it');
  else if (await lstat(target).then(Boolean, () => false)) {
    throw new UsageError(`cannot write '${path}': it is a link to something that is not there`);
  }
  return { path: target, existing };
}

async function checkFolder(path: string, folder: string): Promise<void> {
  const parent = await statOf(folder, path);
  if (!parent) {
    throw new UsageError(`cannot write '${path}': the folder '${folder}' does not exist`, {
      hint: 'make the folder first, or write elsewhere',
    });
  }
  if (!parent.isDirectory()) throw new UsageError(`cannot write '${path}': '${folder}' is not a folder`);
  await mustBeWritable(path, folder, `no permission to write in '${folder}'`);
}

async function mustBeWritable(path: string, thing: string, otherwise: string): Promise<void> {
  try {
    await access(thing, constants.W_OK);
  } catch (cause) {
    throw new UsageError(`cannot write '${path}': ${otherwise}`, { cause });
  }
}

async function statOf(thing: string, path: string): Promise<Stats | undefined> {
  try {
    return await stat(thing);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') {
      throw new UsageError(`cannot write '${path}': '${dirname(thing)}' is not a folder`, { cause });
    }
    if (code === 'ENAMETOOLONG') {
      throw new UsageError(`cannot write '${path}': the name '${basename(thing)}' is too long`, { cause });
    }
    throw new UsageError(`cannot write '${path}': ${fileProblem(cause)}`, { cause });
  }
}
