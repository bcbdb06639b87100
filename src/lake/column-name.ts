import { LakeError } from '../error.ts';

/** Throws a LakeError where a name that a file has can be no column's: none at all, or one with a NUL, where SQL's text ends. */
export function requireNames(path: string, names: Iterable<string>, what: string): void {
  for (const name of names) {
    if (name !== '' && !name.includes('\0')) continue;
    throw new LakeError(`${path}: ${what} ${JSON.stringify(name)}, which names no column`, {
      file: path,
      hint: name === '' ? 'give it a name' : 'give it a name without \\u0000',
    });
  }
}
