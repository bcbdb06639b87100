/** `summarize`: one row per combination of the keys; empty groups give Kusto's values. */
import { aggregate, first } from '../../plan/nodes.ts';
import type { Scalar } from '../../plan/scalar.ts';
import { aggregation } from '../functions/aggregates.ts';
import { callRow } from '../functions/call.ts';
import { percentileColumns } from '../functions/percentiles.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { type Context, nameOf, type Relation, reference, refuse } from './context.ts';
import { argumentsOf, lowerExpression, lowerScalar } from './expression.ts';
import { namedExpression, ownName, plainNames } from './naming.ts';
import {
  groupKeys,
  type NamedValue,
  origin,
  prepared,
  projected,
  relationInGroup,
  uniqueName,
  uniqueRefs,
} from './relation.ts';

type Row = Context & { row: Relation };

export function lowerSummarize(context: Row, node: SyntaxNode): Relation {
  const items = elements(node.Aggregates);
  const inner = prepared(context, node.ByClause === null);
  const taken = new Set<string>();
  const keys = keysOf(inner, node, taken);
  const extremes = items.filter((item) => isExtreme(namedExpression(item).expression));
  if (keys.length > 0 && items.length === 1 && extremes.length === 1)
    return extremeRows(inner, keys, items[0]!, taken, node);
  const aggregates = items.flatMap((item) => aggregatesOf(inner, item, keys, taken));
  return aggregated(inner, keys, aggregates, node);
}

export function aggregated(
  context: Row,
  keys: readonly NamedValue[],
  aggregates: readonly NamedValue[],
  node: SyntaxNode,
  label = 'summarize',
): Relation {
  const { row } = context;
  const names = [...keys, ...aggregates].map(({ name }) => name);
  const refs = uniqueRefs(names, row.group ? [row.group] : []);
  const item = ({ value }: NamedValue, index: number) => ({ name: refs[index]!, value });
  const planKeys = keys.map(item);
  const planAggregates = aggregates.map((each, index) => item(each, index + keys.length));
  const plan = aggregate(
    row.plan,
    [...groupKeys(row), ...planKeys],
    planAggregates,
    origin(context, label, node),
  );
  return relationInGroup(row, plan, names);
}

export function keysOf(context: Row, node: SyntaxNode, taken: Set<string>): NamedValue[] {
  const by = node.ByClause;
  if (!by) return [];
  if (by.BinClause) return refuse('MG003', 'this bin clause has no translation', by);
  const written = elements(by.Expressions);
  const explicit = new Set(written.map((item) => namedExpression(item).name ?? ownName(item)));
  return written.map((item) => {
    const { name, expression } = namedExpression(item);
    const own = name ?? ownName(expression);
    let unique = own === undefined ? 'Column1' : uniqueName(own, taken);
    for (let n = 2; own === undefined && (taken.has(unique) || explicit.has(unique)); n += 1)
      unique = `Column${n}`;
    taken.add(unique);
    const value = lowerExpression({ ...context, aggregates: false }, expression);
    if (value.type === 'dynamic')
      refuse('KS108', 'a dynamic value cannot be a key of summarize', item, 'wrap it in tostring()');
    return { name: unique, value };
  });
}

const EXTREMES: Readonly<Record<string, boolean>> = {
  arg_max: true,
  argmax: true,
  arg_min: false,
  argmin: false,
};

const isExtreme = (node: SyntaxNode): boolean =>
  kindOf(node) === 'FunctionCallExpression' && nameOf(node.Name) in EXTREMES;

export function aggregatesOf(
  context: Row,
  item: SyntaxNode,
  keys: readonly NamedValue[],
  taken: Set<string>,
): NamedValue[] {
  const { name, names, expression } = namedExpression(item);
  const named = (own: string, value: Scalar): NamedValue => {
    const unique = uniqueName(own, taken);
    taken.add(unique);
    return { name: unique, value };
  };
  if (kindOf(expression) === 'FunctionCallExpression') {
    const call = nameOf(expression.Name);
    const args = argumentsOf(expression);
    if (call in EXTREMES) {
      const given = names ?? (name ? [name] : []);
      return extreme(context, expression, EXTREMES[call]!, keys).map(({ name: own, value }, index) =>
        named(given[index] ?? own, value),
      );
    }
    if (
      call === 'take_any' ||
      (call === 'any' && (args.length > 1 || kindOf(args[0]!) === 'StarExpression'))
    ) {
      const given = names ?? (name ? [name] : []);
      return spreadColumns(context, args, keys, (index) => `any_arg${index}`).map(
        ({ name: own, value }, index) =>
          named(
            given[index] ?? `${call === 'any' ? 'any_' : ''}${own}`,
            aggregation(context, 'take_any', [value], expression),
          ),
      );
    }
    if (/^percentilesw?_array$/.test(call) && !name)
      return [
        named(
          `percentiles_${ownName(args[0]!) ?? ''}`,
          lowerExpression({ ...context, aggregates: true }, expression),
        ),
      ];
    const columns = name ? undefined : percentileColumns(context, expression);
    if (columns) return columns.map(({ name: own, value }, index) => named(names?.[index] ?? own, value));
  }
  if (names) return refuse('MG003', 'an aggregate of several columns has no translation here', item);
  const value = lowerExpression({ ...context, aggregates: true }, expression);
  const own = name ?? ownName(expression);
  if (own !== undefined) return [named(own, value)];
  return [named(plainNames(taken)(), value)];
}

/** The arguments of a call that takes columns: `*` is all that are no keys. */
function spreadColumns(
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
  call: SyntaxNode,
  keys: readonly NamedValue[],
  greatest: boolean,
): { key: NamedValue; rest: NamedValue[] } {
  const [keyNode, ...others] = argumentsOf(call) as [SyntaxNode, ...SyntaxNode[]];
  const inner = { ...context, aggregates: false };
  const value = lowerScalar(inner, keyNode);
  if (value.type === 'dynamic')
    refuse('MG003', 'the greatest of a dynamic value has no translation', keyNode);
  const own = ownName(keyNode);
  const prefixed = `${greatest ? 'max' : 'min'}_${own ?? ''}`;
  const starred = others.some((arg) => kindOf(arg) === 'StarExpression');
  const rest = spreadColumns(context, others, keys, (index) => `${prefixed}_arg${index + 1}`).filter(
    ({ name }) => !(starred && name === own),
  );
  // The older spelling names all after the extreme: `max_x`, `max_x_y`.
  if (!nameOf(call.Name).includes('_'))
    return {
      key: { name: prefixed, value },
      rest: rest.map(({ name, value: each }) => ({
        name: name.startsWith(`${prefixed}_arg`) ? name : `${prefixed}_${name}`,
        value: each,
      })),
    };
  return { key: { name: own ?? prefixed, value }, rest };
}

function extreme(
  context: Row,
  node: SyntaxNode,
  greatest: boolean,
  keys: readonly NamedValue[],
): NamedValue[] {
  const { key, rest } = extremeParts(context, node, keys, greatest);
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
function extremeRows(
  context: Row,
  keys: readonly NamedValue[],
  item: SyntaxNode,
  taken: Set<string>,
  node: SyntaxNode,
): Relation {
  const { name, names, expression } = namedExpression(item);
  const greatest = EXTREMES[nameOf(expression.Name)]!;
  const { key, rest } = extremeParts(context, expression, keys, greatest);
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
