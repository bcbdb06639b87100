import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LakeError, openLake } from '../../src/index.ts';
import { networkEvent, temporaryFolder, writeFile } from './parquet-files.ts';

/** A file's bytes, cut short at a random place or with some bytes changed, often near the end, where footers are. */
function damaged(good: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.oneof(
    fc.nat(good.length - 1),
    fc.nat(Math.min(800, good.length - 1)).map((back) => good.length - 1 - back),
  );
  const flips = fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });
  const cut = place.map((end) => good.subarray(0, end));
  const flipped = flips.map((changes) => {
    const bytes = Buffer.from(good);
    for (const [at, mask] of changes) bytes[at]! ^= mask;
    return bytes;
  });
  return fc.oneof({ weight: 1, arbitrary: cut }, { weight: 4, arbitrary: flipped });
}

const ROWS = `${networkEvent({ DeviceName: "'ws-' || n % 3", RemotePort: '4444 + n', LocalIP: "'10.0.0.' || n" })} FROM range(60) AS rows(n)`;

test.each([
  ['Parquet', 'a.parquet', 'FORMAT parquet'],
  ['Parquet with ZSTD', 'a.parquet', 'FORMAT parquet, COMPRESSION zstd'],
  ['CSV', 'a.csv', 'FORMAT csv'],
  ['CSV with gzip', 'a.csv.gz', 'FORMAT csv, COMPRESSION gzip'],
])(
  'damaged %s gives rows, or an error that names the file and speaks no SQL; never anything else',
  async (_, name, options) => {
    const folder = temporaryFolder();
    const path = join(folder, 'DeviceNetworkEvents', name);
    await writeFile(path, ROWS, options);
    const good = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(damaged(good), async (bytes) => {
        writeFileSync(path, bytes);
        const outcome = await allRows(folder).catch((error: unknown) => error);
        if (Array.isArray(outcome)) return;
        expect(outcome).toBeInstanceOf(LakeError);
        const { file, message } = outcome as LakeError;
        expect(file).toBe(path);
        expect(message).toMatch(/^cannot read .{10,300}$/s);
        expect(message).not.toMatch(/SELECT|LINE \d|read_parquet|read_csv|DESCRIBE|Error:/);
      }),
      { numRuns: 14, examples: [[Buffer.alloc(0)], [good]] },
    );
  },
);

async function allRows(folder: string): Promise<unknown[]> {
  await using lake = await openLake(folder, { threads: 1 });
  return await (await lake.sql('FROM DeviceNetworkEvents')).rows();
}

test('a lake goes on without the damaged one of two files, and its answer is that of the other alone, or of both', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'DeviceNetworkEvents', 'b.parquet');
  await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), ROWS);
  await writeFile(path, ROWS);
  await fc.assert(
    fc.asyncProperty(damaged(readFileSync(path)), async (bytes) => {
      writeFileSync(path, bytes);
      const left: string[] = [];
      await using lake = await openLake(folder, {
        threads: 1,
        skipUnreadable: true,
        onWarning: (message) => left.push(message),
      });
      const hits = await lake.sql('FROM DeviceNetworkEvents');
      if (left.length > 0) expect(hits.rowCount).toBe(60);
    }),
    { numRuns: 10 },
  );
});
