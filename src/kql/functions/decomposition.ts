/** Series taken apart into season, trend and what is left, and what lies outside of the ordinary. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import { argumentsOf, lowerScalar } from '../lower/expression/expression.ts';
import { refuse } from '../lower/query/context.ts';
import type { SyntaxNode } from '../parser.ts';
import { callRow } from './call.ts';
import type { Special, SpecialTable } from './special.ts';

/** Where the arguments of a function stand. */
interface Places {
  readonly period: number;
  readonly trend?: number;
  readonly tested?: number;
  readonly method?: number;
  readonly threshold?: number;
}

/** What is not written: of the forecast it is the engine that says so, its page has `avg`. */
const TREND: Readonly<Record<string, string>> = { series_decompose_forecast: 'linefit' };
const TRENDS = ['avg', 'linefit', 'none'];
const METHODS = ['ctukey', 'tukey'];

/** A call of the row of this name, of the arguments that it takes: the series, then those that are given a place. */
export function decomposition(
  name: string,
  row: string,
  places: Places,
  values: readonly Scalar[],
  node: SyntaxNode,
): Scalar {
  const written = { name, values, node };
  const period = periodOf(written, places.period);
  const args = [values[0]!, period];
  if (places.trend !== undefined) args.push(oneOf(written, places.trend, TRENDS, TREND[name] ?? 'avg'));
  if (places.tested !== undefined) args.push(countOf(written, places.tested));
  if (places.threshold !== undefined) args.push(values[places.threshold] ?? literal('real', 1.5));
  if (places.method !== undefined) args.push(oneOf(written, places.method, METHODS, 'ctukey'));
  return callRow(row, args, node);
}

interface Written {
  readonly name: string;
  readonly values: readonly Scalar[];
  readonly node: SyntaxNode;
}

/** How the engine finds a period by itself is on no page, and the period is what all else rests on. */
function periodOf({ name, values, node }: Written, at: number): Scalar {
  const value = values[at];
  if (value?.kind === 'literal' && value.value !== null && Number(value.value) >= 0) return value;
  const place = argumentsOf(node)[at];
  if (value !== undefined && value.kind !== 'literal')
    return refuse('MG003', `only a literal period has a translation in ${name}`, place!);
  return refuse(
    'MG003',
    `${name} has no translation where it is to find the period by itself: no page says how it does`,
    place ?? node,
    'say how many points a period has (24 of an hour each are a day, 168 a week), or 0 for none',
  );
}

function countOf({ name, values, node }: Written, at: number): Scalar {
  const value = values[at] ?? literal('long', 0n);
  if (value.kind === 'literal' && value.value !== null && Number(value.value) >= 0) return value;
  return refuse(
    'MG003',
    `only a literal number of points has a translation in ${name}`,
    argumentsOf(node)[at]!,
  );
}

function oneOf({ name, values, node }: Written, at: number, all: readonly string[], usual: string): Scalar {
  const value = values[at] ?? literal('string', usual);
  if (value.kind === 'literal' && all.includes(String(value.value))) return value;
  return refuse(
    'MG003',
    `only a literal ${all.map((each) => `'${each}'`).join(', ')} has a translation in ${name}`,
    argumentsOf(node)[at]!,
  );
}

const single =
  (name: string, row: string, places: Places): Special =>
  (context, args, node) =>
    decomposition(
      name,
      row,
      places,
      args.map((arg) => lowerScalar(context, arg)),
      node,
    );

/** https://learn.microsoft.com/kusto/query/series-outliers-function */
const outliers: Special = (context, args, node) => {
  const values = args.map((arg) => lowerScalar(context, arg));
  const method = oneOf({ name: 'series_outliers', values, node }, 1, METHODS, 'ctukey');
  if (args.length > 3)
    return refuse(
      'MG003',
      'series_outliers has no translation with percentiles of one’s own: no page says how it weighs them',
      args[3]!,
      "leave them out: 'ctukey' goes by the 10th and the 90th, 'tukey' by the 25th and the 75th",
    );
  return callRow('outliers', [values[0]!, method, values[2] ?? literal('real', null)], node);
};

export const decompositionForms: SpecialTable = {
  series_decompose_forecast: single('series_decompose_forecast', 'decompose_forecast', {
    period: 2,
    trend: 3,
    tested: 1,
  }),
  series_seasonal: single('series_seasonal', 'seasonal', { period: 1 }),
  series_outliers: outliers,
};
