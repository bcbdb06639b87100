import { UsageError } from '../error.ts';

/** Instants and timespans as people write them, in microseconds: what DuckDB's TIMESTAMP holds. */

const INSTANT =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * An instant: a Date, or ISO-8601 text; a bare date is UTC midnight, a time without zone is UTC.
 * Microseconds since the epoch; undefined where the value is no instant of the years 1 to 9999, or is finer than a microsecond.
 */
export function parseInstant(value: unknown): bigint | undefined {
  if (value instanceof Date)
    return Number.isNaN(value.getTime()) ? undefined : BigInt(value.getTime()) * 1000n;
  if (typeof value !== 'string') return undefined;
  const match = INSTANT.exec(value.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match;
  const parts = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(parts[0], parts[1] - 1, parts[2]);
  date.setUTCHours(parts[3], parts[4], parts[5]);
  const kept =
    date.getUTCMonth() === parts[1] - 1 &&
    date.getUTCDate() === parts[2] &&
    parts[3] < 24 &&
    parts[4] < 60 &&
    parts[5] < 60;
  if (!kept || parts[0] < 1 || (fraction.length === 7 && !fraction.endsWith('0'))) return undefined;
  const micros = BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  return BigInt(date.getTime()) * 1000n + micros - zoneOffset(zone);
}

function zoneOffset(zone: string): bigint {
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (match === null) return 0n;
  const minutes = BigInt(Number(match[2]) * 60 + Number(match[3]));
  return (match[1] === '-' ? -minutes : minutes) * 60_000_000n;
}

/** Throws a UsageError where no event can lie between two instants, in microseconds. */
export function checkBounds({
  since,
  until,
}: {
  since?: bigint | null | undefined;
  until?: bigint | null | undefined;
}): void {
  if (since == null || until == null || since < until) return;
  throw new UsageError(
    `since (${shown(since)}) is not before until (${shown(until)}): no event can lie between`,
    { hint: 'swap them, or leave one out' },
  );
}

/** An instant as people write it: as short as it can be. */
function shown(micros: bigint): string {
  return `${instantText(micros).replace(' ', 'T')}Z`.replace('T00:00:00Z', '');
}

/** The longest timespan of Kusto's, 2^63 - 1 ticks of 100 ns. https://learn.microsoft.com/kusto/query/scalar-data-types/timespan */
const LONGEST_TIMESPAN = (2n ** 63n - 1n) / 10n;

/** The units of Kusto's timespan literals. https://learn.microsoft.com/kusto/query/scalar-data-types/timespan */
const UNITS: Readonly<Record<string, bigint>> = {
  d: 86_400_000_000n,
  day: 86_400_000_000n,
  days: 86_400_000_000n,
  h: 3_600_000_000n,
  hr: 3_600_000_000n,
  hrs: 3_600_000_000n,
  hour: 3_600_000_000n,
  hours: 3_600_000_000n,
  m: 60_000_000n,
  min: 60_000_000n,
  minute: 60_000_000n,
  minutes: 60_000_000n,
  s: 1_000_000n,
  sec: 1_000_000n,
  second: 1_000_000n,
  seconds: 1_000_000n,
  ms: 1000n,
  milli: 1000n,
  millis: 1000n,
  millisecond: 1000n,
  milliseconds: 1000n,
  micro: 1n,
  micros: 1n,
  microsecond: 1n,
  microseconds: 1n,
};

/**
 * A timespan as Kusto writes it: `15m`, `1.5h`, or `[d.]hh:mm[:ss[.fffffff]]`. Microseconds; undefined where the
 * text is no timespan, is finer than a microsecond, or longer than Kusto's timespans are.
 */
export function parseTimespan(value: unknown): bigint | undefined {
  if (typeof value !== 'string') return undefined;
  const micros = timespan(value);
  if (micros === undefined || micros > LONGEST_TIMESPAN || micros < -LONGEST_TIMESPAN) return undefined;
  return micros;
}

function timespan(value: string): bigint | undefined {
  const text = value.trim().toLowerCase();
  const literal = /^(-?)(\d+)(?:\.(\d+))?\s*([a-z]+)$/.exec(text);
  if (literal !== null) {
    const [, sign, whole, fraction = '', unit] = literal;
    const each = UNITS[unit!];
    if (each === undefined) return undefined;
    const scaled = BigInt(whole! + fraction) * each;
    const divisor = 10n ** BigInt(fraction.length);
    if (scaled % divisor !== 0n) return undefined;
    return sign === '-' ? -(scaled / divisor) : scaled / divisor;
  }
  const clock = /^(-?)(?:(\d+)\.)?(\d\d?):(\d\d)(?::(\d\d)(?:\.(\d{1,6})0?)?)?$/.exec(text);
  if (clock === null) return undefined;
  const [, sign, days = '0', hours, minutes, seconds = '0', fraction = ''] = clock;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const total =
    BigInt(days) * UNITS.d! +
    BigInt(hours!) * UNITS.h! +
    BigInt(minutes!) * UNITS.m! +
    BigInt(seconds) * UNITS.s! +
    BigInt(fraction.padEnd(6, '0'));
  return sign === '-' ? -total : total;
}

/** An instant as ISO-8601 text in UTC without the zone, to the microsecond. */
export function instantText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, -5).replace('T', ' ');
  return fraction === 0n ? seconds : `${seconds}.${String(fraction).padStart(6, '0')}`;
}

/** A timespan in the largest unit that it is a whole number of: `15 minutes`. */
export function timespanUnits(micros: bigint): string {
  const units = ['days', 'hours', 'minutes', 'seconds', 'milliseconds', 'microseconds'];
  const unit = units.find((each) => micros % UNITS[each]! === 0n)!;
  return `${micros / UNITS[unit]!} ${unit}`;
}
