/** `arg_max` and `arg_min`, and other aggregates that give several columns. */
import { first } from '../../../plan/nodes.ts';
import type { Scalar } from '../../../plan/scalar.ts';
import { aggregation } from '../../functions/aggregates.ts';
import { callRow } from '../../functions/call.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, nameOf, type Relation, reference, refuse } from '../query/context.ts';
import { namedExpression, ownName } from '../query/naming.ts';
import { groupKeys, type NamedValue, origin, projected, uniqueName } from '../query/relation.ts';
import { argumentsOf, lowerScalar } from './expression.ts';

type Row = Context & { row: Relation };

/** Whether the greatest is meant. */
export const EXTREMES: Readonly<Record<string, boolean>> = {
  arg_max: true,
  argmax: true,
  arg_min: false,
  argmin: false,
};

export const isExtreme = (node: SyntaxNode): boolean =>
  kindOf(node) === 'FunctionCallExpression' && Object.hasOwn(EXTREMES, nameOf(node.Name));

/** The arguments of a call that takes columns: `*` is all that are no keys. */
export function spreadColumns(
  context: Row,
  args: readonly SyntaxNode[],
  keys: readonly NamedValue[],
  unnamed: (index: number) => string,
): NamedValue[] {
  const keyNames = new Set(keys.map(({ name }) => name));
  return args.flatMap((arg, index) => {
    if (kindOf(arg) === 'StarExpression') {
      return context.row.columns
        .filter(({ name }) => !keyNames.has(name))
        .map((column) => ({ name: column.name, value: reference(column) }));
    }
    return [
      { name: ownName(arg) ?? unnamed(index), value: lowerScalar({ ...context, aggregates: false }, arg) },
    ];
  });
}

function extremeParts(
  context: Row,
  args: readonly SyntaxNode[],
  keys: readonly NamedValue[],
  call: string,
): { key: NamedValue; rest: NamedValue[] } {
  const [keyNode, ...others] = args;
  const greatest = EXTREMES[call]!;
  // `argmax` names its columns `max_x`, `max_x_y`.
  const old = !call.includes('_');
  const inner = { ...context, aggregates: false };
  const value = lowerScalar(inner, keyNode!);
  if (value.type === 'dynamic')
    refuse('MG003', 'the greatest of a dynamic value has no translation', keyNode!);
  const own = ownName(keyNode!);
  const extremum = `${greatest ? 'max' : 'min'}_${own ?? ''}`;
  const rest = spreadColumns(context, others, keys, (index) => `${extremum}_arg${index + 1}`).filter(
    ({ name }) => !(others.some((arg) => kindOf(arg) === 'StarExpression') && name === own),
  );
  if (!old) return { key: { name: own ?? extremum, value }, rest };
  return {
    key: { name: extremum, value },
    rest: rest.map(({ name, value: each }) => ({
      name: name.startsWith(`${extremum}_arg`) ? name : `${extremum}_${name}`,
      value: each,
    })),
  };
}

export function extreme(
  context: Row,
  node: SyntaxNode,
  args: readonly SyntaxNode[],
  call: string,
  keys: readonly NamedValue[],
): NamedValue[] {
  const greatest = EXTREMES[call]!;
  const { key, rest } = extremeParts(context, args, keys, call);
  const best = aggregation(context, greatest ? 'max' : 'min', [key.value], node);
  const rank = orderedKey(key.value, greatest, node);
  const name = greatest ? 'arg_max' : 'arg_min';
  return [
    { name: key.name, value: best },
    ...rest.map((item) => ({
      name: item.name,
      value: aggregation(context, name, [item.value, rank], node),
    })),
  ];
}

/** NaN is the extreme both ways; the engine sorts it above all numbers. */
const orderedKey = (key: Scalar, greatest: boolean, node: SyntaxNode): Scalar =>
  key.type === 'real' && !greatest ? callRow('nan_smallest', [key], node) : key;

/** A lone `arg_max` by keys is the first row of each group in the order of its argument. */
export function extremeRows(
  context: Row,
  keys: readonly NamedValue[],
  item: SyntaxNode,
  taken: Set<string>,
  node: SyntaxNode,
): Relation {
  const { name, names, expression } = namedExpression(item);
  const greatest = EXTREMES[nameOf(expression.Name)]!;
  const { key, rest } = extremeParts(context, argumentsOf(expression), keys, nameOf(expression.Name));
  const given = names ?? (name ? [name] : []);
  const values = [key, ...rest].map(({ name: own, value }, index) => {
    const unique = given[index] ?? uniqueName(own, taken);
    taken.add(unique);
    return { name: unique, value };
  });
  const { row } = context;
  const order = [{ value: orderedKey(key.value, greatest, node), descending: greatest, nullsFirst: false }];
  const partition = [...groupKeys(row).map(({ value }) => value), ...keys.map(({ value }) => value)];
  const best = first(row.plan, partition, order, origin(context, 'summarize', node));
  const { rowNumber: _, ...rest2 } = row;
  return {
    ...projected(
      { ...rest2, plan: best, ordered: false },
      [...keys, ...values],
      origin(context, 'summarize', node),
    ),
  };
}
