import type { ScaleProfile } from '../src/sample/scale/scale.ts';

/** How large a run is: rows of each table. */
export interface Sizes {
  readonly rows: Readonly<Record<ScaleProfile, number>>;
  /** Watched loads, and connections, of each hot process. */
  readonly hotEvents: number;
  /** Eight times the smallest history. */
  readonly growth: number;
  readonly memory: number;
  /** By profile; some peers cannot do with more. */
  readonly peers: Readonly<Partial<Record<ScaleProfile, number>>>;
  readonly arrow: number;
  /** Files of both tables together, and rows of each. */
  readonly batch: { readonly files: number; readonly rows: number };
}

/** Under 3 minutes on 2 cores, lakes and all. */
export const QUICK: Sizes = {
  rows: { office: 500_000, year: 1_000_000, hot: 500_000, billion: 1_000_000 },
  hotEvents: 1_500,
  growth: 1_000_000,
  memory: 1_000_000,
  peers: { office: 200_000 },
  arrow: 200_000,
  batch: { files: 40, rows: 50_000 },
};

export const FULL: Sizes = {
  rows: { office: 40e6, year: 40e6, hot: 40e6, billion: 500e6 },
  hotEvents: 40_000,
  growth: 40e6,
  memory: 40e6,
  peers: { office: 5e6, year: 5e6 },
  arrow: 1e6,
  batch: { files: 400, rows: 3e6 },
};

/** All of one size, except where a peer could not keep up. */
export function ofSize(rows: number): Sizes {
  const hotEvents = Math.min(FULL.hotEvents, Math.max(QUICK.hotEvents, Math.round(rows / 125)));
  return {
    rows: { office: rows, year: rows, hot: rows, billion: rows },
    hotEvents,
    growth: rows,
    memory: rows,
    peers: { office: Math.min(rows, 5e6), year: Math.min(rows, 5e6) },
    arrow: Math.min(rows, FULL.arrow),
    batch: { files: 400, rows: Math.ceil(rows / 200) },
  };
}

/** `40M`, `500k`, `2500000` as a number of rows; undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  const rows = Number(number) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit]!;
  return Number.isInteger(rows) && rows > 0 ? rows : undefined;
}

/** 40,000,000 as `40M`. */
export function sizeText(rows: number): string {
  const [divisor, unit] = rows >= 1e9 ? [1e9, 'G'] : rows >= 1e6 ? [1e6, 'M'] : [1e3, 'k'];
  return `${Number((rows / divisor).toFixed(2))}${unit}`;
}
