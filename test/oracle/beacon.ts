/**
 * The beacon analysis of one key, from the definitions of its statistics and without SQL. Times are microseconds since the
 * epoch; gaps and what is made of them are seconds or shares of 1.
 */

export interface Observation {
  readonly start: number;
  readonly end: number;
}

export interface KeyStatistics {
  readonly Beats: number;
  readonly MedianGap: number;
  readonly GapMad: number;
  readonly LowerQuartile: number;
  readonly UpperQuartile: number;
  readonly GapSkewness: number;
  readonly GapVariation: number;
  readonly LogDeviation: number;
  readonly ModalGap: number;
  readonly IntervalSeconds: number;
  readonly FitShare: number;
  readonly EarlyShare: number;
  readonly PauseShare: number;
  readonly Jitter: number;
  readonly Missed: number;
  readonly Spread: number;
  readonly LongestBeatRun: number;
  readonly BeatsEvidence: number;
  readonly EvennessEvidence: number;
  readonly FitEvidence: number;
  readonly TimingScore: number;
}

const ascending = (a: number, b: number) => a - b;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]) => sum(values) / values.length;

/** The middle value, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort(ascending);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1]! + sorted[half]!) / 2 : sorted[Math.floor(half)]!;
}

/** Medians of the halves below and above the middle; the middle value of an odd number belongs to neither. */
export function quartiles(values: readonly number[]): [number, number, number] {
  const sorted = [...values].sort(ascending);
  const half = Math.floor(sorted.length / 2);
  return [median(sorted.slice(0, half)), median(sorted), median(sorted.slice(sorted.length - half))];
}

const mad = (values: readonly number[]) => median(values.map((value) => Math.abs(value - median(values))));

const steps = (gap: number, interval: number) => Math.max(1, Math.round(gap / interval));
const isNear = (gap: number, interval: number, tolerance: number) =>
  Math.abs(gap - steps(gap, interval) * interval) <= tolerance * interval;

/** What the gaps of a key say; undefined where there are fewer than three. */
export function keyStatistics(
  times: readonly number[],
  { beatGap, tolerance }: { readonly beatGap: number; readonly tolerance: number },
): KeyStatistics | undefined {
  const sorted = [...times].sort(ascending);
  const gapsInOrder = sorted
    .slice(1)
    .map((time, index) => (time - sorted[index]!) / 1e6)
    .filter((gap) => gap >= beatGap);
  const gaps = [...gapsInOrder].sort(ascending);
  if (gaps.length < 3) return undefined;
  const beats = gaps.length + 1;
  const [lower, middle, upper] = quartiles(gaps);
  const interval = inferredInterval(gaps, [middle, lower, middle / 2, middle / 3], tolerance);
  const running = gaps.filter((gap) => gap < 12.5 * interval);
  const share = (holds: (gap: number) => boolean) => running.filter(holds).length / gaps.length;
  const fit = share((gap) => isNear(gap, interval, tolerance));
  const logDeviation = mean(gaps.map((gap) => Math.abs(Math.log(gap / middle))));
  const average = mean(gaps);
  const evidence = {
    BeatsEvidence: 1.55 * Math.log(Math.min(beats, 200)) - 2.95,
    EvennessEvidence: -3.95 * logDeviation,
    FitEvidence: 1.25 * Math.min(3, Math.max(-3, (fit - 0.6) * Math.sqrt(beats - 1))),
  };
  return {
    Beats: beats,
    MedianGap: middle,
    GapMad: mad(gaps),
    LowerQuartile: lower,
    UpperQuartile: upper,
    GapSkewness: upper > lower ? (lower + upper - 2 * middle) / (upper - lower) : 0,
    GapVariation: Math.sqrt(mean(gaps.map((gap) => (gap - average) ** 2))) / average,
    LogDeviation: logDeviation,
    ModalGap: mode(gaps.map(Math.round)),
    IntervalSeconds: interval,
    FitShare: fit,
    EarlyShare: share((gap) => gap < interval / 2),
    PauseShare: 1 - running.length / gaps.length,
    Jitter: Math.sqrt(
      mean(running.map((gap) => (gap / interval - steps(gap, interval)) ** 2 / steps(gap, interval))),
    ),
    Missed: 1 - running.length / sum(running.map((gap) => steps(gap, interval))),
    Spread: activeParts(sorted) / Math.min(24, beats),
    LongestBeatRun: longestBeatRun(gapsInOrder, interval, tolerance),
    ...evidence,
    TimingScore: logistic(sum(Object.values(evidence))),
  };
}

/** The most beats in a row between which each gap is one interval, near enough. */
function longestBeatRun(gaps: readonly number[], interval: number, tolerance: number): number {
  let [run, longest] = [1, 1];
  for (const gap of gaps) {
    run = Math.abs(gap - interval) <= tolerance * interval ? run + 1 : 1;
    longest = Math.max(longest, run);
  }
  return longest;
}

export const logistic = (evidence: number) => 1 / (1 + Math.exp(-evidence));

/** The candidate that explains an even sample of the gaps best (the greater of two that do so equally), then refined. */
function inferredInterval(gaps: readonly number[], candidates: readonly number[], tolerance: number): number {
  const sample =
    gaps.length <= 128
      ? gaps
      : Array.from({ length: 128 }, (_, index) => gaps[Math.floor((index * gaps.length) / 128)]!);
  const fitOf = (interval: number) =>
    mean(sample.map((gap) => (isNear(gap, interval, tolerance) ? 1 / Math.sqrt(steps(gap, interval)) : 0)));
  const best = [...candidates].sort((a, b) => fitOf(b) - fitOf(a) || b - a)[0]!;
  const running = gaps.filter((gap) => gap < 12.5 * best);
  return sum(running) / sum(running.map((gap) => steps(gap, best)));
}

/** The most frequent value, the least of those that are equally so. */
function mode(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]![0];
}

/** In how many of 24 equal parts of the time from first to last there is a connection. */
function activeParts(sorted: readonly number[]): number {
  const [first, last] = [sorted[0]!, sorted.at(-1)!];
  return new Set(sorted.map((time) => binOf(time, { start: first, end: last }))).size;
}

function binOf(time: number, { start, end }: Observation): number {
  return Number((BigInt(time - start) * 24n) / BigInt(end - start + 1));
}

export interface RitaStatistics {
  readonly RitaTimestamps: number;
  readonly RitaSizes: number;
  readonly RitaHistogram: number;
  readonly RitaDuration: number;
  /** Null below three gaps. */
  readonly RitaScore: number | null;
  readonly LongestRun: number;
  readonly ObservationSpread: number;
  readonly HoursActive: number;
  readonly MedianBytes: number | null;
  readonly BytesMad: number | null;
}

/** RITA 5's score by its published definition, over timestamps in whole seconds. */
export function ritaStatistics(
  times: readonly number[],
  bytes: readonly number[],
  observation: Observation,
): RitaStatistics {
  const sorted = [...times].sort(ascending);
  const seconds = sorted.map((time) => Math.floor(time / 1e6));
  const gaps = seconds
    .slice(1)
    .map((second, index) => second - seconds[index]!)
    .filter((gap) => gap > 0);
  const heights = new Array<number>(24).fill(0);
  for (const time of sorted) heights[binOf(time, observation)]!++;
  const longest = Math.max(
    ...heights
      .map((height) => (height > 0 ? 'x' : ' '))
      .join('')
      .split(' ')
      .map((run) => run.length),
  );
  const active = heights.filter((height) => height > 0);
  const covered = (sorted.at(-1)! - sorted[0]!) / Math.max(1, observation.end - observation.start);
  const parts = {
    RitaTimestamps: regularity(gaps, 1),
    RitaSizes: bytes.length === 0 ? 0 : regularity(bytes, 0),
    RitaHistogram: Math.max(evenHeights(heights), active.length >= 11 ? twoHeights(active) : 0),
    RitaDuration: active.length >= 6 ? Math.min(1, Math.max(covered, longest / 12)) : 0,
  };
  return {
    ...parts,
    RitaScore: gaps.length >= 3 ? mean(Object.values(parts)) : null,
    LongestRun: longest,
    ObservationSpread: active.length / 24,
    HoursActive: new Set(sorted.map((time) => Math.floor(time / 3.6e9) % 24)).size,
    MedianBytes: bytes.length === 0 ? null : median(bytes),
    BytesMad: bytes.length === 0 ? null : mad(bytes),
  };
}

function regularity(values: readonly number[], withoutMedian: number): number {
  const [q1, q2, q3] = quartiles(values);
  const skew = q3 - q1 < 10 || q2 === q1 || q2 === q3 ? 0 : (q1 + q3 - 2 * q2) / (q3 - q1);
  const deviation = q2 < 1 ? withoutMedian : Math.max(0, (q2 - mad(values)) / q2);
  return (1 - Math.abs(skew) + deviation) / 2;
}

function evenHeights(heights: readonly number[]): number {
  const average = mean(heights);
  return Math.max(0, 1 - Math.sqrt(mean(heights.map((height) => (height - average) ** 2))) / average);
}

/** The share of bins in the two most common of the height buckets, each 5 % of the tallest wide. */
function twoHeights(active: readonly number[]): number {
  const width = Math.max(...active) * 0.05;
  const counts = new Map<number, number>();
  for (const height of active) {
    const bucket = Math.ceil(height / width);
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return sum([...counts.values()].sort((a, b) => b - a).slice(0, 2)) / active.length;
}
