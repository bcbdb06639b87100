import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMMITTED } from '../../data/make-sample.ts';
import { makeSample } from '../../src/sample/sample.ts';
import { filesOf, temporaryFolder } from './files.ts';

const LAKE = fileURLToPath(new URL('../../data/sample', import.meta.url));

describe('data/sample', () => {
  it('is what data/make-sample.ts makes, byte for byte', async () => {
    const again = join(await temporaryFolder(), 'sample');
    await makeSample(again, COMMITTED);
    expect(await filesOf(again)).toEqual(await filesOf(LAKE));
  });

  it('is under 2 MB, everything counted', async () => {
    const sizes = Object.values(await filesOf(LAKE)).map(({ size }) => size);
    expect(sizes.reduce((total, size) => total + size, 0)).toBeLessThan(2_000_000);
  });
});
