import { availableParallelism } from 'node:os';
import { UsageError } from '../../error.ts';
import { nearest } from '../../nearest.ts';
import { DAY, type Micros } from '../time.ts';

/**
 * What a scale lake is like:
 * `office` ordinary, with every column that Defender documents; `year` 365 days, process ids reused every day;
 * `hot` a few processes with tens of thousands of loads and connections in one window; `billion` 10⁹ rows.
 */
export const SCALE_PROFILES = ['office', 'year', 'hot', 'billion'] as const;

export type ScaleProfile = (typeof SCALE_PROFILES)[number];

/** What may be turned; what is absent is the profile's own. */
export interface ScaleOptions {
  readonly profile?: ScaleProfile | undefined;
  /** Rows of each of the two tables, before planted ones; shared out evenly over the days. */
  readonly rows?: number | undefined;
  readonly days?: number | undefined;
  /** When absent, so many that a process has about 25 rows in each table. */
  readonly devices?: number | undefined;
  /** Processes that start on a device in a day. */
  readonly processesPerDay?: number | undefined;
  /** How many different process ids a device hands out; the fewer, the sooner they are reused. */
  readonly pidSpace?: number | undefined;
  /** The part of the loads that are of a watched crypto library, 0 to 1. */
  readonly cryptoShare?: number | undefined;
  /** The part of the connections whose remote port is not standard, 0 to 1. */
  readonly unusualPortShare?: number | undefined;
  /** Processes with `hotEvents` watched loads and as many suspicious connections within one window. */
  readonly hotProcesses?: number | undefined;
  readonly hotEvents?: number | undefined;
  /** Later files have columns and types that earlier ones have not. */
  readonly drift?: boolean | undefined;
  /** How often each day's file appears, linked into other days; times in the file stay as they are. */
  readonly copies?: number | undefined;
  readonly compression?: 'snappy' | 'zstd' | undefined;
  readonly seed?: number | string | undefined;
  /** Midnight UTC of the first day; 2025-01-01 when absent. */
  readonly start?: Date | undefined;
  /** Days that are made at once; one for each core when absent. The bytes are the same however many. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with 0 to 100 as files are done. */
  readonly onProgress?: ((percentage: number) => void) | undefined;
}

/** A scale lake, settled in every respect. */
export interface ScaleScope {
  readonly profile: ScaleProfile;
  readonly rows: number;
  readonly days: number;
  readonly devices: number;
  readonly processesPerDay: number;
  readonly pidSpace: number;
  readonly cryptoShare: number;
  readonly unusualPortShare: number;
  readonly hotProcesses: number;
  readonly hotEvents: number;
  readonly drift: boolean;
  readonly copies: number;
  readonly compression: 'snappy' | 'zstd';
  /** All documented columns, or those that the detection reads. */
  readonly wide: boolean;
  readonly seed: string;
  readonly start: Micros;
  readonly threads: number;
}

type Defaults = Pick<ScaleScope, 'rows' | 'days' | 'pidSpace' | 'hotProcesses' | 'copies' | 'wide'>;

const DEFAULTS: Readonly<Record<ScaleProfile, Defaults>> = {
  office: { rows: 40e6, days: 30, pidSpace: 4_096, hotProcesses: 0, copies: 1, wide: true },
  year: { rows: 40e6, days: 365, pidSpace: 64, hotProcesses: 0, copies: 1, wide: false },
  hot: { rows: 5e6, days: 7, pidSpace: 4_096, hotProcesses: 4, copies: 1, wide: false },
  billion: { rows: 500e6, days: 365, pidSpace: 4_096, hotProcesses: 0, copies: 5, wide: false },
};

/** What the rows of one process in one table come to, when the number of devices is not given. */
const ROWS_PER_PROCESS = 25;

/** The options with the profile's own where they are absent. @throws UsageError when one is out of range */
export function checkedScale(options: ScaleOptions): ScaleScope {
  const profile = checkedProfile(options.profile ?? 'office');
  const defaults = DEFAULTS[profile];
  const days = whole('days', options.days ?? defaults.days, 1, 3_660);
  const rows = whole('rows', options.rows ?? defaults.rows, days, 1e10);
  const processesPerDay = whole('processesPerDay', options.processesPerDay ?? 50, 1, 100_000);
  const natural = Math.round(rows / (days * processesPerDay * ROWS_PER_PROCESS));
  return {
    profile,
    days,
    rows,
    processesPerDay,
    devices: whole('devices', options.devices ?? Math.max(1, natural), 1, 1_000_000),
    pidSpace: whole('pidSpace', options.pidSpace ?? defaults.pidSpace, 1, 1_000_000),
    cryptoShare: share('cryptoShare', options.cryptoShare ?? 0.04),
    unusualPortShare: share('unusualPortShare', options.unusualPortShare ?? 0.03),
    hotProcesses: whole('hotProcesses', options.hotProcesses ?? defaults.hotProcesses, 0, 1_000),
    hotEvents: whole('hotEvents', options.hotEvents ?? 40_000, 1, 1_000_000),
    drift: options.drift ?? false,
    copies: whole('copies', Math.min(options.copies ?? defaults.copies, days), 1, days),
    compression: options.compression ?? 'snappy',
    wide: defaults.wide,
    seed: String(options.seed ?? 'merganser'),
    start: midnight(options.start ?? new Date('2025-01-01T00:00:00Z')),
    threads: whole('threads', options.threads ?? availableParallelism(), 1, 64),
  };
}

function checkedProfile(name: string): ScaleProfile {
  const known = SCALE_PROFILES.find((profile) => profile === name);
  if (known !== undefined) return known;
  const near = nearest(name, SCALE_PROFILES);
  throw new UsageError(`there is no profile ${JSON.stringify(name)}`, {
    hint: near === undefined ? `there are ${SCALE_PROFILES.join(', ')}` : `did you mean ${near}?`,
  });
}

function whole(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${name} is ${value}, which is not a whole number from ${least} to ${most}`);
}

function share(name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(`${name} is ${value}, which is not a part of the whole, from 0 to 1`);
}

function midnight(start: Date): Micros {
  const at = start.getTime() * 1_000;
  if (Number.isFinite(at) && at % DAY === 0 && at >= 0) return at;
  throw new UsageError('the first day of a lake must be a date, midnight UTC, from 1970 on', {
    hint: 'for example 2025-01-01',
  });
}
