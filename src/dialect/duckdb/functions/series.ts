/** Element-wise arithmetic on series. */
import { type FunctionTable, row } from '../../function-row.ts';
import { decomposition } from './decomposition.ts';

const pairwise = (name: string, form: (a: string, b: string) => string, json = true) =>
  row('dynamic dynamic', 'dynamic?', `${name.replaceAll('_', '-')}-function`, ([a, b]) => {
    const list = `list_transform(kql_series_pairs(${a}, ${b}), lambda pair: ${form('kql_dynamic_number(pair[1])', 'kql_dynamic_number(pair[2])')})`;
    return json ? `kql_series_json(${list})` : `to_json(${list})`;
  });

/** Whole numbers stay whole, as long as a long holds the result. */
const wholeOrReal = (name: string, operator: string) =>
  row('dynamic dynamic', 'dynamic?', `${name.replaceAll('_', '-')}-function`, ([a, b]) => {
    const combined = (read: string): string => `${read}(pair[1]) ${operator} ${read}(pair[2])`;
    const whole = `to_json(TRY_CAST(${combined('kql_whole_number')} AS BIGINT))`;
    const real = `kql_real_json(${combined('kql_dynamic_number')})`;
    return `to_json(list_transform(kql_series_pairs(${a}, ${b}), lambda pair: coalesce(${whole}, ${real})))`;
  });

const each = (name: string, form: (x: string) => string) =>
  row(
    'dynamic',
    'dynamic?',
    `${name.replaceAll('_', '-')}-function`,
    ([d]) => `kql_series_json(list_transform(kql_series(${d}), lambda x: ${form('x')}))`,
  );

const ARITHMETIC = {
  series_add: '+',
  series_subtract: '-',
  series_multiply: '*',
} as const;
const COMPARISONS = {
  series_greater: '>',
  series_greater_equals: '>=',
  series_less: '<',
  series_less_equals: '<=',
  series_equals: '=',
  series_not_equals: '<>',
} as const;
const FUNCTIONS = ['abs', 'ceiling', 'floor', 'exp', 'sin', 'cos', 'tan', 'atan', 'sign'] as const;

const NO_NUMBER = 'NULL::DOUBLE';

export const series: FunctionTable = {
  ...Object.fromEntries(
    Object.entries(ARITHMETIC).map(([name, operator]) => [name, wholeOrReal(name, operator)]),
  ),
  series_divide: pairwise('series_divide', (a, b) => `${a} / ${b}`),
  ...Object.fromEntries(
    Object.entries(COMPARISONS).map(([name, operator]) => [
      name,
      pairwise(name, (a, b) => `${a} ${operator} ${b}`, false),
    ]),
  ),
  ...Object.fromEntries(
    FUNCTIONS.map((name) => [`series_${name}`, each(`series_${name}`, (x) => `${name}(${x})`)]),
  ),
  series_log: each('series_log', (x) => `kql_log(${x})`),
  series_asin: each('series_asin', (x) => `CASE WHEN abs(${x}) > 1 THEN 'nan'::DOUBLE ELSE asin(${x}) END`),
  series_acos: each('series_acos', (x) => `CASE WHEN abs(${x}) > 1 THEN 'nan'::DOUBLE ELSE acos(${x}) END`),
  series_pow: pairwise('series_pow', (a, b) => `pow(${a}, ${b})`),
  series_sum: row('dynamic', 'real?', 'series-sum-function', ([d]) => `list_sum(kql_series(${d}))`),
  series_product: row(
    'dynamic',
    'real?',
    'series-product-function',
    ([d]) => `list_product(kql_series(${d}))`,
  ),
  series_magnitude: row(
    'dynamic',
    'real?',
    'series-magnitude-function',
    ([d]) => `sqrt(list_sum(list_transform(kql_series(${d}), lambda x: x * x)))`,
  ),
  series_dot_product: row(
    'dynamic dynamic',
    'real?',
    'series-dot-product-function',
    ([a, b]) =>
      `list_sum(list_transform(kql_series_pairs(${a}, ${b}), lambda pair: kql_dynamic_number(pair[1]) * kql_dynamic_number(pair[2])))`,
  ),
  series_pearson_correlation: row(
    'dynamic dynamic',
    'real?',
    'series-pearson-correlation-function',
    ([a, b]) => `kql_series_pearson(${a}, ${b})`,
  ),
  series_fill_forward: row(
    'dynamic real?',
    'dynamic?',
    'series-fill-forward-function',
    ([d, gap = NO_NUMBER]) => `kql_series_fill_forward(${d}, ${gap})`,
  ),
  series_fill_backward: row(
    'dynamic real?',
    'dynamic?',
    'series-fill-backward-function',
    ([d, gap = NO_NUMBER]) => `kql_series_fill_backward(${d}, ${gap})`,
  ),
  series_fill_const: row(
    'dynamic dynamic real?',
    'dynamic?',
    'series-fill-const-function',
    ([d, x, gap = NO_NUMBER]) => `kql_series_fill_const(${d}, ${x}, ${gap})`,
  ),
  series_iir: row(
    'dynamic dynamic dynamic',
    'dynamic?',
    'series-iir-function',
    ([d, b, a]) => `js_series_iir((${d})::VARCHAR, (${b})::VARCHAR, (${a})::VARCHAR)::JSON`,
  ),
  series_fill_linear: row(
    'dynamic real? bool? real?',
    'dynamic?',
    'series-fill-linear-function',
    ([d, gap = NO_NUMBER, edges = 'TRUE', constant = '0::DOUBLE']) =>
      `js_series_fill_linear((${d})::VARCHAR, coalesce(${gap}, 'nan'), ${edges}, coalesce(${constant}, 'nan'))::JSON`,
  ),
  series_stats_dynamic: row(
    'dynamic bool?',
    'dynamic?',
    'series-stats-dynamic-function',
    ([d, ignores = 'FALSE']) => `js_series_stats((${d})::VARCHAR, ${ignores})::JSON`,
  ),
  series_fit_line_dynamic: row(
    'dynamic',
    'dynamic?',
    'series-fit-line-dynamic-function',
    ([d]) => `js_series_fit_line((${d})::VARCHAR)::JSON`,
  ),
  ...decomposition,
};
