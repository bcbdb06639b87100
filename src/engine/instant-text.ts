/** Microseconds since the Unix epoch as ISO-8601 UTC, with seven digits of fraction or none. */
export function instantText(micros: bigint): string {
  const fraction = Number(((micros % 1_000_000n) + 1_000_000n) % 1_000_000n);
  return textOf(Number((micros - BigInt(fraction)) / 1_000_000n), fraction);
}

/** The same of microseconds that a double holds exactly, which is until the year 2255. */
export function safeInstantText(micros: number): string {
  const seconds = Math.floor(micros / 1e6);
  return textOf(seconds, micros - seconds * 1e6);
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** To make a date is most of the work, and events are of few days. */
const dates = new Map<number, string>();
const MOST_DATES = 4096;

function dateOf(day: number): string {
  const known = dates.get(day);
  if (known !== undefined) return known;
  if (dates.size >= MOST_DATES) dates.clear();
  const date = new Date(day * 86_400_000).toISOString().slice(0, -'00:00:00.000Z'.length);
  dates.set(day, date);
  return date;
}

function textOf(seconds: number, fraction: number): string {
  const day = Math.floor(seconds / 86_400);
  const second = seconds - day * 86_400;
  const minute = Math.floor(second / 60);
  const [hours, minutes] = [TWO_DIGITS[Math.floor(minute / 60)], TWO_DIGITS[minute % 60]];
  const clock = `${dateOf(day)}${hours}:${minutes}:${TWO_DIGITS[second % 60]}`;
  return fraction === 0 ? `${clock}Z` : `${clock}.${String(fraction).padStart(6, '0')}0Z`;
}
