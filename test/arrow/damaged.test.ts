import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LakeError } from '../../src/error.ts';
import { appendArrow, readArrowFile } from '../../src/lake/arrow/arrow.ts';
import { connect, temporaryFile, written } from './engine.ts';

const files = readdirSync(written('')).filter((name) => /\.(arrow|arrows|feather)$/.test(name));
const LONGEST_MS = 5_000;

/** Rows, or a LakeError that names the file; anything else, and any delay, is a failure. */
async function readsOrRefuses(
  path: string,
  bytes: Uint8Array,
  connection: Awaited<ReturnType<typeof connect>>,
) {
  writeFileSync(path, bytes);
  const started = Date.now();
  try {
    const { schema, batches } = await readArrowFile(path);
    await appendArrow(connection, 't', schema, batches, { file: path });
    await (await connection.run('FROM t')).getRowsJson();
    await connection.run('DROP TABLE t');
  } catch (error) {
    expect(error).toBeInstanceOf(LakeError);
    expect((error as LakeError).file).toBe(path);
  }
  expect(Date.now() - started).toBeLessThan(LONGEST_MS);
}

const wrongByte = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });

test('a file with wrong bytes gives rows or a LakeError', async () => {
  const connection = await connect();
  const path = temporaryFile('damaged.arrow');
  const damage = fc.array(wrongByte, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...files), damage, async (name, changes) => {
      const bytes = readFileSync(written(name));
      for (const { at, byte } of changes) bytes[Math.floor(at * (bytes.length - 1))] = byte;
      await readsOrRefuses(path, bytes, connection);
    }),
    { numRuns: 400 },
  );
});

test('a file with one bit turned over in its first or last 300 bytes gives rows or a LakeError', async () => {
  const connection = await connect();
  const path = temporaryFile('damaged.arrow');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.integer({ min: -300, max: 299 }),
      fc.nat(7),
      async (name, at, bit) => {
        const bytes = readFileSync(written(name));
        const index = (at + bytes.length) % bytes.length;
        bytes[index]! ^= 1 << bit;
        await readsOrRefuses(path, bytes, connection);
      },
    ),
    { numRuns: 400 },
  );
});

test('a truncated file gives rows or a LakeError', async () => {
  const connection = await connect();
  const path = temporaryFile('damaged.arrow');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (name, at) => {
        const bytes = readFileSync(written(name));
        await readsOrRefuses(path, bytes.subarray(0, Math.floor(at * bytes.length)), connection);
      },
    ),
    { numRuns: 200 },
  );
});

test('a truncated IPC file is always refused: its end is its table of contents', async () => {
  const whole = readFileSync(written('pyarrow-zstd.arrow'));
  for (let length = 0; length < whole.length; length += 97) {
    const path = temporaryFile('cut.arrow', whole.subarray(0, length));
    await expect(readArrowFile(path)).rejects.toBeInstanceOf(LakeError);
  }
});
