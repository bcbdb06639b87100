import { isMacro } from '../../dialect/duckdb/macro-text.ts';
import { UsageError } from '../../error.ts';
import type { Lake } from '../../lake/lake.ts';
import { oneQuery } from '../../lake/query.ts';
import type { Detection } from './detection.ts';
import { isShipped } from './find-detections.ts';
import { fileOf, howToCheck } from './statement-error.ts';

/**
 * Refuses a detection of the user's own that would do more than read. Hunts are handed on, and the engine, which may open
 * the lake's files to read them, would write over them as well: behind a `;`, or in a macro that is no macro of ours.
 *
 * @param statements what of the detection is to run
 * @param variant the file of the variant that is asked for, which any but its own statement comes from
 * @throws UsageError naming its file
 */
export async function checkOwnStatements(
  lake: Lake,
  detection: Detection,
  statements: readonly string[],
  variant: string,
): Promise<void> {
  if (isShipped(detection)) return;
  const file = fileOf(detection);
  const strange = strangeMacro(detection);
  if (strange !== undefined) {
    throw new UsageError(`${file}: ${strange}`, {
      hint: 'only macros that merganser ships can be named; write what is needed as a CTE',
    });
  }
  await lake.connected([], {}, async (connection) => {
    for (const statement of new Set(statements)) {
      await oneQuery(connection, statement).catch((cause: Error) => {
        const from = statement === detection.sql ? file : variant;
        throw new UsageError(`${from}: ${cause.message}`, { hint: howToCheck(detection), cause });
      });
    }
  });
}

/** What is wrong with the macros that a detection of the user's own names: their texts are run as they are. */
export function strangeMacro(detection: Detection): string | undefined {
  if (isShipped(detection)) return undefined;
  const strange = detection.macros.find((name) => !isMacro(name));
  return strange === undefined ? undefined : `macros: there is no macro ${JSON.stringify(strange)}`;
}
