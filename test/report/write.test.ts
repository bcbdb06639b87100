import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { BIGINT } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ResultStream } from '../../src/engine/result.ts';
import { MerganserError, UsageError } from '../../src/error.ts';
import { FORMAT_NAMES, FORMATS } from '../../src/report/formats.ts';
import { writeReport } from '../../src/report/write.ts';
import { failing, resultOf } from './results.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merganser-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const numbers = (rows: number, size?: number) =>
  resultOf(
    [
      {
        name: 'n',
        type: 'long',
        physical: BIGINT,
        values: Array.from({ length: rows }, (_, n) => BigInt(n)),
      },
    ],
    size,
  );

/** A result that counts the chunks taken from it. */
function counted(result: ResultStream): { result: ResultStream; taken: () => number } {
  let taken = 0;
  async function* chunks() {
    for await (const chunk of result.chunks()) {
      taken++;
      yield chunk;
    }
  }
  return { result: { columns: result.columns, chunks }, taken: () => taken };
}

test.each(FORMAT_NAMES)(
  '%s goes to a file, whole, with its rows counted and nothing beside it',
  async (format) => {
    const path = join(folder, 'out');
    expect(await writeReport(numbers(3), format, { path })).toEqual({ rows: 3 });
    expect(readdirSync(folder)).toEqual(['out']);
    expect(statSync(path).size).toBeGreaterThan(0);
  },
);

test.each(FORMAT_NAMES)('%s gives the same bytes twice, to a file or to a stream', async (format) => {
  const paths = [join(folder, 'a'), join(folder, 'b')];
  for (const path of paths) await writeReport(numbers(5000), format, { path });
  const [a, b] = paths.map((path) => readFileSync(path));
  expect(a!.equals(b!)).toBe(true);
  const stream = new PassThrough();
  const received = buffer(stream);
  await writeReport(numbers(5000), format, { stream });
  stream.end();
  expect(a!.equals(await received)).toBe(true);
});

test.each(FORMAT_NAMES)(
  '%s: a result that fails midway leaves no file, no litter, and what was there',
  async (format) => {
    const error = new Error('the lake went away');
    await expect(
      writeReport(failing(numbers(5000), error), format, { path: join(folder, 'new') }),
    ).rejects.toBe(error);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, 'old'), 'as it was');
    await expect(
      writeReport(failing(numbers(5000), error), format, { path: join(folder, 'old') }),
    ).rejects.toBe(error);
    expect(readdirSync(folder)).toEqual(['old']);
    expect(readFileSync(join(folder, 'old'), 'utf8')).toBe('as it was');
  },
);

test.each(FORMAT_NAMES)(
  '%s: an abort leaves no file and no litter, and rejects with its reason',
  async (format) => {
    const controller = new AbortController();
    const reason = new Error('interrupted');
    const endless: ResultStream = {
      columns: numbers(1).columns,
      async *chunks() {
        for (let n = 0; ; n++) {
          if (n === 3) controller.abort(reason);
          yield* numbers(2048).chunks();
          await new Promise(setImmediate);
        }
      },
    };
    const { signal } = controller;
    await expect(
      writeReport(stoppable(endless, signal), format, { path: join(folder, 'x') }, { signal }),
    ).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual([]);
  },
);

/** A result whose engine stops when told, as ours does. */
function stoppable(result: ResultStream, signal: AbortSignal): ResultStream {
  return {
    columns: result.columns,
    async *chunks() {
      for await (const chunk of result.chunks()) {
        signal.throwIfAborted();
        yield chunk;
      }
    },
  };
}

test('a file replaces another and keeps its permissions', async () => {
  const path = join(folder, 'out.csv');
  writeFileSync(path, 'longer than what comes', { mode: 0o640 });
  await writeReport(numbers(1), 'csv', { path });
  expect(readFileSync(path, 'utf8')).toBe('n\r\n0\r\n');
  expect(statSync(path).mode & 0o777).toBe(0o640);
});

test('a link stays a link; the file behind it is replaced', async () => {
  writeFileSync(join(folder, 'real.csv'), '');
  symlinkSync('real.csv', join(folder, 'link.csv'));
  await writeReport(numbers(1), 'csv', { path: join(folder, 'link.csv') });
  expect(lstatSync(join(folder, 'link.csv')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(folder, 'real.csv'), 'utf8')).toBe('n\r\n0\r\n');
});

test.each([
  "it's.parquet",
  'a*b?[c].parquet',
  'two\nlines.parquet',
  '"x"; --.parquet',
  `${'n'.repeat(247)}.parquet`,
])('a file may be called %j', async (name) => {
  await writeReport(numbers(1), 'parquet', { path: join(folder, name) });
  expect(readdirSync(folder)).toEqual([name]);
});

test('a target that cannot be is refused before a row is read', async () => {
  const { result, taken } = counted(numbers(3));
  await expect(writeReport(result, 'csv', { path: join(folder, 'missing', 'x.csv') })).rejects.toThrow(
    UsageError,
  );
  expect(taken()).toBe(0);
});

test('binary formats are refused on a terminal before a row is read', async () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  for (const format of ['parquet', 'arrow'] as const) {
    const { result, taken } = counted(numbers(3));
    await expect(writeReport(result, format, { stream: terminal })).rejects.toThrow(
      expect.objectContaining({
        name: 'UsageError',
        message: `${format} is binary and is not written to a terminal`,
      }),
    );
    expect(taken()).toBe(0);
  }
});

test('a stream is left open', async () => {
  const stream = new PassThrough();
  const received = text(stream);
  await writeReport(numbers(1), 'jsonl', { stream });
  await writeReport(numbers(1), 'jsonl', { stream });
  stream.end('end');
  expect(await received).toBe('{"n":0}\n{"n":0}\nend');
});

const TEXT_FORMATS = FORMAT_NAMES.filter((name) => FORMATS[name].kind === 'text' && name !== 'table');

test.each(TEXT_FORMATS)('%s reads rows no faster than a slow reader takes them', async (format) => {
  const { result, taken } = counted(numbers(2048 * 8));
  let ahead = 0;
  let writes = 0;
  const stream = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      writes++;
      ahead = Math.max(ahead, taken() - writes);
      setTimeout(done, 1);
    },
  });
  await writeReport(result, format, { stream });
  expect(taken()).toBe(8);
  expect(ahead).toBeLessThanOrEqual(1);
});

test.each(FORMAT_NAMES)('%s ends quietly, and early, when its reader has gone', async (format) => {
  const { result, taken } = counted(numbers(2048 * 200));
  const stream = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
    },
  });
  await writeReport(result, format, { stream });
  if (FORMATS[format].kind === 'text') expect(taken()).toBeLessThan(10);
});

test('any other failure of a stream is told', async () => {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EIO'), { code: 'EIO', syscall: 'write' }));
    },
  });
  await expect(writeReport(numbers(3), 'csv', { stream })).rejects.toThrow(
    new MerganserError('the output could not be written: write EIO'),
  );
});

const FULL = '/dev/full';

test.skipIf(!existsSync(FULL)).each(FORMAT_NAMES)(
  '%s: a full disk is named with the path (skipped where there is no /dev/full)',
  async (format) => {
    await expect(writeReport(numbers(3), format, { path: FULL })).rejects.toThrow(
      expect.objectContaining({
        name: 'MerganserError',
        message: `the disk is full: '${FULL}' could not be written`,
      }),
    );
    expect(statSync(FULL).isCharacterDevice()).toBe(true);
  },
);
