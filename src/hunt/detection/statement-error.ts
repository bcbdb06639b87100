import { fileURLToPath } from 'node:url';
import { MerganserError } from '../../error.ts';
import type { Detection } from './detection.ts';
import { isShipped } from './find-detections.ts';

/** An error of the engine's about the statement of a detection of the user's own names its file; any other is as it was. */
export function statementError(error: unknown, detection: Detection, file = fileOf(detection)): unknown {
  if (!(error instanceof Error) || error instanceof MerganserError || isShipped(detection)) return error;
  const said = error.message.split('\n', 1)[0]!;
  if (!ABOUT_SQL.test(said)) return error;
  return new MerganserError(`${file}: ${said}`, { hint: howToCheck(detection), cause: error });
}

/** The path of a detection's statement. */
export function fileOf({ id, folder }: Detection): string {
  return fileURLToPath(new URL(`${id}.sql`, folder));
}

/** The way out where the statement of a detection of the user's own is wrong. */
export function howToCheck({ id, folder }: Detection): string {
  return `merganser test ${id} --detections ${fileURLToPath(folder)} checks it, and runs its cases`;
}

const ABOUT_SQL = /^(Parser|Binder|Catalog|Conversion|Invalid Input|Out of Range|Not implemented) Error: /;
