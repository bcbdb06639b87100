import { fileURLToPath } from 'node:url';
import { MerganserError } from '../../error.ts';
import type { Detection } from './detection.ts';
import { isShipped } from './find-detections.ts';

/** An error of the engine's about the statement of a detection of the user's own names its file; any other is as it was. */
export function statementError(error: unknown, detection: Detection): unknown {
  if (!(error instanceof Error) || error instanceof MerganserError || isShipped(detection)) return error;
  const said = error.message.split('\n', 1)[0]!;
  if (!ABOUT_SQL.test(said)) return error;
  const { id, folder } = detection;
  return new MerganserError(`${fileURLToPath(new URL(`${id}.sql`, folder))}: ${said}`, {
    hint: `merganser test ${id} --detections ${fileURLToPath(folder)} checks it, and runs its cases`,
    cause: error,
  });
}

const ABOUT_SQL = /^(Parser|Binder|Catalog|Conversion|Invalid Input|Out of Range|Not implemented) Error: /;
