import { UsageError } from '../error.ts';
import { DAY, type Micros } from './time.ts';

export interface SampleOptions {
  /** Any text or number; 7 and '7' are the same seed. */
  readonly seed?: number | string | undefined;
  /** How many devices, 2 to 50,000; 50 when absent. */
  readonly devices?: number | undefined;
  /** How many days, 1 to 3,660; 7 when absent. */
  readonly days?: number | undefined;
  /** Midnight UTC of the first day; 2026-01-05, a Monday, when absent. */
  readonly start?: Date | undefined;
  /** Stops the work and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
  /** Called with 0 to 100 as devices and days are done. */
  readonly onProgress?: ((percentage: number) => void) | undefined;
}

/** What a sample covers: from `start`, up to but not including `end`. */
export interface SampleScope {
  readonly seed: string;
  readonly devices: number;
  readonly days: number;
  readonly start: Micros;
  readonly end: Micros;
}

/** The options with their defaults. @throws UsageError when one is out of range */
export function checkedOptions(options: SampleOptions): SampleScope {
  const devices = wholeNumber('devices', options.devices ?? 50, 2, 50_000);
  const days = wholeNumber('days', options.days ?? 7, 1, 3_660);
  const start = midnight(options.start ?? new Date('2026-01-05T00:00:00Z'));
  return { seed: String(options.seed ?? 'merganser'), devices, days, start, end: start + days * DAY };
}

function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`${name} is ${value}, which is not a whole number from ${least} to ${most}`, {
      hint: `for example --${name} ${Math.max(least, 10)}`,
    });
  }
  return value;
}

function midnight(start: Date): Micros {
  const at = start.getTime() * 1_000;
  const [least, most] = [Date.UTC(1980, 0, 1) * 1_000, Date.UTC(2200, 0, 1) * 1_000];
  if (!Number.isFinite(at) || at % DAY !== 0 || at < least || at > most) {
    throw new UsageError('the first day of a sample must be a date, midnight UTC, between 1980 and 2200', {
      hint: 'for example 2026-01-05',
    });
  }
  return at;
}
