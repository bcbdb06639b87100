/** Numbers: rounding, powers, bits. */
import { type FunctionTable, row } from '../../function-row.ts';

const unary = (name: string, docs = `${name}-function`) =>
  row('real', 'real', docs, ([x]) => `${name}(${x})`);
/** The engine raises an error for infinity. */
const wave = (name: string) =>
  row(
    'real',
    'real',
    `${name}-function`,
    ([x]) => `CASE WHEN isinf(${x}) THEN 'nan'::DOUBLE ELSE ${name}(${x}) END`,
  );
const extreme = (name: string) =>
  row(
    'any any...',
    'number',
    `${name === 'greatest' ? 'max' : 'min'}-of-function`,
    (args) => `${name}(${args.join(', ')})`,
  );

export const math: FunctionTable = {
  abs: row('number', 'argument', 'abs-function', ([x], call) =>
    call.type === 'real' || call.type === 'decimal' ? `abs(${x})` : `kql_abs(${x})`,
  ),
  sign: row('real', 'real', 'sign-function', ([x]) => `sign(${x})::DOUBLE`),
  ceiling: row('real', 'real', 'ceiling-function', ([x]) => `ceil(${x})`),
  round_long: row('long long', 'long', 'round-function', ([n, digits]) => `kql_round_long(${n}, ${digits})`),
  round_real: row('real long?', 'real', 'round-function', ([x, digits]) =>
    digits === undefined || digits === '0'
      ? `round(${x})`
      : `round(${x}, greatest(least(${digits}, 400), -400)::INTEGER)`,
  ),
  sqrt: row('real', 'real', 'sqrt-function', ([x]) => `kql_sqrt(${x})`),
  pow: row('real real', 'real', 'pow-function', ([x, y]) => `pow(${x}, ${y})`),
  exp: unary('exp'),
  exp2: row('real', 'real', 'exp2-function', ([x]) => `pow(2::DOUBLE, ${x})`),
  exp10: row('real', 'real', 'exp10-function', ([x]) => `pow(10::DOUBLE, ${x})`),
  log: row('real', 'real?', 'log-function', ([x]) => `kql_log(${x})`),
  log2: row('real', 'real?', 'log2-function', ([x]) => `kql_log2(${x})`),
  log10: row('real', 'real?', 'log10-function', ([x]) => `kql_log10(${x})`),
  sin: wave('sin'),
  cos: wave('cos'),
  tan: wave('tan'),
  cot: row(
    'real',
    'real',
    'cot-function',
    ([x]) => `CASE WHEN isinf(${x}) THEN 'nan'::DOUBLE ELSE 1 / tan(${x}) END`,
  ),
  asin: row(
    'real',
    'real?',
    'asin-function',
    ([x]) => `CASE WHEN abs(${x}) > 1 THEN 'nan'::DOUBLE ELSE asin(${x}) END`,
  ),
  acos: row(
    'real',
    'real?',
    'acos-function',
    ([x]) => `CASE WHEN abs(${x}) > 1 THEN 'nan'::DOUBLE ELSE acos(${x}) END`,
  ),
  atan: unary('atan'),
  atan2: row('real real', 'real', 'atan2-function', ([y, x]) => `atan2(${y}, ${x})`),
  degrees: unary('degrees'),
  radians: unary('radians'),
  pi: row('', 'real!', 'pi-function', () => 'pi()'),
  gamma: row('real', 'real?', 'gamma-function', ([x]) => `kql_gamma(${x})`),
  loggamma: row(
    'real',
    'real',
    'log-gamma-function',
    ([x]) => `CASE WHEN ${x} = 0 THEN 'inf'::DOUBLE ELSE lgamma(${x}) END`,
  ),
  nan_smallest: row(
    'real',
    'real',
    'arg-min-aggregation-function',
    ([x]) => `CASE WHEN isnan(${x}) THEN '-inf'::DOUBLE ELSE ${x} END`,
  ),
  erf: row('real', 'real', 'erf-function', ([x]) => `js_erf(${x})`),
  erfc: row('real', 'real', 'erfc-function', ([x]) => `js_erfc(${x})`),
  ...Object.fromEntries(
    ['beta_cdf', 'beta_inv', 'beta_pdf'].map((name) => [
      name,
      row(
        'real real real',
        'real?',
        `${name.replace('_', '-')}-function`,
        (args) => `js_${name}(${args.join(', ')})`,
      ),
    ]),
  ),
  convert_unit: row(
    'real string string string',
    'real?',
    'convert-length-function',
    ([x, quantity, from, to]) => `js_convert_unit(${x}, ${quantity}, ${from}, ${to})`,
  ),
  isnan: row('real', 'bool!', 'isnan-function', ([x]) => `coalesce(isnan(${x}), FALSE)`),
  isinf: row('real', 'bool!', 'isinf-function', ([x]) => `coalesce(isinf(${x}), FALSE)`),
  isfinite: row('real', 'bool!', 'isfinite-function', ([x]) => `coalesce(isfinite(${x}), FALSE)`),
  max_of: extreme('greatest'),
  min_of: row('any any...', 'number', 'min-of-function', (args, call) => {
    const least = `least(${args.join(', ')})`;
    if (call.type !== 'real') return least;
    return `CASE WHEN ${args.map((arg) => `coalesce(isnan(${arg}), FALSE)`).join(' OR ')} THEN 'nan'::DOUBLE ELSE ${least} END`;
  }),
  gcd: row('long long', 'long', 'gcd-function', ([a, b]) => `gcd(${a}, ${b})::BIGINT`),
  binary_and: row(
    'long long',
    'long',
    'binary-and-function',
    ([a, b]) => `((${a})::BIGINT & (${b})::BIGINT)`,
  ),
  /** Of an int, which has 32 bits also where it is negative. */
  low_bits: row('int', 'long', 'tohex-function', ([n]) => `((${n})::BIGINT & 4294967295)`),
  binary_or: row('long long', 'long', 'binary-or-function', ([a, b]) => `((${a})::BIGINT | (${b})::BIGINT)`),
  binary_xor: row(
    'long long',
    'long',
    'binary-xor-function',
    ([a, b]) => `xor((${a})::BIGINT, (${b})::BIGINT)`,
  ),
  binary_not: row('long', 'long', 'binary-not-function', ([a]) => `(~(${a})::BIGINT)`),
  binary_shift_left: row(
    'long long',
    'long?',
    'binary-shift-left-function',
    ([a, b]) => `kql_shift_left(${a}, ${b})`,
  ),
  binary_shift_right: row(
    'long long',
    'long?',
    'binary-shift-right-function',
    ([a, b]) => `kql_shift_right(${a}, ${b})`,
  ),
  bitset_count_ones: row(
    'long',
    'long',
    'bitset-count-ones-function',
    ([a]) => `bit_count((${a})::BIGINT)::BIGINT`,
  ),
  bin_long: row('long long', 'long?', 'bin-function', ([x, step]) => `kql_bin(${x}, ${step})`),
  bin_real: row('real real', 'real?', 'bin-function', ([x, step]) => `kql_bin_real(${x}, ${step})`),
  bin_timespan: row(
    'timespan timespan',
    'timespan?',
    'bin-function',
    ([x, step]) => `kql_bin(${x}, ${step})`,
  ),
  bin_datetime: row('datetime timespan', 'datetime?', 'bin-function', ([t, step], call) =>
    binDatetime(t!, step!, call.args[1]!),
  ),
  bin_at_number: row(
    'real real real',
    'real?',
    'bin-at-function',
    ([x, step, at]) => `(${at} + floor((${x} - ${at}) / ${step}) * ${step})`,
  ),
  bin_at_long: row(
    'long long long',
    'long?',
    'bin-at-function',
    ([x, step, at]) => `kql_bin_at(${x}, ${step}, ${at})`,
  ),
  bin_at_datetime: row(
    'datetime timespan datetime',
    'datetime?',
    'bin-at-function',
    ([t, step, at]) =>
      `make_timestamp(epoch_us(${at}) + kql_bin(epoch_us(${t}) - epoch_us(${at}), (${step}) // 10))`,
  ),
  rand_real: row('', 'real!', 'rand-function', () => 'random()'),
  rand_below: row('long', 'real!', 'rand-function', ([n]) => `floor(random() * ${n})`),
  new_guid: row('', 'guid!', 'new-guid-function', () => 'uuid()'),
};

const DAY = 864_000_000_000n;

/** Whole days and hours divide the day, so that DuckDB's own truncation says the same and reads better. */
function binDatetime(t: string, step: string, stepScalar: { kind: string; value?: unknown }): string {
  if (stepScalar.kind === 'literal' && typeof stepScalar.value === 'bigint') {
    const part = {
      [String(DAY)]: 'day',
      [String(DAY / 24n)]: 'hour',
      [String(DAY / 1440n)]: 'minute',
      '10000000': 'second',
    }[String(stepScalar.value)];
    if (part) return `date_trunc('${part}', ${t})`;
  }
  return `kql_bin_datetime(${t}, ${step})`;
}
