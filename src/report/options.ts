import type { EngineLimits } from '../engine/limits.ts';
import type { DetectionHeading } from './findings/finding.ts';

/** How a result is written. Everything has a default; nothing here changes which rows are written. */
export interface ReportOptions {
  /** Width of the terminal in cells. Absent: nothing is cut or shrunk, as befits a file or a pipe. */
  readonly columns?: number | undefined;
  /** Colour in the table formats; off by default. */
  readonly color?: boolean | undefined;
  /** Draw with characters beyond ASCII; on by default. See {@link drawsUnicode}. */
  readonly unicode?: boolean | undefined;
  /** The detection that found these rows: the table format then shows findings rather than columns. */
  readonly detection?: DetectionHeading | undefined;
  /** Stops the writing; a file half-written is removed and the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What the engine that writes Parquet may use: one of its own, beside the one that ran the query. */
  readonly limits?: EngineLimits | undefined;
}

/** What a text format is told besides. */
export interface TextOptions extends ReportOptions {
  /** The text goes straight to a terminal, which would obey control characters in the data. */
  readonly terminal?: boolean | undefined;
}

/**
 * Whether a terminal in this environment draws characters beyond ASCII: unless its locale says otherwise.
 * An unset locale says nothing (containers have none), so only the Linux console and `dumb` are doubted then.
 */
export function drawsUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  if (locale) return /utf-?8/i.test(locale);
  return env.TERM !== 'linux' && env.TERM !== 'dumb';
}
