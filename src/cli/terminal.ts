import type { Writable } from 'node:stream';
import { MerganserError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';
import { writeToStream } from '../report/text-stream.ts';
import { visible } from '../visible.ts';

/** Where a command reads and writes. Passed in, so that tests need no process of their own. */
export interface Terminal {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly env: NodeJS.ProcessEnv;
  /** Fires when the user interrupts. */
  readonly signal: AbortSignal;
}

/** Whether to colour what goes to a stream: on a terminal, unless NO_COLOR says no; anywhere if FORCE_COLOR says so. */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** The width to fit text into: the terminal's, or COLUMNS; undefined in a pipe or a file, where nothing is cut. */
export function widthOf(
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: NodeJS.ProcessEnv,
): number | undefined {
  if (stream.isTTY) return stream.columns ?? 80;
  const columns = Number(env.COLUMNS);
  return Number.isInteger(columns) && columns > 0 ? columns : undefined;
}

/** A result as text, on stdout, written when this returns. A reader that has gone away ends it quietly. */
export async function print(terminal: Terminal, text: string): Promise<void> {
  async function* pieces() {
    yield text;
  }
  try {
    await writeToStream(pieces(), terminal.stdout, terminal.signal);
  } catch (cause) {
    terminal.signal.throwIfAborted();
    throw new MerganserError(`the output could not be written: ${fileProblem(cause)}`, { cause });
  }
}

/** One line to the user that is no result: on stderr. */
export function tell(terminal: Terminal, line: string): void {
  terminal.stderr.write(`${line}\n`);
}

/** Text for {@link tell} that may quote what is in files: no character of it moves or recolours the terminal. */
export function harmless(text: string): string {
  return text.split('\n').map(visible).join('\n');
}
