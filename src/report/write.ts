import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { ResultStream } from '../engine/result.ts';
import { MerganserError, UsageError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';
import { FORMATS, type Format, type FormatName } from './formats.ts';
import type { ReportOptions } from './options.ts';
import { findTarget } from './target.ts';
import { writeToStream } from './text-stream.ts';
import { writeWhole } from './whole-file.ts';

/** Where a report goes: a file, which appears whole or not at all, or a stream, which is left open. */
export type ReportTarget = { readonly path: string } | { readonly stream: Writable };

/**
 * Writes a result in a format and says how many rows it had (fewer when the reader of a stream has gone away,
 * which ends the writing quietly).
 *
 * @throws UsageError before any row is read, when the target cannot be written or is a terminal and the format
 * binary; MerganserError when the disk fills or fails; the result's own errors and the signal's reason as they are
 */
export async function writeReport(
  result: ResultStream,
  format: FormatName,
  target: ReportTarget,
  options: ReportOptions = {},
): Promise<{ rows: number }> {
  const watched = watchRows(result);
  const how: Format = FORMATS[format];
  const where = 'path' in target ? `'${target.path}'` : 'the output';
  try {
    if ('path' in target) await writeFile(watched.result, how, target.path, options);
    else await writeStream(watched.result, format, how, target.stream, options);
  } catch (error) {
    if (error === watched.failure()) throw error;
    options.signal?.throwIfAborted();
    throw outputError(error, where);
  }
  return { rows: watched.rows() };
}

async function writeFile(
  result: ResultStream,
  how: Format,
  path: string,
  options: ReportOptions,
): Promise<void> {
  const target = await findTarget(path);
  if (target.existing && !target.existing.isFile()) return writeDevice(result, how, target.path, options);
  await writeWhole(target, (partial) => fill(result, how, partial, options), options.signal);
}

async function fill(result: ResultStream, how: Format, path: string, options: ReportOptions): Promise<void> {
  options.signal?.throwIfAborted();
  if (how.kind === 'binary') return how.write(result, path, options);
  const text = await how.text(result, options);
  const { signal } = options;
  await pipeline(Readable.from(text), createWriteStream(path, { flags: 'wx' }), signal ? { signal } : {});
}

/** A device or a named pipe is written into; a file that took its name would replace it. */
async function writeDevice(
  result: ResultStream,
  how: Format,
  path: string,
  options: ReportOptions,
): Promise<void> {
  const stream = createWriteStream(path, { flags: 'w' });
  try {
    await writeToStream(await piecesOf(result, how, options), stream, options.signal);
    if (!stream.destroyed) await finished(stream.end());
  } finally {
    stream.destroy();
  }
}

/** Throws, before any work is done for it, where a format cannot be written to a stream. */
export function checkStream(format: FormatName, stream: Writable): void {
  if (FORMATS[format].kind !== 'binary' || !isTerminal(stream)) return;
  throw new UsageError(`${format} is binary and is not written to a terminal`, {
    hint: 'name a file with --out, or send the output to a file or a program',
  });
}

function isTerminal(stream: Writable): boolean {
  return (stream as { isTTY?: boolean }).isTTY === true;
}

async function writeStream(
  result: ResultStream,
  format: FormatName,
  how: Format,
  stream: Writable,
  options: ReportOptions,
): Promise<void> {
  checkStream(format, stream);
  const terminal = isTerminal(stream);
  await writeToStream(await piecesOf(result, how, { ...options, terminal }), stream, options.signal);
}

async function piecesOf(
  result: ResultStream,
  how: Format,
  options: ReportOptions & { terminal?: boolean },
): Promise<AsyncIterable<string | Uint8Array>> {
  return how.kind === 'text' ? how.text(result, options) : bytesWrittenAside(result, how, options);
}

/** Binary formats need a file to write in; it is made aside, then read back. */
async function* bytesWrittenAside(
  result: ResultStream,
  how: Format & { kind: 'binary' },
  options: ReportOptions,
): AsyncGenerator<Uint8Array> {
  const folder = await mkdtemp(join(options.limits?.temp ?? tmpdir(), 'merganser-'));
  try {
    const aside = join(folder, 'result');
    await how.write(result, aside, options);
    yield* createReadStream(aside);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A result that counts its rows as they pass and remembers its own error, which is not the target's. */
function watchRows(result: ResultStream) {
  let rows = 0;
  let failure: unknown;
  async function* chunks() {
    try {
      for await (const chunk of result.chunks()) {
        rows += chunk.rowCount;
        yield chunk;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return { result: { columns: result.columns, chunks }, rows: () => rows, failure: () => failure };
}

const DISK_FULL = /no space left|disk (is )?full|quota exceeded|file too large/i;

function outputError(cause: unknown, where: string): unknown {
  if (cause instanceof MerganserError) return cause;
  const { code, syscall, message } = cause as NodeJS.ErrnoException;
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code ?? '') || DISK_FULL.test(message)) {
    return new MerganserError(`the disk is full: ${where} could not be written`, {
      hint: 'nothing was left behind; free some space or write elsewhere',
      cause,
    });
  }
  if (/Out of Memory|failed to offload/i.test(message)) {
    return new MerganserError(`not enough memory to write ${where}, nor space to spill to`, {
      hint: 'raise the memory limit, name a roomier folder for temporary files, or write CSV or JSON lines',
      cause,
    });
  }
  const fromOutside = syscall !== undefined || /^IO Error/i.test(message);
  return fromOutside
    ? new MerganserError(`${where} could not be written: ${fileProblem(cause)}`, { cause })
    : cause;
}
