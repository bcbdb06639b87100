/** `top-nested`: the top values of one column, and within each those of the next. */
import { join } from '../../plan/nodes.ts';
import { column, type Scalar, type SortKey } from '../../plan/scalar.ts';
import { callRow } from '../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { lowerExpression, lowerScalar } from './expression/expression.ts';
import { type Context, type Relation, reference, refuse } from './query/context.ts';
import { namedExpression, ownName } from './query/naming.ts';
import {
  columnNamed,
  conjunction,
  filtered,
  type NamedValue,
  origin,
  prepared,
  projected,
  uniqueRefs,
  windowOver,
} from './query/relation.ts';
import { sorted } from './sort.ts';
import { aggregated } from './summarize.ts';
import { withOthers } from './top-nested-others.ts';

type Row = Context & { row: Relation };

export interface Level {
  readonly key: NamedValue;
  readonly weight: NamedValue;
  readonly descending: boolean;
  readonly count: Scalar | undefined;
  /** What stands for all values that are not among the top ones. */
  readonly others: Scalar | undefined;
}

export function lowerTopNested(context: Row, node: SyntaxNode): Relation {
  if (context.row.group)
    return refuse('MG003', 'top-nested inside mv-apply or partition has no translation', node);
  const inner = prepared(context);
  const levels = elements(node.Clauses).map((clause) => levelOf(inner, clause));
  const tops: Relation[] = [];
  for (const depth of levels.keys()) tops.push(topOf(inner, levels.slice(0, depth + 1), tops.at(-1), node));
  const found = withOthers(inner, levels, tops, node);
  const order = levels.map(
    ({ weight, descending }): SortKey => ({
      value: columnNamed(found, weight.name),
      descending,
      nullsFirst: !descending,
    }),
  );
  return sorted(found, order, origin(context, 'top_nested', node));
}

function levelOf(context: Row, clause: SyntaxNode): Level {
  const of = namedExpression(clause.OfExpression);
  const name = of.name ?? ownName(of.expression);
  if (name === undefined)
    return refuse('MG003', 'top-nested of an expression without a name has no translation', of.expression);
  const ordered = kindOf(clause.ByExpression) === 'OrderedExpression';
  const by = namedExpression(ordered ? clause.ByExpression.Expression : clause.ByExpression);
  const value = lowerScalar(context, of.expression);
  return {
    key: { name, value },
    others: clause.WithOthersClause ? othersOf(context, clause.WithOthersClause, value) : undefined,
    weight: {
      name: by.name ?? `aggregated_${name}`,
      value: lowerExpression({ ...context, aggregates: true }, by.expression),
    },
    descending: !(ordered && String(clause.ByExpression.Ordering?.AscOrDescKeyword?.Text) === 'asc'),
    count: clause.Expression ? lowerScalar(context, clause.Expression) : undefined,
  };
}

function othersOf(context: Row, clause: SyntaxNode, key: Scalar): Scalar {
  const name = lowerScalar(context, clause.Expression);
  return name.kind === 'literal' && name.type === key.type
    ? name
    : refuse('MG003', `others of another type than ${key.type} have no translation`, clause);
}

/** The last level's top values within each of the values found for the levels before. */
function topOf(
  context: Row,
  levels: readonly Level[],
  parents: Relation | undefined,
  node: SyntaxNode,
): Relation {
  const last = levels.at(-1)!;
  const keys = levels.map(({ key }) => key);
  const counted = aggregated(context, keys, [last.weight], node, 'top_nested_values');
  const within = parents
    ? beside(parents, counted, keys.slice(0, -1), [last.key.name, last.weight.name], node)
    : counted;
  if (!last.count) return within;
  const parentKeys = keys.slice(0, -1).map(({ name }) => columnNamed(within, name));
  const order: SortKey = {
    value: columnNamed(within, last.weight.name),
    descending: last.descending,
    nullsFirst: !last.descending,
  };
  const tie: SortKey = { value: columnNamed(within, last.key.name), descending: true, nullsFirst: true };
  const position = windowOver('row_number', 'long', [], parentKeys, [order, tie], false);
  const [name] = uniqueRefs(
    ['position'],
    within.columns.map((each) => each.ref),
  ) as [string];
  const columns = within.columns.map((each) => ({ name: each.name, value: reference(each) }));
  const ranked = projected(within, [...columns, { name, value: position }], { label: 'positions' });
  const top = filtered(
    ranked,
    callRow('less_equal', [column(name, 'long', { nullable: false }), last.count], node),
    { label: 'top_nested' },
  );
  return projected(top, columns, { label: 'top_nested' });
}

export function beside(
  parents: Relation,
  counted: Relation,
  keys: readonly NamedValue[],
  added: readonly string[],
  node: SyntaxNode,
): Relation {
  const on = conjunction(
    keys.map(({ name }) => {
      const [left, right] = [parents, counted].map(
        (side) => side.columns.find((each) => each.name === name)!,
      );
      return callRow('same', [reference(left!, 'left'), reference(right!, 'right')], node);
    }),
  );
  const right = counted.columns.filter(({ name }) => added.includes(name));
  const values = [
    ...parents.columns.map((each) => reference(each, 'left')),
    ...right.map((each) => reference(each, 'right')),
  ];
  const names = [...parents.columns, ...right].map(({ name }) => name);
  const refs = uniqueRefs(names);
  const plan = join(
    'inner',
    parents.plan,
    counted.plan,
    on,
    values.map((value, index) => ({ name: refs[index]!, value })),
    { label: 'nested' },
  );
  return {
    plan,
    ordered: false,
    columns: values.map(({ type, nullable }, index) => ({
      name: names[index]!,
      ref: refs[index]!,
      type,
      nullable,
    })),
  };
}
