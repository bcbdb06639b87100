import type { RunOptions } from '../engine/run.ts';
import { UsageError } from '../error.ts';
import { parseInstant } from '../hunt/time.ts';
import type { TimeBounds } from '../lake/view.ts';

/** Bounds on the event time of every table that a query reads: `since` included, `until` not. */
export interface SqlControl extends RunOptions {
  /** Only events at or after this; a bare date is UTC midnight. */
  readonly since?: string | Date | undefined;
  /** Only events before this. */
  readonly until?: string | Date | undefined;
}

/** The bounds as instants, in microseconds. Throws a UsageError that names the one that is none. */
export function boundsOf({ since, until }: Pick<SqlControl, 'since' | 'until'>): TimeBounds {
  return { since: bound('since', since), until: bound('until', until) };
}

function bound(name: string, value: string | Date | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  const micros = parseInstant(value);
  if (micros !== undefined) return micros;
  throw new UsageError(
    `${name}: expected a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z, got '${value}'`,
  );
}
