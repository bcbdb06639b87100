/** Recurrences and fits over series: a series comes and goes as JSON text. */
import { javascript } from '../../javascript-function.ts';

const numbers = (text: string): (number | null)[] =>
  (JSON.parse(text) as unknown[]).map((value) => (typeof value === 'number' ? value : null));
const json = (values: readonly (number | null)[]): string => `[${values.map(written).join(',')}]`;
const written = (value: number | null): string => {
  if (value === null || !Number.isFinite(value)) return 'null';
  return Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
};

/** y[i] = (Σ b[j]·x[i−j] − Σ a[j]·y[i−j]) / a[0] */
function filtered(series: string, numerators: string, denominators: string): string {
  if (!numerators.startsWith('[') || !denominators.startsWith('[')) return 'null';
  const [x, b, a] = [series, numerators, denominators].map((text) =>
    numbers(text).map((value) => value ?? 0),
  ) as [number[], number[], number[]];
  const y: number[] = [];
  for (let i = 0; i < x.length; i += 1) {
    let sum = 0;
    for (let j = 0; j < b.length && j <= i; j += 1) sum += b[j]! * x[i - j]!;
    for (let j = 1; j < a.length && j <= i; j += 1) sum -= a[j]! * y[i - j]!;
    y.push(sum / (a[0] ?? 1));
  }
  return json(y);
}

/**
 * Gaps on a line between their neighbours; at the edges the nearest value; where there is nothing else, the constant.
 * What stands for a gap is a number, or NaN for null; a constant that is NaN is null.
 */
function filledLinear(series: string, placeholder: number, edges: boolean, constant: number): string {
  const x = numbers(series);
  // Between whole numbers, whole numbers.
  const whole = !/[.eE]/.test(series);
  const gap = Number.isNaN(placeholder) ? null : placeholder;
  const known = x.flatMap((value, index) => (value === null || value === gap ? [] : [index]));
  if (known.length === 0) return json(x.map((value) => (value === gap ? constant : value)));
  let next = 0;
  const filled = x.map((value, index) => {
    while (known[next]! <= index) next += 1;
    if (value !== gap) return value;
    const [before, after] = [known[next - 1], known[next]];
    if (before === undefined || after === undefined) return edges ? x[(before ?? after)!]! : value;
    const between = x[before]! + ((x[after]! - x[before]!) * (index - before)) / (after - before);
    return whole ? Math.trunc(between) : between;
  });
  return whole ? JSON.stringify(filled) : json(filled);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
};

/** Null where a value is not finite, unless such are to be ignored; positions and length are those of the whole series. */
function statistics(series: string, ignores: boolean): string | null {
  const all = numbers(series);
  const x = all.filter((value) => value !== null);
  if (x.length === 0 || (!ignores && x.length < all.length)) return null;
  const min = x.reduce((a, b) => Math.min(a, b));
  const max = x.reduce((a, b) => Math.max(a, b));
  const spread = x.length > 1 ? variance(x) : 0;
  return bagOf({
    min: written(min),
    min_idx: all.indexOf(min),
    max: written(max),
    max_idx: all.indexOf(max),
    avg: written(mean(x)),
    stdev: written(Math.sqrt(spread)),
    variance: written(spread),
    sum: written(x.reduce((a, b) => a + b)),
    len: all.length,
  });
}

const bagOf = (members: Readonly<Record<string, string | number>>): string =>
  `{${Object.entries(members)
    .map(([name, member]) => `"${name}":${member}`)
    .join(',')}}`;

/** Least squares over the positions 1, 2, 3, …: the engine's own answers have the interception one before the first point. */
function lineFit(series: string): string {
  const y = numbers(series).map((value) => value ?? 0);
  const x = y.map((_, index) => index + 1);
  const [mx, my] = [mean(x), mean(y)];
  const slope =
    x.reduce((sum, at, index) => sum + (at - mx) * (y[index]! - my), 0) /
    x.reduce((sum, at) => sum + (at - mx) ** 2, 0);
  const interception = my - slope * mx;
  const line = x.map((at) => interception + slope * at);
  const rest = y.map((value, index) => value - line[index]!);
  const spread = variance(y);
  const rvariance = variance(rest);
  return JSON.stringify({
    slope,
    interception,
    rsquare: 1 - rvariance / spread,
    variance: spread,
    rvariance,
    line_fit: line,
  });
}

/** What is no array is no series. */
const onArrays =
  <T extends unknown[]>(form: (series: string, ...rest: T) => string | null) =>
  (series: string, ...rest: T): string | null =>
    series.startsWith('[') ? form(series, ...rest) : null;

export const seriesFunctions = [
  javascript('series_iir', 'VARCHAR VARCHAR VARCHAR', 'VARCHAR', onArrays(filtered)),
  javascript('series_fill_linear', 'VARCHAR DOUBLE BOOLEAN DOUBLE', 'VARCHAR', onArrays(filledLinear)),
  javascript('series_stats', 'VARCHAR BOOLEAN', 'VARCHAR', onArrays(statistics)),
  javascript('series_fit_line', 'VARCHAR', 'VARCHAR', onArrays(lineFit)),
];
