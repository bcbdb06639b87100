import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** A disk of 1 MB, where this system lets us make one. */
const disk = mkdtempSync(join(tmpdir(), 'merganser-test-'));
let mounted = false;
try {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  mounted = true;
} catch {
  // Only root may, and not in every container.
}
beforeAll(() => {
  if (!mounted) console.warn('no disk can be filled here: mounting a tmpfs takes root');
});
afterAll(() => {
  if (mounted) execFileSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true, force: true });
});

const rows = (count: number) => `SELECT range AS n, hash(range)::VARCHAR AS h FROM range(${count})`;

describe.skipIf(!mounted)('a disk that fills (skipped where no tmpfs can be mounted)', () => {
  test.each(['csv', 'jsonl', 'parquet'])(
    'while a result is written as %s leaves nothing half-written',
    async (format) => {
      const out = join(disk, `x.${format}`);
      const outcome = await merganser(['sql', rows(100_000), '--lake', temporaryFolder(), '--out', out]);
      expect(outcome).toEqual({
        code: 1,
        stdout: '',
        stderr: `error: the disk is full: '${out}' could not be written\n  nothing was left behind; free some space or write elsewhere\n`,
      });
      expect(readdirSync(disk)).toEqual([]);
    },
  );

  test('while the engine spills says so, and names the option', async () => {
    const argv = [
      'sql',
      `${rows(500_000)} ORDER BY h`,
      '--lake',
      temporaryFolder(),
      '--temp',
      disk,
      '--memory',
      '20MB',
      '--threads',
      '1',
    ];
    const { code, stdout, stderr } = await merganser(argv);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: the disk for spilled data is full: .*\n {2}name a folder on a larger disk with --temp, or allow more memory with --memory\n$/,
    );
    expect(readdirSync(disk)).toEqual([]);
  });
});
