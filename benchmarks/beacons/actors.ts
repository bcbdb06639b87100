import type { Random } from '../../src/sample/random.ts';

/**
 * Who talks in the labelled lakes of the beacon benchmark, and when: implants, and benign software that looks like them.
 * Times are in seconds from the start of the lake.
 */

/** What a population is drawn from. Tuning and testing have one each, and share neither numbers nor seeds. */
export interface Population {
  readonly name: 'tuning' | 'testing';
  readonly seed: string;
  readonly devices: number;
  readonly days: number;
  readonly implants: number;
  /** How often an implant is on many devices, and on what share of the fleet at most. */
  readonly campaigns: { readonly chance: number; readonly share: number };
  /** Log-uniform, or one of the sleeps that frameworks come with. */
  readonly interval: (random: Random) => number;
  readonly agents: readonly Agent[];
  /** Browsing, bursts and other irregular traffic: keys a device of each kind. */
  readonly irregularPerDevice: number;
  readonly sites: number;
  /** How much more popular the popular sites are. */
  readonly popularity: number;
  /** Benign periodic software that one device has. */
  readonly loners: number;
}

/** Benign software that polls. */
export interface Agent {
  readonly kind: 'updater' | 'agent' | 'time sync' | 'polling';
  readonly image: string;
  /** Seconds. */
  readonly interval: number;
  readonly jitter: number;
  /** The share of the fleet that has it. */
  readonly share: number;
  /** Addresses that it is served from, and whether by a domain that is recorded. */
  readonly addresses: number;
  readonly domain: boolean;
}

export const DAY = 86_400;

export const logUniform = (random: Random, least: number, most: number): number =>
  least * (most / least) ** random.fraction();

export const exponential = (random: Random): number => -Math.log(1 - random.fraction());

export const normal = (random: Random): number =>
  Math.sqrt(2 * exponential(random)) * Math.cos(2 * Math.PI * random.fraction());

export interface Rhythm {
  readonly interval: number;
  readonly jitter: number;
  readonly missing: number;
  readonly style: 'early' | 'either side' | 'normal' | 'clockwork';
}

/** Beats from `start` on that the sensor records, before `end`. `awake` says when the device is on. */
export function beats(
  random: Random,
  { interval, jitter, missing, style }: Rhythm,
  { start, end, count }: { readonly start: number; readonly end: number; readonly count: number },
  awake: (time: number) => boolean = () => true,
): number[] {
  const times: number[] = [];
  for (let time = start, beat = 0; time < end && beat < count; beat++) {
    if (awake(time) && !random.chance(missing)) times.push(time + random.fraction() * 0.3);
    // Scheduled tasks keep to the clock and do not drift.
    if (style === 'clockwork') {
      time = start + (beat + 1) * interval + Math.max(0, jitter * interval * (random.fraction() - 0.5));
    } else time += Math.max(0.5, pause(random, interval, jitter, style));
  }
  return times;
}

function pause(random: Random, interval: number, jitter: number, style: Rhythm['style']): number {
  if (style === 'early') return interval * (1 - jitter * random.fraction());
  if (style === 'either side') return interval * (1 + jitter * (2 * random.fraction() - 1));
  return interval * Math.max(0.1, 1 + (jitter / 2) * normal(random));
}

export type Irregular =
  | 'browsing'
  | 'random'
  | 'bursts'
  | 'log-normal'
  | 'work sessions'
  | 'log-uniform'
  | 'long connections';

export const IRREGULAR: readonly Irregular[] = [
  'browsing',
  'browsing',
  'browsing',
  'random',
  'bursts',
  'log-normal',
  'work sessions',
  'log-uniform',
  'long connections',
];

/** Times of traffic that keeps no rhythm, within a lake of `days`. */
export function irregular(random: Random, kind: Irregular, days: number): number[] {
  const end = days * DAY;
  const count = Math.round(logUniform(random, 4, kind === 'long connections' ? 30 : 600));
  const start = random.fraction() * end * 0.9;
  const gaps = (next: () => number, from = start): number[] => {
    const times = [from];
    while (times.length < count && times.at(-1)! < end) times.push(times.at(-1)! + Math.max(0.01, next()));
    return times.filter((time) => time < end);
  };
  switch (kind) {
    case 'random': {
      const mean = logUniform(random, 10, 20_000);
      return gaps(() => mean * exponential(random));
    }
    case 'log-normal': {
      const [median, sigma] = [logUniform(random, 5, 4_000), 0.7 + random.fraction() * 1.5];
      return gaps(() => median * Math.exp(sigma * normal(random)));
    }
    case 'log-uniform':
      return gaps(() => logUniform(random, 1, 20_000));
    case 'bursts': {
      const [between, within] = [logUniform(random, 600, 40_000), logUniform(random, 0.2, 20)];
      const often = 0.05 + random.fraction() * 0.2;
      return gaps(() => (random.chance(often) ? between : within) * exponential(random));
    }
    case 'browsing': {
      const within = logUniform(random, 2, 120);
      const visits = 0.05 + random.fraction() * 0.3;
      return gaps(() => {
        if (!random.chance(visits)) return within * exponential(random);
        return random.chance(0.3) ? DAY * (0.4 + 0.6 * random.fraction()) : 3_600 * exponential(random);
      });
    }
    case 'work sessions': {
      const mean = logUniform(random, 60, 3_000);
      return gaps(() => mean * exponential(random)).filter((time) => atWork(time));
    }
    case 'long connections':
      return gaps(
        () => logUniform(random, 3_600, 2 * DAY) * (0.3 + exponential(random)),
        random.fraction() * DAY,
      );
    default:
      return kind satisfies never;
  }
}

/** From 8 to 18 o'clock on five days of seven. */
export function atWork(time: number): boolean {
  const hour = (time / 3_600) % 24;
  return Math.floor(time / DAY) % 7 < 5 && hour >= 8 && hour < 18;
}

/** From 7 to 23 o'clock: a laptop that goes home. */
export function inTheDay(time: number): boolean {
  const hour = (time / 3_600) % 24;
  return hour >= 7 && hour < 23;
}
