/** Microseconds since the Unix epoch, UTC: whole numbers, exact in a double until the year 2255. */
export type Micros = number;

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** ISO-8601 in UTC: no fraction when whole, else the seven digits that Kusto prints. */
export function isoText(at: Micros): string {
  const fraction = at % SECOND;
  const seconds = new Date((at - fraction) / 1000).toISOString().slice(0, -5);
  return fraction === 0 ? `${seconds}Z` : `${seconds}.${String(fraction).padStart(6, '0')}0Z`;
}

/** The UTC date, `YYYY-MM-DD`. */
export function dateText(at: Micros): string {
  return isoText(at).slice(0, 10);
}
