import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { asHunted, batch, hunted, oneImplant } from './small-lake.ts';

/** A folder on a disk of its own, of so many bytes; undefined where the system lets nobody make one. */
function smallDisk(folder: string, bytes: number): string | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

test('a disk that fills stops the run in words, and the run after goes on', async ({ skip }) => {
  const folder = temporaryFolder();
  const lake = await oneImplant(folder);
  const disk = smallDisk(join(folder, 'disk'), 64 * 1024);
  if (disk === undefined) return skip('mounting a small disk is not allowed here');
  const work = join(disk, 'work');
  const limits = { threads: 2, temp: folder };
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(56 * 1024));
  await expect(batch(lake, { work, limits })).rejects.toMatchObject({
    message: expect.stringContaining('the disk is full'),
    hint: expect.stringContaining('run the batch again'),
  });
  rmSync(ballast);
  const { rows } = await batch(lake, { work, limits });
  expect(asHunted(rows)).toEqual(await hunted(lake));
});
