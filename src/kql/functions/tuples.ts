/** Calls that give several columns: several arrays sorted together, statistics of a series. */
import { own } from '../../own.ts';
import { literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { argumentsOf, lowerScalar } from '../lower/expression/expression.ts';
import { type Context, nameOf } from '../lower/query/context.ts';
import { ownName, sortedName } from '../lower/query/naming.ts';
import type { NamedValue } from '../lower/query/relation.ts';
import { kindOf, type SyntaxNode } from '../parser.ts';
import { callRow, convertTo } from './call.ts';
import { decomposition } from './decomposition.ts';

type Tuple = (
  values: readonly Scalar[],
  names: readonly string[],
  node: SyntaxNode,
) => NamedValue[] | undefined;

const sorted =
  (ascending: boolean): Tuple =>
  (values, names, node) => {
    const arrays = values.filter(({ type }) => type === 'dynamic');
    if (arrays.length < 2) return undefined;
    const flag = values.find(({ type }) => type === 'bool') ?? literal('bool', true);
    return arrays.map((array, index) => ({
      name: sortedName(names[index], index),
      value: callRow('array_sort_by', [array, arrays[0]!, literal('bool', ascending), flag], node),
    }));
  };

type Members = readonly (readonly [name: string, type: KqlType])[];

/** A function that gives one bag, its members as columns. */
const members =
  (name: string, parts: Members, bagOf: (values: readonly Scalar[], node: SyntaxNode) => Scalar): Tuple =>
  (values, names, node) => {
    const bag = bagOf(values, node);
    return parts.map(([part, type]) => ({
      name: `${name}_${names[0]}_${part}`,
      value: convertTo(callRow('path', [bag, literal('string', part)], node), type, node),
    }));
  };

const FIT = [
  ['rsquare', 'real'],
  ['slope', 'real'],
  ['variance', 'real'],
  ['rvariance', 'real'],
  ['interception', 'real'],
  ['line_fit', 'dynamic'],
] as const;
const STATS = [
  ['min', 'real'],
  ['min_idx', 'long'],
  ['max', 'real'],
  ['max_idx', 'long'],
  ['avg', 'real'],
  ['stdev', 'real'],
  ['variance', 'real'],
] as const;

const PARTS = [
  ['baseline', 'dynamic'],
  ['seasonal', 'dynamic'],
  ['trend', 'dynamic'],
  ['residual', 'dynamic'],
] as const;
const ANOMALIES = [
  ['ad_flag', 'dynamic'],
  ['ad_score', 'dynamic'],
  ['baseline', 'dynamic'],
] as const;

const TUPLES: Readonly<Record<string, Tuple>> = {
  array_sort_asc: sorted(true),
  array_sort_desc: sorted(false),
  series_stats: members('series_stats', STATS, (values, node) =>
    callRow('series_stats_dynamic', values, node),
  ),
  series_fit_line: members('series_fit_line', FIT, (values, node) =>
    callRow('series_fit_line_dynamic', values, node),
  ),
  series_decompose: members('series_decompose', PARTS, (values, node) =>
    decomposition('series_decompose', 'decompose', { period: 1, trend: 2, tested: 3 }, values, node),
  ),
  series_decompose_anomalies: members('series_decompose_anomalies', ANOMALIES, (values, node) =>
    decomposition(
      'series_decompose_anomalies',
      'decompose_anomalies',
      { threshold: 1, period: 2, trend: 3, tested: 4, method: 5 },
      values,
      node,
    ),
  ),
};

/** Whether a function gives several columns. */
export function givesColumns(name: string): boolean {
  return Object.hasOwn(TUPLES, name);
}

/** The columns of such a call; undefined for any other expression. */
export function tupleValues(context: Context, node: SyntaxNode): NamedValue[] | undefined {
  if (kindOf(node) !== 'FunctionCallExpression') return undefined;
  const tuple = own(TUPLES, nameOf(node.Name));
  if (!tuple) return undefined;
  const args = argumentsOf(node);
  return tuple(
    args.map((arg) => lowerScalar(context, arg)),
    args.map((arg) => ownName(arg) ?? ''),
    node,
  );
}
