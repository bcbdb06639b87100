/** `percentile` and its kin: nearest rank, of values or of values with weights; several, as columns or as an array. */
import { call, literal, type Scalar } from '../../plan/scalar.ts';
import { argumentsOf, lowerScalar } from '../lower/expression/expression.ts';
import { type Context, nameOf, refuse } from '../lower/query/context.ts';
import { ownName } from '../lower/query/naming.ts';
import type { NamedValue } from '../lower/query/relation.ts';
import type { SyntaxNode } from '../parser.ts';
import { aggregation } from './aggregates.ts';
import { callRow, convertTo, isNumber } from './call.ts';

const MEASURED: ReadonlySet<string> = new Set(['long', 'int', 'real', 'datetime', 'timespan']);

interface Parts {
  readonly value: Scalar;
  readonly weight: Scalar | undefined;
  readonly shares: readonly number[];
}

function partsOf(context: Context, name: string, args: readonly SyntaxNode[], node: SyntaxNode): Parts {
  const inner: Context = { ...context, aggregates: false };
  const weighted = /w(_array)?$/.test(name);
  const [valueNode, weightNode] = args;
  const rest = args.slice(weighted ? 2 : 1);
  if (!valueNode || rest.length === 0) return refuse('KS119', `${name} needs a value and a percentage`, node);
  const value = lowerScalar(inner, valueNode);
  if (!MEASURED.has(value.type))
    return refuse('MG003', `a percentile of a ${value.type} has no translation`, node);
  const weight = weighted ? lowerScalar(inner, weightNode!) : undefined;
  if (weight && weight.type !== 'long' && weight.type !== 'int')
    return refuse('MG003', `a weight of type ${weight.type} has no translation`, weightNode!);
  const shares = rest.flatMap((arg) => sharesOf(inner, arg));
  if (shares.length === 0 || shares.some((share) => !(share >= 0 && share <= 100)))
    return refuse('MG003', 'only percentages from 0 to 100 have a translation', rest[0]!);
  return { value, weight: weight && convertTo(weight, 'long', node), shares };
}

function sharesOf(context: Context, node: SyntaxNode): number[] {
  const share = lowerScalar(context, node);
  if (share.kind === 'literal' && share.value !== null) {
    if (isNumber(share.type)) return [Number(share.value)];
    const listed: unknown = share.type === 'dynamic' ? JSON.parse(String(share.value)) : undefined;
    if (Array.isArray(listed) && listed.every((each) => typeof each === 'number')) return listed;
  }
  return refuse('MG003', 'only literal percentages have a translation', node);
}

function atShare(context: Context, { value, weight }: Parts, share: number, node: SyntaxNode): Scalar {
  if (!weight) return aggregation(context, 'percentile_disc', [value, literal('real', share / 100)], node);
  const counts = callRow('greater', [weight, literal('long', 0n)], node);
  const held = call('and', 'bool', [callRow('isnotnull', [value], node), counts]);
  return aggregation(context, 'percentile_weighted', [value, weight, literal('real', share)], node, held);
}

/** `percentile`, `percentilew`, `percentiles_array`, `percentilesw_array`: one value. */
export function percentileValue(
  context: Context,
  name: string,
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Scalar {
  const parts = partsOf(context, name, args, node);
  const values = parts.shares.map((share) => atShare(context, parts, share, node));
  if (!name.endsWith('_array')) return values[0]!;
  return callRow(
    'pack_array',
    values.map((value) => convertTo(value, 'dynamic', node)),
    node,
  );
}

/** The columns of `percentile`, `percentiles` and their weighted forms, by their own names; undefined for other calls. */
export function percentileColumns(context: Context, node: SyntaxNode): NamedValue[] | undefined {
  const name = nameOf(node.Name);
  if (!/^percentile(s?w?)$/.test(name)) return undefined;
  const args = argumentsOf(node);
  const parts = partsOf(context, name, args, node);
  return parts.shares.map((share) => ({
    name: `percentile_${ownName(args[0]!) ?? ''}_${String(share).replace('.', '_')}`,
    value: atShare(context, parts, share, node),
  }));
}
