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

/** A function that gives one bag, its members as columns. */
const members =
  (row: string, parts: readonly (readonly [name: string, type: KqlType])[]): Tuple =>
  (values, names, node) => {
    const bag = callRow(row, values, node);
    const prefix = row.replace(/_dynamic$/, '');
    return parts.map(([name, type]) => ({
      name: `${prefix}_${names[0]}_${name}`,
      value: convertTo(callRow('path', [bag, literal('string', name)], node), type, node),
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

const TUPLES: Readonly<Record<string, Tuple>> = {
  array_sort_asc: sorted(true),
  array_sort_desc: sorted(false),
  series_stats: members('series_stats_dynamic', STATS),
  series_fit_line: members('series_fit_line_dynamic', FIT),
};

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
