/** `summarize`: one row per combination of the keys; empty groups give Kusto's values. */
import { aggregate } from '../../plan/nodes.ts';
import type { Scalar } from '../../plan/scalar.ts';
import { aggregation } from '../functions/aggregates.ts';
import { percentileColumns } from '../functions/percentiles.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { argumentsOf, lowerExpression } from './expression/expression.ts';
import { EXTREMES, extreme, extremeRows, isExtreme, spreadColumns } from './expression/extremes.ts';
import { type Context, nameOf, type Relation, refuse } from './query/context.ts';
import { namedExpression, ownName, ownNameIn, plainNames } from './query/naming.ts';
import {
  groupKeys,
  type NamedValue,
  origin,
  prepared,
  relationInGroup,
  uniqueName,
  uniqueRefs,
} from './query/relation.ts';

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
  const explicit = new Set(written.map((item) => namedExpression(item).name ?? ownNameIn(context, item)));
  return written.map((item) => {
    const { name, expression } = namedExpression(item);
    const own = name ?? ownNameIn(context, expression);
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
    // One name for an aggregate of several columns is that of the first.
    const given = names ?? (name ? [name] : []);
    if (Object.hasOwn(EXTREMES, call)) {
      return extreme(context, expression, args, call, keys).map(({ name: own, value }, index) =>
        named(given[index] ?? own, value),
      );
    }
    if (
      call === 'take_any' ||
      (call === 'any' && (args.length > 1 || kindOf(args[0]!) === 'StarExpression'))
    ) {
      const columns = spreadColumns(context, args, keys, (index) => `any_arg${index}`);
      // One column gives a value that is not missing; several are all of one row.
      const row = columns.length > 1 ? 'take_any_row' : 'take_any';
      return columns.map(({ name: own, value }, index) =>
        named(
          given[index] ?? `${call === 'any' ? 'any_' : ''}${own}`,
          aggregation(context, row, [value], expression),
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
    const columns = percentileColumns(context, expression);
    if (columns) return columns.map(({ name: own, value }, index) => named(given[index] ?? own, value));
  }
  if (names) return refuse('MG003', 'an aggregate of several columns has no translation here', item);
  const value = lowerExpression({ ...context, aggregates: true }, expression);
  const own = name ?? ownName(expression);
  if (own !== undefined) return [named(own, value)];
  return [named(plainNames(taken)(), value)];
}
