import type { Writable } from 'node:stream';
import { MerganserError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';
import { writeToStream } from '../report/text-stream.ts';
import { visible, visibleJson } from '../visible.ts';

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

/**
 * A result as text, on stdout, written when this returns. A terminal is shown what it would obey; a file or pipe has the
 * text as it is.
 */
export async function print(terminal: Terminal, text: string): Promise<void> {
  const shown = terminal.stdout.isTTY ? text.split(LAYOUT).map(laidOut).join('') : text;
  await write(terminal, shown);
  if (shown === text) return;
  tell(terminal, 'note: characters that a terminal obeys or hides are written out, as in \\x1b');
  tell(terminal, '  to have the text as it is, write it to a file: > FILE');
}

/** What lays a text out, and moves a terminal no further than that. */
const LAYOUT = /(\r?\n|\t)/;

/** Every second piece is of the layout. */
const laidOut = (piece: string, index: number): string => (index % 2 === 1 ? piece : visible(piece));

/** The same of a value as JSON, which means the same with such characters escaped. */
export async function printJson(terminal: Terminal, value: unknown): Promise<void> {
  const lines = JSON.stringify(value, null, 2).split('\n');
  await write(terminal, `${(terminal.stdout.isTTY ? lines.map(visibleJson) : lines).join('\n')}\n`);
}

/** A reader that has gone away ends it quietly. */
async function write(terminal: Terminal, text: string): Promise<void> {
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
