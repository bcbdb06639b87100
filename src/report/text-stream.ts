import { once } from 'node:events';
import type { Writable } from 'node:stream';

/**
 * Writes pieces of text or bytes to a stream that stays open, as standard output does, no faster than the
 * stream takes them. A reader that has gone away (`| head`) ends the writing quietly; any other error of the
 * stream, or of the pieces, is thrown.
 */
export async function writeToStream(
  pieces: AsyncIterable<string | Uint8Array>,
  stream: Writable,
  signal?: AbortSignal,
): Promise<void> {
  let failure: NodeJS.ErrnoException | undefined;
  const onError = (error: NodeJS.ErrnoException) => {
    failure ??= error;
  };
  stream.on('error', onError);
  try {
    for await (const piece of pieces) {
      signal?.throwIfAborted();
      if (failure || stream.destroyed) break;
      if (!stream.write(piece)) await drained(stream, signal);
    }
    if (!failure && !stream.destroyed) await flushed(stream);
  } catch (error) {
    if (error !== failure) throw error;
  } finally {
    failure ??= stream.errored ?? undefined;
    // A stream emits its error after the write that failed has returned: one that failed keeps its listener.
    if (!failure) stream.off('error', onError);
  }
  if (failure && failure.code !== 'EPIPE') throw failure;
}

/** Waits until the stream takes more, has failed (thrown), or was closed. */
async function drained(stream: Writable, signal?: AbortSignal): Promise<void> {
  if (stream.destroyed || !stream.writableNeedDrain) return;
  const settled = new AbortController();
  const either = signal ? AbortSignal.any([signal, settled.signal]) : settled.signal;
  try {
    await Promise.race([
      once(stream, 'drain', { signal: either }),
      once(stream, 'close', { signal: either }),
    ]);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    settled.abort();
  }
}

/** Waits until all that was written has left, or has failed: the stream then says so in `errored`. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
