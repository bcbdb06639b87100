import { LakeError, MerganserError } from '../../error.ts';
import { fileProblem } from '../../file-problem.ts';

/** What is wrong with Arrow data, said by code that does not know where the data comes from. */
export class ArrowProblem extends Error {
  override readonly name = 'ArrowProblem';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export function damaged(how: string): ArrowProblem {
  return new ArrowProblem(`it is damaged (${how})`, 'copy or export it again');
}

/**
 * The error to throw for anything thrown while reading Arrow, as a LakeError, whose `cause` has the bare
 * problem. The engine's own errors (memory, disk, interrupts) pass through. What is neither ours nor the file
 * system's nor the engine's comes from a decoder that met bytes it can make no sense of.
 */
export function lakeError(cause: unknown, file: string | undefined): unknown {
  if (cause instanceof MerganserError || isOfEngine(cause)) return cause;
  const { message, hint } = problemOf(cause as NodeJS.ErrnoException);
  const what = file === undefined ? 'the Arrow table' : file;
  return new LakeError(`cannot read ${what}: ${message}`, { file, hint, cause });
}

function isOfEngine(cause: unknown): boolean {
  return /^[A-Z][A-Za-z ]* Error: /.test((cause as Error).message);
}

function problemOf(cause: NodeJS.ErrnoException): Pick<ArrowProblem, 'message' | 'hint'> {
  if (cause instanceof ArrowProblem) return cause;
  if (cause.syscall !== undefined) return { message: fileProblem(cause), hint: undefined };
  return { message: 'it is damaged', hint: 'copy or export it again' };
}
