/**
 * `top-nested … with others`: the rows that fall out of a level, once for every path of values above it. Levels above
 * have the path's values, levels without the clause are blank, levels with it count all of these rows.
 * https://learn.microsoft.com/kusto/query/top-nested-operator
 */
import { join, type Plan, union } from '../../plan/nodes.ts';
import { replaced } from '../../plan/rebuild.ts';
import { column, literal, type Scalar } from '../../plan/scalar.ts';
import { callRow } from '../functions/call.ts';
import type { SyntaxNode } from '../parser.ts';
import { type Context, type Relation, refuse } from './query/context.ts';
import {
  columnNamed,
  conjunction,
  type NamedValue,
  projected,
  relationOf,
  uniqueRefs,
} from './query/relation.ts';
import { aggregated } from './summarize.ts';
import { beside, type Level } from './top-nested.ts';

type Row = Context & { row: Relation };

/** The top values of all levels, and the rows for the others. `tops` are the values found down to each level. */
export function withOthers(
  context: Row,
  levels: readonly Level[],
  tops: readonly Relation[],
  node: SyntaxNode,
): Relation {
  const found = tops.at(-1)!;
  if (!levels.some(({ others }) => others)) return found;
  if (!levels.at(-1)!.others)
    return refuse(
      'MG003',
      'top-nested with others has a translation where the last level has them',
      node,
      'add with others to the last level',
    );
  const parts = [
    inPlace(found, levels),
    ...levels.map((_, depth) => fallen(context, levels, tops, depth, node)),
  ];
  const columns = parts[0]!.plan.columns.map((each) => ({ ...each, nullable: each.type !== 'string' }));
  const plan = union(
    parts.map((part) => part.plan),
    columns,
    { label: 'top_nested_with_others' },
  );
  return relationOf(
    plan,
    found.columns.map(({ name }) => name),
  );
}

/** The two columns of each level, one level after the other. */
function inPlace(found: Relation, levels: readonly Level[]): Relation {
  const names = levels.flatMap(({ key, weight }) => [key.name, weight.name]);
  const items = names.map((name) => ({ name, value: columnNamed(found, name) }));
  return projected(found, items, { label: 'top_nested_values' });
}

/** The rows that are within the top values above a level and not within its own. */
function fallen(
  context: Row,
  levels: readonly Level[],
  tops: readonly Relation[],
  depth: number,
  node: SyntaxNode,
): Relation {
  const above = levels.slice(0, depth);
  const outside = without(context.row.plan, levels.slice(0, depth + 1), tops[depth]!, node);
  const below = levels.slice(depth).filter(({ others }) => others);
  const keys = above.map(({ key }) => key);
  const weights = below.map(({ weight }) => weight);
  const row = { ...context.row, plan: outside };
  const [all] = uniqueRefs(
    ['all'],
    weights.map(({ name }) => name),
  ) as [string];
  // Without keys a constant one: no such rows, no row for them.
  const counted = aggregated(
    { ...context, row },
    depth === 0 ? [{ name: all, value: literal('bool', true) }] : keys,
    weights,
    node,
    'top_nested_others',
  );
  const found =
    depth === 0
      ? counted
      : beside(
          tops[depth - 1]!,
          counted,
          keys,
          weights.map(({ name }) => name),
          node,
        );
  const items = levels.flatMap(({ key, weight, others }, index): NamedValue[] =>
    index < depth
      ? [key, weight].map(({ name }) => ({ name, value: columnNamed(found, name) }))
      : [
          { name: key.name, value: others ?? literal(key.value.type, null) },
          {
            name: weight.name,
            value: others ? columnNamed(found, weight.name) : literal(weight.value.type, null),
          },
        ],
  );
  return projected(found, items, { label: 'top_nested_others' });
}

function without(rows: Plan, levels: readonly Level[], top: Relation, node: SyntaxNode): Plan {
  const left = (value: Scalar): Scalar =>
    replaced(value, (part) => (part.kind === 'column' ? { ...part, side: 'left' } : undefined));
  const on = conjunction(
    levels.map(({ key }) => {
      const right = top.columns.find(({ name }) => name === key.name)!;
      return callRow(
        'same',
        [left(key.value), column(right.ref, right.type, { nullable: right.nullable, side: 'right' })],
        node,
      );
    }),
  );
  const items = rows.columns.map(({ name, type, nullable }) => ({
    name,
    value: column(name, type, { nullable, side: 'left' }),
  }));
  return join('anti', rows, top.plan, on, items, { label: 'not_top' });
}
