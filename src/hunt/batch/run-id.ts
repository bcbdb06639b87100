/**
 * A run's name: the instant that it began, as a name that sorts by time and that any file system takes. Never one
 * at or before the last run's, also where the clock was set back.
 */
export function nextRun(now: Date, last: string | undefined): { run: string; clockWentBack: boolean } {
  const run = runName(now);
  if (last === undefined || run > last) return { run, clockWentBack: false };
  return { run: runName(new Date(runInstant(last) + 1)), clockWentBack: true };
}

function runName(instant: Date): string {
  return instant.toISOString().replaceAll(':', '');
}

/** `2026-01-31T080000.000Z` in milliseconds since the epoch. */
function runInstant(run: string): number {
  return Date.parse(run.replace(/T(\d\d)(\d\d)/, 'T$1:$2:'));
}
