import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MerganserError } from '../../src/error.ts';
import { replaceSample } from '../../src/sample/directory.ts';
import { temporaryFolder } from './files.ts';

const LABELS = '{"synthetic": true, "generator": "merganser sample"}';

describe('replaceSample', () => {
  it.each([
    ['the system', Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })],
    ['the engine', new Error('IO Error: Could not write file "x": No space left on device')],
  ])('names the folder and a way out when %s cannot write, and keeps what was there', async (_, failure) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'labels.json'), LABELS);
    const replaced = replaceSample(folder, async (aside) => {
      await writeFile(join(aside, 'labels.json'), 'half');
      throw failure;
    });
    await expect(replaced).rejects.toThrow(MerganserError);
    await expect(replaced).rejects.toMatchObject({
      message: expect.stringContaining(folder),
      hint: expect.stringContaining('room'),
    });
    expect(await readFile(join(folder, 'labels.json'), 'utf8')).toBe(LABELS);
    expect(
      (await readdir(join(folder, '..'))).filter((name) => name.includes(folder.split('/').at(-1)!)),
    ).toHaveLength(1);
  });

  it('passes on any other error as it is', async () => {
    const defect = new TypeError('a defect');
    const replaced = replaceSample(await temporaryFolder(), () => Promise.reject(defect));
    await expect(replaced).rejects.toBe(defect);
  });

  it('names the folder when a file stands where a parent should be', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    const replaced = replaceSample(join(folder, 'file', 'lake'), async () => undefined);
    await expect(replaced).rejects.toThrow(MerganserError);
    await expect(replaced).rejects.toThrow(`cannot write a sample to "${join(folder, 'file', 'lake')}"`);
  });

  it('puts what was made in the place of an empty folder', async () => {
    const folder = await temporaryFolder();
    await replaceSample(folder, (aside) => writeFile(join(aside, 'labels.json'), LABELS));
    expect(await readdir(folder)).toEqual(['labels.json']);
  });
});
