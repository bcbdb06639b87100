/** The dialect that is translated to. A translation is one synchronous run, and asks it at every call that it lowers. */
import type { Dialect } from '../dialect/dialect.ts';

let current: Dialect | undefined;

export function translatingTo<T>(dialect: Dialect, work: () => T): T {
  const before = current;
  current = dialect;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** @throws TypeError where no translation is under way */
export function dialect(): Dialect {
  if (!current) throw new TypeError('asked for the dialect outside of a translation');
  return current;
}

/** Whether a datetime, or a span that moves one, is held to its last tick of 100 ns. */
export const isHeld = (ticks: bigint): boolean => ticks % dialect().datetimeTicks === 0n;
