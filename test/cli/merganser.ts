import { Readable, Writable } from 'node:stream';
import { run } from '../../src/cli/run.ts';

/** What a command line gave. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** Whether both outputs are a terminal. */
  readonly isTTY?: boolean;
}

/** Runs a command line in this process, its output in a pipe where it is not said to be a terminal. */
export async function merganser(argv: readonly string[], around: Surroundings = {}): Promise<Outcome> {
  const stdout = collected(around.isTTY);
  const stderr = collected(around.isTTY);
  const code = await run(argv, {
    stdin: Readable.from(around.stdin === undefined ? [] : [around.stdin]),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: around.env ?? {},
    signal: around.signal ?? new AbortController().signal,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collected(isTTY = false) {
  const pieces: Buffer[] = [];
  const stream = new Writable({
    write(piece, _, done) {
      pieces.push(Buffer.from(piece));
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => Buffer.concat(pieces).toString() };
}
