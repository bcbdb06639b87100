import type { FileHandle } from 'node:fs/promises';
import { Message } from 'apache-arrow';
import { checkMessage } from './metadata.ts';
import { ArrowProblem, damaged } from './problem.ts';

/** A message of an IPC file or stream, its body not yet read. */
export interface Located {
  readonly message: Message;
  readonly bodyOffset: number;
  /** Where the next message of a stream starts. */
  readonly end: number;
}

const CONTINUATION = -1;

/**
 * The message at this place, or undefined where the stream ends, by its mark or with the file.
 * Before version 0.15 of Arrow (2019) messages had no continuation mark; they are read too.
 * https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
 */
export async function messageAt(
  file: FileHandle,
  offset: number,
  size: number,
): Promise<Located | undefined> {
  if (offset === size) return undefined;
  const prefix = await bytesAt(file, offset, Math.min(8, size - offset), size);
  const words = new DataView(prefix.buffer);
  const marked = prefix.length >= 4 && words.getInt32(0, true) === CONTINUATION;
  if (prefix.length < (marked ? 8 : 4)) throw truncated();
  const length = words.getInt32(marked ? 4 : 0, true);
  if (length === 0) return undefined;
  if (length < 0) throw damaged('a message of negative length');
  const start = offset + (marked ? 8 : 4);
  const metadata = await bytesAt(file, start, length, size);
  checkMessage(metadata);
  const message = Message.decode(metadata);
  const bodyOffset = start + length;
  if (!(message.bodyLength >= 0) || bodyOffset + message.bodyLength > size) throw truncated();
  return { message, bodyOffset, end: bodyOffset + message.bodyLength };
}

/** The body of a message: the buffers of a batch, one behind the other. */
export function bodyOf(file: FileHandle, { message, bodyOffset, end }: Located): Promise<Uint8Array> {
  return bytesAt(file, bodyOffset, message.bodyLength, end);
}

/** One call of the file system reads 2 GiB at most. */
const MOST_AT_ONCE = 2 ** 30;

/** Bytes of a file that is `size` long, in memory of their own. */
export async function bytesAt(
  file: FileHandle,
  offset: number,
  length: number,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (offset < 0 || length < 0 || offset + length > size) throw truncated();
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, Math.min(length - done, MOST_AT_ONCE), offset + done);
    if (bytesRead === 0) throw truncated();
    done += bytesRead;
  }
  return bytes;
}

export function truncated(): ArrowProblem {
  return new ArrowProblem('it is truncated', 'copy or export it again; it may still have been being written');
}
