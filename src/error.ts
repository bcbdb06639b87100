/**
 * What merganser tells a user who did something it cannot go on with: what is wrong, and a way out.
 * Anything thrown that is not one of these is a defect of ours.
 */
export class MerganserError extends Error {
  override readonly name: string = 'MerganserError';
  /** A way out, in one sentence; printed under the message. */
  readonly hint: string | undefined;

  constructor(message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }
}

/** The command line, an option or a parameter is wrong: exit code 2. */
export class UsageError extends MerganserError {
  override readonly name: string = 'UsageError';
}

/** The lake, or a file in it, cannot be read as asked. `file` names it where one file is to blame. */
export class LakeError extends MerganserError {
  override readonly name: string = 'LakeError';
  /** The path of the file that is to blame; undefined where no single one is. */
  readonly file: string | undefined;

  constructor(
    message: string,
    options: { hint?: string | undefined; cause?: unknown; file?: string | undefined } = {},
  ) {
    super(message, options);
    this.file = options.file;
  }
}
