/** `join`: the default kind keeps one left row per key; null keys equal null keys. */
import { own } from '../../own.ts';
import { first, type Item, type JoinType, join } from '../../plan/nodes.ts';
import type { Scalar } from '../../plan/scalar.ts';
import { callRow, convertTo, widest } from '../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { lowerScalar } from './expression/expression.ts';
import { asTable } from './expression/subquery.ts';
import {
  type Context,
  findColumn,
  isHint,
  nameOf,
  parametersOf,
  type Relation,
  type RelationColumn,
  reference,
  refuse,
  textOf,
} from './query/context.ts';
import { conjunction, gap, origin, rowOrder, uniqueName, uniqueRefs } from './query/relation.ts';

type Row = Context & { row: Relation };

const KINDS: Readonly<Record<string, { type: JoinType; swapped?: true; unique?: true }>> = {
  inner: { type: 'inner' },
  innerunique: { type: 'inner', unique: true },
  leftouter: { type: 'left' },
  rightouter: { type: 'right' },
  fullouter: { type: 'full' },
  leftsemi: { type: 'semi' },
  rightsemi: { type: 'semi', swapped: true },
  leftanti: { type: 'anti' },
  anti: { type: 'anti' },
  leftantisemi: { type: 'anti' },
  rightanti: { type: 'anti', swapped: true },
  rightantisemi: { type: 'anti', swapped: true },
};

export interface Key {
  readonly left: RelationColumn;
  readonly right: RelationColumn;
}

export function lowerJoin(context: Row, node: SyntaxNode): Relation {
  const parameters = parametersOf(node);
  const written = parameters.get('kind');
  const kindName = written ? textOf(context, written).trim() : 'innerunique';
  const kind = own(KINDS, kindName);
  if (!kind) return refuse('MG003', `the join kind ${kindName} has no translation`, written ?? node);
  for (const [name, value] of parameters)
    if (name !== 'kind' && !isHint(name))
      return refuse('MG003', `the parameter ${name} has no translation`, value);
  if (context.row.group)
    return refuse('MG003', 'a join inside mv-apply or partition has no translation', node);
  const right = asTable(context, node.Expression);
  const keys = keysOf(context, context.row, right, node);
  const rules = kind.unique ? ['join without kind: innerunique, one left row per key'] : [];
  return joined(context, context.row, right, keys, kind, node, rules);
}

/** The pairs of columns that `on` names. */
export function keysOf(context: Context, left: Relation, right: Relation, node: SyntaxNode): Key[] {
  const clause = (node.ConditionClause ?? node.LookupClause) as SyntaxNode | null;
  if (!clause || kindOf(clause) !== 'JoinOnClause')
    return refuse('MG003', 'a join without on has no translation', node);
  return elements(clause.Expressions).flatMap((item) =>
    pairsOf({ ...context, left, right }, item, left, right),
  );
}

function pairsOf(context: Context, item: SyntaxNode, left: Relation, right: Relation): Key[] {
  const kind = kindOf(item);
  if (kind === 'ParenthesizedExpression') return pairsOf(context, item.Expression, left, right);
  if (kind === 'AndExpression')
    return [...pairsOf(context, item.Left, left, right), ...pairsOf(context, item.Right, left, right)];
  if (kind === 'NameReference') {
    const name = nameOf(item);
    const pair = { left: findColumn(left, name), right: findColumn(right, name) };
    if (!pair.left || !pair.right)
      return refuse(
        'KS142',
        `unknown column '${name}' on the ${pair.left ? 'right' : 'left'} side of the join`,
        item,
      );
    return [{ left: pair.left, right: pair.right }];
  }
  if (kind === 'EqualExpression') {
    const sides = [item.Left, item.Right].map((side) => lowerScalar(context, side));
    const at = (side: 'left' | 'right', relation: Relation): RelationColumn | undefined => {
      const found = sides.find((value) => value.kind === 'column' && value.side === side);
      return found?.kind === 'column' ? relation.columns.find(({ ref }) => ref === found.name) : undefined;
    };
    const pair = { left: at('left', left), right: at('right', right) };
    if (pair.left && pair.right) return [{ left: pair.left, right: pair.right }];
  }
  return refuse(
    'MG003',
    'only equality of a left and a right column joins',
    item,
    'write $left.a == $right.b, and filter after the join',
  );
}

export function condition(keys: readonly Key[], node: SyntaxNode): Scalar {
  return conjunction(
    keys.map(({ left, right }) => {
      const [a, b] = [reference(left, 'left'), reference(right, 'right')];
      if (a.type === 'dynamic' || b.type === 'dynamic')
        return refuse('MG003', 'a dynamic key has no translation', node, 'join on tostring() of it');
      if (a.type === b.type) return callRow('same', [a, b], node);
      const type = widest([a.type, b.type]);
      if (!type) return refuse('KS103', `the keys are of different types, ${a.type} and ${b.type}`, node);
      return callRow('same', [convertTo(a, type, node), convertTo(b, type, node)], node);
    }),
  );
}

function joined(
  context: Context,
  left: Relation,
  right: Relation,
  keys: readonly Key[],
  kind: { type: JoinType; swapped?: true; unique?: true },
  node: SyntaxNode,
  rules: readonly string[],
): Relation {
  if (kind.type === 'semi' || kind.type === 'anti') {
    const [kept, other] = kind.swapped ? [right, left] : [left, right];
    const flipped = kind.swapped ? keys.map((key) => ({ left: key.right, right: key.left })) : keys;
    const items = kept.columns.map((column) => ({ name: column.ref, value: reference(column, 'left') }));
    const plan = join(
      kind.type,
      kept.plan,
      other.plan,
      condition(flipped, node),
      items,
      origin(context, 'join', node, rules),
    );
    return { plan, columns: kept.columns, ordered: false };
  }
  const leftPlan = kind.unique
    ? first(
        left.plan,
        keys.map((key) => reference(key.left)),
        rowOrder(left),
        { label: 'one_per_key' },
      )
    : left.plan;
  const { items, columns } = bothSides(left, right.columns, kind.type);
  const plan = join(
    kind.type,
    leftPlan,
    right.plan,
    condition(keys, node),
    items,
    origin(context, 'join', node, rules),
  );
  return { plan, columns, ordered: false };
}

/** The columns of both sides; a right one whose name the left has gets a digit, one that leaves it no other's name. */
export function bothSides(
  left: Relation,
  rightColumns: readonly RelationColumn[],
  type: JoinType,
): { items: Item[]; columns: RelationColumn[] } {
  const leftNames = new Set(left.columns.map(({ name }) => name));
  const taken = new Set([...leftNames, ...rightColumns.map(({ name }) => name)]);
  const rightNames = rightColumns.map(({ name }) => {
    if (!leftNames.has(name)) return name;
    const unique = uniqueName(name, taken);
    taken.add(unique);
    return unique;
  });
  const names = [...left.columns.map(({ name }) => name), ...rightNames];
  const refs = uniqueRefs(names);
  const padded = { left: type === 'right' || type === 'full', right: type === 'left' || type === 'full' };
  const values = [
    ...left.columns.map((column) => side(column, 'left', padded.left)),
    ...rightColumns.map((column) => side(column, 'right', padded.right)),
  ];
  return {
    items: values.map((value, index) => ({ name: refs[index]!, value })),
    columns: values.map((value, index) => ({
      name: names[index]!,
      ref: refs[index]!,
      type: value.type,
      nullable: value.nullable,
    })),
  };
}

function side(column: RelationColumn, which: 'left' | 'right', padded: boolean): Scalar {
  const value = reference(padded ? { ...column, nullable: true } : column, which);
  return padded ? gap(value) : value;
}
