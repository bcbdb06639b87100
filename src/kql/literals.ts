/**
 * KQL's literals, read from their text: the parser's own values are wrong for hex, for many timespans,
 * for `real(nan)` and `bool(1)`, and cut datetimes to milliseconds.
 */
import { type Literal, literal } from '../plan/scalar.ts';
import { type Position, Refusal } from './diagnostics.ts';
import { dialect, isHeld } from './dialect.ts';

/** The units of timespans, which `kql_unit_ticks` has in SQL. */
export const TICKS: Readonly<Record<string, number>> = {
  d: 864e9,
  day: 864e9,
  days: 864e9,
  h: 36e9,
  hr: 36e9,
  hrs: 36e9,
  hour: 36e9,
  hours: 36e9,
  m: 6e8,
  min: 6e8,
  minute: 6e8,
  minutes: 6e8,
  s: 1e7,
  sec: 1e7,
  second: 1e7,
  seconds: 1e7,
  ms: 1e4,
  milli: 1e4,
  millis: 1e4,
  millisec: 1e4,
  millisecond: 1e4,
  milliseconds: 1e4,
  micro: 10,
  micros: 10,
  microsec: 10,
  microsecond: 10,
  microseconds: 10,
  nano: 0.01,
  nanos: 0.01,
  nanosec: 0.01,
  nanosecond: 0.01,
  nanoseconds: 0.01,
  tick: 1,
  ticks: 1,
};

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

/** The text inside `name(…)`, or the text itself. */
function inside(text: string): string {
  const match = /^[a-z0-9_]+\s*\(([\s\S]*)\)$/i.exec(text.trim());
  return (match ? match[1]! : text).trim();
}

export function integerLiteral(type: 'int' | 'long', text: string, at: Position): Literal {
  const body = inside(text);
  if (body === 'null' || body === '') return literal(type, null);
  if (!/^[+-]?(0x[0-9a-f]+|\d+)$/i.test(body)) throw new Refusal('MG004', `not a ${type}: ${body}`, at);
  const negative = body.startsWith('-');
  const magnitude = BigInt(body.replace(/^[+-]/, ''));
  const hex = /^[+-]?0x/i.test(body);
  let value = negative ? -magnitude : magnitude;
  if (hex && value > LONG_MAX && value < 2n ** 64n) value -= 2n ** 64n;
  const [min, max] = type === 'int' ? [-(2n ** 31n), 2n ** 31n - 1n] : [LONG_MIN, LONG_MAX];
  if (value < min || value > max) throw new Refusal('MG004', `${body} is out of the range of ${type}`, at);
  return literal(type, value);
}

export function realLiteral(text: string, at: Position): Literal {
  const body = inside(text).toLowerCase();
  if (body === 'null' || body === '') return literal('real', null);
  if (body === 'nan') return literal('real', Number.NaN);
  const infinite = /^([+-]?)inf(inity)?$/.exec(body);
  if (infinite) return literal('real', infinite[1] === '-' ? -Infinity : Infinity);
  const value = Number(body);
  if (Number.isNaN(value)) throw new Refusal('MG004', `not a real: ${body}`, at);
  return literal('real', value);
}

export function boolLiteral(text: string, at: Position): Literal {
  const body = inside(text).toLowerCase();
  if (body === 'null' || body === '') return literal('bool', null);
  if (body === 'true' || body === '1') return literal('bool', true);
  if (body === 'false' || body === '0') return literal('bool', false);
  if (/^-?\d+$/.test(body)) return literal('bool', true);
  throw new Refusal('MG004', `not a bool: ${body}`, at);
}

export function guidLiteral(text: string, at: Position): Literal {
  const body = inside(text).replace(/^["']|["']$/g, '');
  if (body === 'null' || body === '') return literal('guid', null);
  const hex = body.replace(/[{}()-]/g, '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new Refusal('MG004', `not a guid: ${body}`, at);
  return literal('guid', hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}

export function decimalLiteral(text: string, at: Position): Literal {
  const body = inside(text);
  if (body === 'null' || body === '') return literal('decimal', null);
  if (!/^[+-]?\d*\.?\d*(e[+-]?\d+)?$/i.test(body)) throw new Refusal('MG004', `not a decimal: ${body}`, at);
  if (!(Math.abs(Number(body)) < LARGEST_DECIMAL))
    throw new Refusal('MG004', `${body} is larger than a decimal of ${dialect().name} can be`, at);
  return literal('decimal', body);
}

/** https://duckdb.org/docs/stable/sql/data_types/numeric: 38 digits, 17 of them behind the point. */
const LARGEST_DECIMAL = 1e21;

/** `1d`, `1.5h`, `90m`, `1.02:03:04.5`, or a number of days; undefined where the text is no timespan, or too long for one. */
export function parseTimespan(text: string): bigint | undefined {
  const body = text
    .trim()
    .replace(/^["']|["']$/g, '')
    .trim();
  const unit = /^([+-]?)(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(body);
  if (unit) {
    const ticks = TICKS[unit[3]!.toLowerCase()];
    if (ticks === undefined) return undefined;
    const whole = BigInt(Math.round(Number(unit[2]) * ticks));
    return held(unit[1] === '-' ? -whole : whole);
  }
  if (/^[+-]?\d+$/.test(body)) return held(BigInt(body) * 864_000_000_000n);
  const clock = /^([+-]?)(?:(\d+)[.:])??(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(body);
  if (!clock) return undefined;
  const [, sign, days = '0', hours, minutes, seconds = '0', fraction = ''] = clock;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const total = ((BigInt(days) * 24n + BigInt(hours!)) * 60n + BigInt(minutes!)) * 60n + BigInt(seconds);
  const ticks = total * 10_000_000n + BigInt(fraction.padEnd(7, '0'));
  return held(sign === '-' ? -ticks : ticks);
}

/** Undefined beyond 64 bits of ticks. */
const held = (ticks: bigint): bigint | undefined =>
  ticks >= LONG_MIN && ticks <= LONG_MAX ? ticks : undefined;

export function timespanLiteral(text: string, at: Position): Literal {
  const body = inside(text);
  if (body === 'null' || body === '') return literal('timespan', null);
  const ticks = parseTimespan(body);
  if (ticks === undefined)
    throw new Refusal('MG004', `not a timespan, or longer than one can be: ${body}`, at);
  return literal('timespan', ticks);
}

/** `Sat, 8 Nov 14 15:05:02 GMT`, `08-Nov-14 15:05`. */
const RFC_822_850 =
  /^(?:[a-z]{3,9}, )?(\d{1,2})[ -]([a-z]{3})[ -](\d{2}|\d{4}) (\d{1,2}:\d{2}(?::\d{2})?)(?: GMT)?$/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Ticks of 100 ns since year 1 of a datetime's text, or undefined. */
export function parseDatetime(text: string): { micros: bigint; ticks: bigint } | undefined {
  const unquoted = text
    .trim()
    .replace(/^["']|["']$/g, '')
    .trim();
  const body = unquoted.replace(/(\d)\s+-\s+(?=\d)/g, '$1-');
  const american = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4})(.*)$/.exec(body);
  const listed = /^(\d{4})\s*,\s*(\d{1,2})\s*,\s*(\d{1,2})$/.exec(body);
  const rfc = RFC_822_850.exec(body);
  if (rfc) {
    const [, day, month, year, clock] = rfc as unknown as string[];
    const whole = year!.length === 4 ? year : `${Number(year) < 69 ? 20 : 19}${year}`;
    const number = MONTHS.indexOf(month!.toLowerCase()) + 1;
    return number ? parseDatetime(`${whole}-${number}-${day} ${clock}`) : undefined;
  }
  if (american) return parseDatetime(`${american[3]}-${american[1]}-${american[2]}${american[4]}`);
  if (listed) return parseDatetime(`${listed[1]}-${listed[2]}-${listed[3]}`);
  const match =
    /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d{1,7})\d*)?)?)?\s*(Z|GMT|[+-]\d{2}:?\d{2})?$/i.exec(
      body,
    );
  if (!match) return undefined;
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const real = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!real || Number(year) < 1 || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) {
    return undefined;
  }
  const seconds =
    BigInt(date.getTime() / 1000) + BigInt(Number(hour) * 3600 + Number(minute) * 60 + Number(second));
  const offset = zone && !/^(z|gmt)$/i.test(zone) ? zone.replace(':', '') : '+0000';
  const shift = BigInt(Number(offset.slice(1, 3)) * 3600 + Number(offset.slice(3, 5)) * 60);
  const utc = offset.startsWith('-') ? seconds + shift : seconds - shift;
  const ticks = utc * 10_000_000n + BigInt(fraction.padEnd(7, '0'));
  return { micros: ticks / 10n, ticks };
}

export function datetimeLiteral(text: string, at: Position): Literal {
  const body = inside(text);
  if (body === 'null' || body === '') return literal('datetime', null);
  const parsed = parseDatetime(body);
  if (!parsed) {
    throw new Refusal(
      'MG004',
      `not a datetime that merganser reads: ${body}`,
      at,
      'write 2026-01-31 or 2026-01-31T13:45:00Z',
    );
  }
  if (!isHeld(parsed.ticks)) {
    const held = body.replace(/(\.\d{6})\d+/, '$1');
    throw new Refusal('MG004', `${body} is finer than ${dialect().name} can hold`, at, `write ${held}`);
  }
  return literal('datetime', parsed.micros);
}
