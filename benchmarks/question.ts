import type { ScaleProfile } from '../src/sample/scale/scale.ts';
import type { LakeMade } from './lake.ts';
import type { Measured, Unmeasured } from './measure.ts';

import type { Sizes } from './sizes.ts';

/** A file of `questions/`. */
export interface Question {
  /** As `--only` names it, and the file. */
  readonly name: string;
  readonly asks: string;
  run(bench: Bench): Promise<Comparison[]>;
}

/** What a question works with. */
export interface Bench {
  readonly sizes: Sizes;
  readonly rounds: number;
  readonly threads: number;
  /** Milliseconds after which a single run is given up. */
  readonly patience: number;
  readonly temp: string;
  /** The folder that the lakes lie in. */
  readonly lakes: string;
  /** Profiles to measure on, where a question has a choice. */
  readonly profiles: readonly ScaleProfile[];
  /** The lake of that profile and size, made when it is not there yet. */
  lake(profile: ScaleProfile, rows: number): Promise<LakeMade>;
  say(line: string): void;
}

/** Contenders measured side by side on one lake. */
export interface Comparison {
  readonly on: string;
  /** Rows of both tables together. */
  readonly rows: number;
  readonly results: readonly (Measured | Unmeasured)[];
  readonly ratios: readonly Ratio[];
  /** Figures that are no times, by name. */
  readonly figures?: Readonly<Record<string, number>>;
  /** A table for who reads along. */
  readonly lines?: readonly string[];
  /** ROC curves, by name: the share of what is benign against the share of what is found. */
  readonly curves?: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** How many times as much the one took as the other: medians of the same rounds. */
export interface Ratio {
  readonly of: string;
  readonly to: string;
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
  /** True where `of` was given up: it takes at least so many times as long. */
  readonly atLeast?: boolean;
  /** What it should be at most. */
  readonly wanted?: number;
}

/** The ratio of two of the results; undefined where either has no time. */
export function ratio(
  results: readonly (Measured | Unmeasured)[],
  of: string,
  to: string,
  wanted?: number,
): Ratio | undefined {
  const [one, other] = [of, to].map((label) => results.find((result) => result.label === label));
  if (other?.status !== 'measured' || one === undefined) return undefined;
  const target = wanted === undefined ? {} : { wanted };
  if (one.status === 'given up') {
    return {
      of,
      to,
      wall: one.after / other.wall,
      cpu: Number.NaN,
      memory: Number.NaN,
      atLeast: true,
      ...target,
    };
  }
  if (one.status !== 'measured') return undefined;
  const times = (what: 'wall' | 'cpu' | 'memory') => one[what] / other[what];
  return { of, to, wall: times('wall'), cpu: times('cpu'), memory: times('memory'), ...target };
}

/** Those of the ratios that could be measured. */
export function ratios(...all: readonly (Ratio | undefined)[]): Ratio[] {
  return all.filter((each) => each !== undefined);
}
