/** Aggregates of `summarize`, `make-series`, `top-nested` and their like. */
import { own } from '../../own.ts';
import { type Aggregation, call, literal, type Scalar, type SortKey } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { dialect } from '../dialect.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { type Context, refuse } from '../lower/query/context.ts';
import { rowOrder } from '../lower/query/relation.ts';
import { isKustoFunction, type SyntaxNode } from '../parser.ts';
import { convertTo, resultType } from './call.ts';
import { percentileValue } from './percentiles.ts';

/** How many elements the deprecated forms keep where the query does not say. */
export const FEW = 128n;

/** The aggregate and, where its last argument is the condition, that it is; how many elements it keeps by default. */
const NAMES: Readonly<Record<string, { row: string; condition?: true; keeps?: bigint }>> = {
  count: { row: 'count' },
  countif: { row: 'count', condition: true },
  sum: { row: 'sum' },
  sumif: { row: 'sum', condition: true },
  avg: { row: 'avg' },
  avgif: { row: 'avg', condition: true },
  min: { row: 'min' },
  minif: { row: 'min', condition: true },
  max: { row: 'max' },
  maxif: { row: 'max', condition: true },
  stdev: { row: 'stdev' },
  stdevif: { row: 'stdev', condition: true },
  stdevp: { row: 'stdevp' },
  variance: { row: 'variance' },
  varianceif: { row: 'variance', condition: true },
  variancep: { row: 'variancep' },
  variancepif: { row: 'variancep', condition: true },
  covariance: { row: 'covariance' },
  covarianceif: { row: 'covariance', condition: true },
  covariancep: { row: 'covariancep' },
  covariancepif: { row: 'covariancep', condition: true },
  dcount: { row: 'dcount' },
  dcountif: { row: 'dcount', condition: true },
  count_distinct: { row: 'count_distinct' },
  hll: { row: 'hll' },
  hll_if: { row: 'hll', condition: true },
  hll_merge: { row: 'hll_merge' },
  count_distinctif: { row: 'count_distinct', condition: true },
  make_list: { row: 'make_list' },
  makelist: { row: 'make_list', keeps: FEW },
  make_list_if: { row: 'make_list', condition: true },
  make_set: { row: 'make_set' },
  makeset: { row: 'make_set', keeps: FEW },
  make_set_if: { row: 'make_set', condition: true },
  make_list_with_nulls: { row: 'make_list_with_nulls' },
  make_bag: { row: 'make_bag' },
  make_bag_if: { row: 'make_bag', condition: true },
  make_dictionary: { row: 'make_bag', keeps: FEW },
  take_any: { row: 'take_any' },
  any: { row: 'take_any' },
  take_anyif: { row: 'take_any', condition: true },
  anyif: { row: 'take_any', condition: true },
  binary_all_and: { row: 'binary_all_and' },
  binary_all_or: { row: 'binary_all_or' },
  binary_all_xor: { row: 'binary_all_xor' },
};

/** Aggregates of several columns (`arg_max`, `percentiles`) are laid out by `summarize` itself. */
export const AGGREGATE_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(NAMES),
  'arg_max',
  'arg_min',
  'argmax',
  'argmin',
  'percentile',
  'percentiles',
  'percentilew',
  'percentilesw',
  'percentiles_array',
  'percentilesw_array',
  'hll',
  'hll_if',
  'hll_merge',
  'tdigest',
  'tdigest_merge',
  'merge_tdigest',
  'buildschema',
]);

const PERCENTILE = /^percentile(w|s_array|sw_array)?$/;
const LAID_OUT: ReadonlySet<string> = new Set([
  'arg_max',
  'arg_min',
  'argmax',
  'argmin',
  'percentiles',
  'percentilesw',
]);

export function hasAggregate(name: string): boolean {
  return Object.hasOwn(NAMES, name) || LAID_OUT.has(name) || PERCENTILE.test(name);
}

export function lowerAggregate(
  context: Context,
  name: string,
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Scalar {
  if (PERCENTILE.test(name)) return percentileValue(context, name, args, node);
  if (LAID_OUT.has(name))
    return refuse(
      'MG003',
      `${name} gives several columns: it has a translation as an item of summarize`,
      node,
    );
  const known = own(NAMES, name);
  if (!known || !isKustoFunction(name))
    return refuse('MG002', `the aggregate ${name} has no translation`, node.Name ?? node);
  const inner: Context = { ...context, aggregates: false };
  const values = args.map((arg) => lowerScalar(inner, arg));
  const condition = known.condition ? values.splice(conditionIndex(name), 1)[0] : undefined;
  if (known.row === 'dcount' || known.row === 'hll') values.splice(1);
  if (known.row === 'count') values.splice(0);
  if (known.keeps !== undefined && values.length === 1) values.push(literal('long', known.keeps));
  const most = known.row.startsWith('make_') ? values[1] : undefined;
  if (most && !(most.kind === 'literal' && typeof most.value === 'bigint' && most.value > 0n))
    return refuse('MG003', 'only a literal limit above 0 has a translation', args[1]!);
  return aggregation(context, known.row, values, node, condition && convertTo(condition, 'bool', node));
}

/** The condition is second, also where a size or accuracy follows it. */
const conditionIndex = (name: string): number =>
  name === 'countif' ? 0 : name.startsWith('covariance') ? 2 : 1;

export function aggregation(
  context: Context,
  rowName: string,
  args: readonly Scalar[],
  node: SyntaxNode,
  filter?: Scalar,
  order?: readonly SortKey[],
): Scalar {
  const { name, values, type: fixed } = shaped(rowName, args, node);
  const row = dialect().aggregates[name];
  if (!row) return refuse('MG002', `the aggregate ${name} has no translation`, node);
  const converted = values.map((value, index) => {
    const parameter = row.takes[Math.min(index, row.takes.length - 1)];
    return !parameter || parameter.type === 'any' || parameter.type === 'number'
      ? value
      : convertTo(value, parameter.type, node);
  });
  const type = fixed ?? resultType(row.gives, converted);
  const filters = [filter, groupFilter(context)].filter((part) => part !== undefined);
  const by = order ?? (row.ordered && context.row ? rowOrder(context.row) : []);
  const found: Aggregation = Object.freeze({
    kind: 'aggregation',
    name,
    type,
    args: converted,
    nullable: type !== 'string' && row.nulls !== 'never',
    ...(filters.length && { filter: filters.reduce((a, b) => call('and', 'bool', [a, b])) }),
    ...(by.length && { order: by }),
  });
  return found;
}

/** In `mv-apply` and `partition`, rows that stand for an empty group count in no aggregate. */
function groupFilter(context: Context): Scalar | undefined {
  return context.groupFilter;
}

function shaped(
  name: string,
  args: readonly Scalar[],
  node: SyntaxNode,
): { name: string; values: readonly Scalar[]; type?: KqlType } {
  const value = args[0];
  if (!value) return { name, values: args };
  if (name === 'sum') {
    if (value.type === 'int' || value.type === 'bool')
      return { name, values: [convertTo(value, 'long', node)] };
    if (value.type === 'dynamic')
      return refuse(
        'MG003',
        'the sum of a dynamic has no translation',
        node,
        'wrap it in tolong() or todouble()',
      );
    if (!['long', 'real', 'timespan', 'decimal'].includes(value.type))
      return refuse('KS234', `sum is not defined for ${value.type}`, node);
  }
  if (name === 'avg') {
    if (value.type === 'timespan' || value.type === 'datetime' || value.type === 'decimal')
      return { name: `avg_${value.type}`, values: args };
    if (!['long', 'int', 'real', 'bool'].includes(value.type))
      return refuse('MG003', `the average of a ${value.type} has no translation`, node);
    return { name, values: [value.type === 'bool' ? convertTo(value, 'long', node) : value] };
  }
  if ((name === 'min' || name === 'max') && value.type === 'dynamic') {
    return refuse(
      'MG003',
      `${name} of a dynamic value has no translation`,
      node,
      'wrap it in tostring(), tolong() or todatetime()',
    );
  }
  return { name, values: args };
}
