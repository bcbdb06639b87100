/** Aggregates, and what Kusto makes of empty and all-null groups. */

import type { Scalar } from '../../../plan/scalar.ts';
import { type AggregateTable, aggregateRow as row } from '../../function-row.ts';

/** The engine raises on NaN and infinity, which make the result NaN. */
const stat = (name: string, docs: string) =>
  row('real', 'real!', docs, ([x], write, call) => {
    const [value] = call.args;
    const whole =
      value?.kind === 'call' &&
      value.name === 'convert' &&
      value.args[0]!.type !== 'string' &&
      value.args[0]!.type !== 'dynamic';
    if (whole) return `coalesce(${write(name, x!)}, 0)`;
    const odd = write('bool_or', `NOT isfinite(${x})`);
    return `CASE WHEN ${odd} THEN 'nan'::DOUBLE ELSE coalesce(${write(name, x!, { where: `isfinite(${x})` })}, 0) END`;
  });

/** A set or list of values that JSON has no form of is one of their texts. */
function jsonElement(sql: string, scalar: Scalar): string {
  if (scalar.type === 'datetime') return `nullif(kql_datetime_text(${sql}), '')`;
  if (scalar.type === 'timespan') return `nullif(kql_timespan_text(${sql}), '')`;
  if (scalar.type === 'guid') return `(${sql})::VARCHAR`;
  if (scalar.type === 'decimal') return `kql_decimal_text(${sql})`;
  if (scalar.type === 'real') return `kql_real_json(${sql})`;
  return sql;
}

const list = (distinct: boolean, docs: string) =>
  row(
    'any long?',
    'dynamic!',
    docs,
    ([x, limit], write, call) => {
      const element = jsonElement(x!, call.args[0]!);
      const where =
        call.args[0]!.type === 'string' || (!distinct && call.args[0]!.type === 'dynamic')
          ? undefined
          : `${x} IS NOT NULL`;
      const all = write('list', element, { distinct, ...(where !== undefined && { where }) });
      const flat = call.args[0]!.type === 'dynamic' ? `kql_flatten(${all})` : all;
      const found = distinct
        ? `list_sort(${call.args[0]!.type === 'dynamic' ? `list_distinct(${flat})` : flat})`
        : flat;
      return `to_json(coalesce(${limit === undefined ? found : `(${found})[:${limit}]`}, []))`;
    },
    { ordered: true },
  );

/** The value on the row of the extreme key; where all keys are null, on any row. Null values count. */
const extreme = (name: string, docs: string) =>
  row(
    'any any',
    'argument?',
    docs,
    ([value, key], write, call) => {
      const [valueScalar, keyScalar] = call.args as [Scalar, Scalar];
      if (!valueScalar.nullable && !keyScalar.nullable)
        return padded(write(name, `${value}, ${key}`), call.type);
      const held = `{'value': ${value}}`;
      const found = write(name, `${held}, ${key}`);
      return padded(`coalesce(${found}, ${write('first', held)}).value`, call.type);
    },
    { ordered: true },
  );

export const aggregates: AggregateTable = {
  count: row('any?', 'long!', 'count-aggregation-function', (_, write) => write('count', '*')),
  sum: row('any', 'argument!', 'sum-aggregation-function', ([x], write, call) =>
    call.type === 'real' || call.type === 'decimal'
      ? `coalesce(${write('sum', x!)}, 0)`
      : `coalesce(wrap_long(${write('sum', x!)}), 0)`,
  ),
  avg: row('any', 'real!', 'avg-aggregation-function', ([x], write, call) => {
    // The sum of longs wraps, and so does their average.
    const mean =
      call.args[0]!.type === 'long'
        ? `wrap_long(${write('sum', x!)}) / ${write('count', x!)}`
        : write('avg', x!);
    return `coalesce(${mean}, 'nan'::DOUBLE)`;
  }),
  avg_decimal: row(
    'decimal',
    'decimal?',
    'avg-aggregation-function',
    ([x], write) => `kql_decimal_mean(${write('sum', x!)}, ${write('count', x!)})`,
  ),
  avg_timespan: row(
    'timespan',
    'timespan?',
    'avg-aggregation-function',
    ([x], write) => `trunc(${write('avg', x!)})::BIGINT`,
  ),
  avg_datetime: row(
    'datetime',
    'datetime?',
    'avg-aggregation-function',
    ([x], write) => `make_timestamp(trunc(${write('avg', `epoch_us(${x})`)})::BIGINT)`,
  ),
  min: row('any', 'argument?', 'min-aggregation-function', ([x], write, call) =>
    call.type === 'real'
      ? `CASE WHEN ${write('bool_or', `isnan(${x})`)} THEN 'nan'::DOUBLE ELSE ${write('min', x!)} END`
      : padded(write('min', x!), call.type),
  ),
  max: row('any', 'argument?', 'max-aggregation-function', ([x], write, call) =>
    padded(write('max', x!), call.type),
  ),
  stdev: stat('stddev_samp', 'stdev-aggregation-function'),
  stdevp: stat('stddev_pop', 'stdevp-aggregation-function'),
  variance: stat('var_samp', 'variance-aggregation-function'),
  variancep: stat('var_pop', 'variancep-aggregation-function'),
  dcount: row('any long?', 'long!', 'dcount-aggregation-function', ([x], write) =>
    write('count', x!, { distinct: true }),
  ),
  // The values themselves, so that counts are exact; null where there are none.
  hll: row(
    'any long?',
    'dynamic?',
    'hll-aggregation-function',
    ([x], write, call) =>
      `to_json(${write('list', jsonElement(x!, call.args[0]!), { distinct: true, where: `${x} IS NOT NULL` })})`,
  ),
  hll_merge: row(
    'dynamic',
    'dynamic?',
    'hll-merge-aggregation-function',
    ([x], write) =>
      `to_json(list_distinct(kql_flatten(${write('list', x!, { where: `${x} IS NOT NULL` })})))`,
  ),
  count_distinct: row('any', 'long!', 'count-distinct-aggregation-function', ([x], write) =>
    write('count', x!, { distinct: true }),
  ),
  make_list: list(false, 'make-list-aggregation-function'),
  make_set: list(true, 'make-set-aggregation-function'),
  make_list_with_nulls: row(
    'any',
    'dynamic!',
    'make-list-with-nulls-aggregation-function',
    ([x], write, call) => {
      const all = write('list', jsonElement(x!, call.args[0]!));
      return `to_json(coalesce(${call.args[0]!.type === 'dynamic' ? `kql_flatten(${all})` : all}, []))`;
    },
    { ordered: true },
  ),
  make_bag: row(
    'dynamic long?',
    'dynamic!',
    'make-bag-aggregation-function',
    ([x, most], write) => {
      const merged = `kql_merged_members(${write('list', x!, { where: `json_type(${x}) = 'OBJECT'` })})`;
      return `kql_bag_of(${most ? `${merged}[:${most}]` : merged})`;
    },
    { ordered: true },
  ),
  take_any: row(
    'any',
    'argument?',
    'take-any-aggregation-function',
    ([x], write, call) =>
      call.type === 'string'
        ? padded(write('any_value', `nullif(${x}, '')`), call.type)
        : write('any_value', x!),
    { ordered: true },
  ),
  // Of one row with its like: a value that is missing there stays so.
  take_any_row: row(
    'any',
    'argument?',
    'take-any-aggregation-function',
    ([x], write, call) => padded(write('first', x!), call.type),
    { ordered: true },
  ),
  arg_max: extreme('arg_max', 'arg-max-aggregation-function'),
  arg_min: extreme('arg_min', 'arg-min-aggregation-function'),
  percentile_disc: row('any real', 'argument?', 'percentiles-aggregation-function', ([x, p], write, call) =>
    padded(write('quantile_disc', `${x}, ${p}`), call.type),
  ),
  percentile_weighted: row(
    'any long real',
    'argument?',
    'percentiles-aggregation-function',
    ([x, weight, percent], write) =>
      `(kql_percentile_weighted(${write('list', `{'x': ${x}, 'weight': (${weight})::HUGEINT, 'sum': (${weight})::HUGEINT}`)}, ${percent})).x`,
  ),
  binary_all_and: row('long', 'long?', 'binary-all-and-aggregation-function', ([x], write) =>
    write('bit_and', x!),
  ),
  binary_all_or: row('long', 'long?', 'binary-all-or-aggregation-function', ([x], write) =>
    write('bit_or', x!),
  ),
  binary_all_xor: row('long', 'long?', 'binary-all-xor-aggregation-function', ([x], write) =>
    write('bit_xor', x!),
  ),
  covariance: row(
    'real real',
    'real!',
    'covariance-aggregation-function',
    ([x, y], write) => `coalesce(${write('covar_samp', `${y}, ${x}`)}, 0)`,
  ),
  covariancep: row(
    'real real',
    'real!',
    'covariancep-aggregation-function',
    ([x, y], write) => `coalesce(${write('covar_pop', `${y}, ${x}`)}, 0)`,
  ),
};

function padded(sql: string, type: string): string {
  return type === 'string' ? `coalesce(${sql}, '')` : sql;
}

export const windows: AggregateTable = {
  row_number: row('', 'long!', 'row-number-function', (_, write) => write('row_number', '')),
  lag: row('any long any', 'argument?', 'prev-function', ([x, n, fallback], write, call) =>
    padded(write('lag', `${x}, ${n}, ${fallback}`), call.type),
  ),
  lead: row('any long any', 'argument?', 'next-function', ([x, n, fallback], write, call) =>
    padded(write('lead', `${x}, ${n}, ${fallback}`), call.type),
  ),
  row_cumsum: row('any', 'argument!', 'row-cumsum-function', ([x], write, call) =>
    call.type === 'real' || call.type === 'decimal'
      ? `coalesce(${write('sum', x!)}, 0)`
      : `coalesce(wrap_long(${write('sum', x!)}), 0)`,
  ),
  // With FILTER the engine counts every frame anew: 4 s for 100,000 rows.
  running_count: row('bool', 'long!', 'row-number-function', ([x], write) =>
    write('count', `CASE WHEN ${x} THEN 1 END`),
  ),
  running_max: row('any', 'argument?', 'row-rank-min-function', ([x], write) => write('max', x!)),
  // Of the rows whose place in the order is this far on or farther; a null place would be its own.
  first_beyond: row('long long long', 'argument?', 'row-window-session-function', ([x, place, far], write) =>
    write('min', `CASE WHEN ${place} IS NOT NULL THEN ${x} END`, {
      frame: `RANGE BETWEEN ${far} FOLLOWING AND UNBOUNDED FOLLOWING`,
    }),
  ),
};
