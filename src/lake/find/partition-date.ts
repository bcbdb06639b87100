import { basename, dirname, sep } from 'node:path';
import { UsageError } from '../../error.ts';
import type { LakeFile } from '../formats.ts';
import { hiveKeys } from './name.ts';

/**
 * Checks that a Hive key can be trusted to be the events' date: some file has it, and every value of it is a date.
 * A value that is none would sort before or behind all dates, and the rows under it would be lost.
 *
 * @throws UsageError naming the file
 */
export function checkPartitionDate(key: string, files: readonly LakeFile[]): void {
  let found = false;
  for (const file of files) {
    for (const part of dirname(file.key).split(sep)) {
      const [name, value] = splitOnce(part);
      if (value === undefined || name.toLowerCase() !== key.toLowerCase()) continue;
      found = true;
      if (isDate(value)) continue;
      throw new UsageError(`--partition-date ${key}: '${value}' is not a date, in ${file.path}`, {
        hint: 'the folders must be named like date=2026-01-31; without the option every file is read',
      });
    }
  }
  if (found) return;
  const has = [...new Set(files.flatMap((file) => hiveKeys(file.key)))].sort();
  throw new UsageError(`--partition-date ${key}: no file lies in a folder named ${key}=…`, {
    hint:
      has.length === 0
        ? `the path of ${basename(files[0]?.path ?? 'a file')} has no key`
        : `the keys are ${has.join(', ')}`,
  });
}

function splitOnce(part: string): [string, string | undefined] {
  const at = part.indexOf('=');
  return at <= 0 ? [part, undefined] : [part.slice(0, at), part.slice(at + 1)];
}

function isDate(value: string): boolean {
  const date = new Date(`${value}T00:00:00Z`);
  return (
    /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value)
  );
}
