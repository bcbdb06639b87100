import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../src/error.ts';
import { checkTarget } from '../../src/report/target.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merganser-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const asRoot = process.getuid?.() === 0;

test('a new file in a folder is fine, and so is one that replaces another', async () => {
  await checkTarget(join(folder, 'new.csv'));
  writeFileSync(join(folder, 'old.csv'), '');
  await checkTarget(join(folder, 'old.csv'));
});

test('nothing is written by checking', async () => {
  const { readdirSync } = await import('node:fs');
  await checkTarget(join(folder, 'new.csv'));
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ['a folder', () => folder, 'it is a folder'],
  ['a name that says folder', () => `${join(folder, 'new')}/`, 'it is a folder'],
  ['a missing folder', () => join(folder, 'missing', 'x.csv'), "missing' does not exist"],
  ['a file as folder', () => join(folder, 'file', 'x.csv'), "file' is not a folder"],
  ['a link to nothing', () => join(folder, 'dangling'), 'it is a link to something that is not there'],
  ['a name too long for the disk', () => join(folder, 'n'.repeat(300)), 'is too long'],
  ['no name', () => '', 'is not a path of a file'],
  ['a name with NUL', () => 'a\0b', 'is not a path of a file'],
])('%s is refused', async (_, path, message) => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(join(folder, 'nothing'), join(folder, 'dangling'));
  await expect(checkTarget(path())).rejects.toThrow(UsageError);
  await expect(checkTarget(path())).rejects.toThrow(message);
});

test.skipIf(asRoot)('a folder or file without permission is refused (not tested as root)', async () => {
  mkdirSync(join(folder, 'closed'), { mode: 0o500 });
  await expect(checkTarget(join(folder, 'closed', 'x.csv'))).rejects.toThrow('no permission to write in');
  writeFileSync(join(folder, 'kept.csv'), '');
  await chmod(join(folder, 'kept.csv'), 0o400);
  await expect(checkTarget(join(folder, 'kept.csv'))).rejects.toThrow('no permission to replace it');
});
