/** `make-series`: aggregates per step of an axis, gaps filled, as one array per group. */
import { aggregate, filter, join, type Plan, project, unnest } from '../../plan/nodes.ts';
import { type ColumnReference, column, literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { aggregation } from '../functions/aggregates.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { arithmetic } from './expression/arithmetic.ts';
import { lowerScalar } from './expression/expression.ts';
import { type Ends, endsOf } from './make-series-ends.ts';
import { filledType, filledValue, type Item, itemsOf } from './make-series-items.ts';
import { type Context, parametersOf, type Relation, refuse, textOf } from './query/context.ts';
import { namedExpression, ownName, plainNames } from './query/naming.ts';
import { conjunction, type NamedValue, origin, relationOf, uniqueRefs } from './query/relation.ts';

type Row = Context & { row: Relation };

export function lowerMakeSeries(context: Row, node: SyntaxNode): Relation {
  if (context.row.group)
    return refuse('MG003', 'make-series inside mv-apply or partition has no translation', node);
  const axisNode = namedExpression(node.OnClause.Expression);
  const axisName = axisNode.name ?? ownName(axisNode.expression) ?? 'Column1';
  const axis = lowerScalar(context, axisNode.expression);
  const { type, step, ends } = rangeOf(context, node, axis);
  const taken = new Set<string>();
  const plain = plainNames(taken);
  const keys = elements(node.ByClause?.Expressions).map((item) => {
    const { name, expression } = namedExpression(item);
    const own = name ?? ownName(expression) ?? plain();
    taken.add(own);
    return { name: own, value: lowerScalar(context, expression) };
  });
  const items = itemsOf(context, node, keys, taken);
  const ended = endsOf(context, ends, { axis, type, step, keys }, node);
  return assembled(ended.context, node, { axisName, axis, step, keys, items, ...ended });
}

interface Series {
  readonly axisName: string;
  readonly axis: Scalar;
  readonly from: Scalar;
  readonly to: Scalar;
  readonly step: Scalar;
  readonly keys: readonly NamedValue[];
  /** Further keys, which do not come out. */
  readonly ends: readonly NamedValue[];
  readonly items: readonly Item[];
}

/** `to` is not part of the axis; left out, the axis runs over what there is. */
function rangeOf(context: Row, node: SyntaxNode, axis: Scalar): { type: KqlType; step: Scalar; ends: Ends } {
  const clause = node.RangeClause as SyntaxNode;
  if (kindOf(clause) !== 'MakeSeriesFromToStepClause')
    return refuse(
      'MG003',
      'in range has no translation',
      clause,
      'write from, to (which is left out) and step',
    );
  const part = (name: string): Scalar | undefined => {
    const found = clause[name]?.Expression as SyntaxNode | undefined;
    return found && lowerScalar(context, found);
  };
  const type = axis.type === 'int' ? 'long' : axis.type;
  if (!['datetime', 'long', 'real', 'timespan'].includes(type))
    return refuse('MG003', `an axis of ${type} has no translation`, node);
  const stepType = type === 'datetime' ? 'timespan' : type;
  const step = convertTo(part('MakeSeriesStepClause')!, stepType, node);
  const [from, to] = [part('MakeSeriesFromClause'), part('MakeSeriesToClause')];
  return {
    type,
    step,
    ends: { from: from && convertTo(from, type, node), to: to && convertTo(to, type, node) },
  };
}

/** The names by which the steps on the way to the series know their columns. */
interface Refs {
  readonly keys: readonly (NamedValue & { readonly ref: ColumnReference })[];
  /** One for each item. */
  readonly items: readonly string[];
  /** The number of the step, from 0. */
  readonly slot: ColumnReference;
}

function assembled(context: Row, node: SyntaxNode, parts: Series): Relation {
  const refs = refsOf(parts);
  const perStep = countedPerStep(context, node, parts, refs);
  const groups = groupsOf(
    context,
    node,
    perStep,
    refs.keys.map(({ ref }) => ref),
  );
  return inLists(context, node, parts, refs, filledGrid(groups, perStep, parts, refs, node));
}

function refsOf({ keys, ends, items }: Series): Refs {
  // Without keys a constant one: no rows in the range, no series.
  const all = keys.length > 0 ? [...keys, ...ends] : [{ name: 'series', value: literal('bool', true) }];
  const unique = uniqueRefs([...[...all, ...items].map(({ name }) => name), 'slot']);
  return {
    keys: all.map((key, index) => ({ ...key, ref: column(unique[index]!, key.value.type) })),
    items: unique.slice(all.length, -1),
    slot: column(unique.at(-1)!, 'long', { nullable: false }),
  };
}

/** The rows in the range, aggregated by keys and step. */
function countedPerStep(context: Row, node: SyntaxNode, parts: Series, refs: Refs): Plan {
  const { axis, from, to, step, items } = parts;
  const bounds = [callRow('greater_equal', [axis, from], node), callRow('less', [axis, to], node)];
  const rows = filter(context.row.plan, callRow('and', bounds, node), { label: 'in_range' });
  const slot = callRow(
    'series_slot',
    [axis, from, step].map((value) => asNumber(value, node)),
    node,
  );
  return aggregate(
    rows,
    [
      ...refs.keys.map(({ ref, value }) => ({ name: ref.name, value })),
      { name: refs.slot.name, value: slot },
    ],
    items.map(({ value }, index) => ({ name: refs.items[index]!, value })),
    { label: 'per_step' },
  );
}

/** A row for every group and step, with the default where the step had no rows. */
function filledGrid(groups: Plan, perStep: Plan, parts: Series, refs: Refs, node: SyntaxNode): Plan {
  const { from, to, step, items } = parts;
  const count = callRow(
    'series_count',
    [from, to, step].map((value) => asNumber(value, node)),
    node,
  );
  const slots = { name: refs.slot.name, value: callRow('series_slots', [count], node) };
  const grid = unnest(groups, [slots], undefined, { label: 'grid' });
  const shared = [...refs.keys.map(({ ref }) => ref), refs.slot];
  const left = (ref: ColumnReference) => ({ ...ref, side: 'left' as const });
  const right = (ref: ColumnReference) => ({ ...ref, side: 'right' as const });
  return join(
    'left',
    grid,
    perStep,
    conjunction(shared.map((ref) => callRow('same', [left(ref), right(ref)], node))),
    [
      ...shared.map((ref) => ({ name: ref.name, value: left(ref) })),
      ...items.map((item, index) => {
        const name = refs.items[index]!;
        return { name, value: filledValue(item, name, refs.slot.name, node) };
      }),
    ],
    { label: 'filled' },
  );
}

/** A row for every group, with each item and the axis as a list in the order of the steps. */
function inLists(context: Row, node: SyntaxNode, parts: Series, refs: Refs, filled: Plan): Relation {
  const { axisName, from, step, items, keys } = parts;
  const row = { ...context, row: relationOf(filled) };
  const order = [{ value: refs.slot, descending: false, nullsFirst: false }];
  const list = (value: Scalar) => aggregation(row, 'make_list_with_nulls', [value], node, undefined, order);
  const lists = [
    ...items.map((item, index) => list(column(refs.items[index]!, filledType(item)))),
    list(position(from, step, refs.slot, node)),
  ];
  const names = [...refs.keys.map(({ name }) => name), ...items.map(({ name }) => name), axisName];
  const outRefs = uniqueRefs(names);
  const plan = aggregate(
    filled,
    refs.keys.map(({ ref }, index) => ({ name: outRefs[index]!, value: ref })),
    lists.map((value, index) => ({ name: outRefs[refs.keys.length + index]!, value })),
    origin(context, 'make_series', node),
  );
  const made = relationOf(plan, names);
  const hidden = (index: number): boolean => index >= keys.length && index < refs.keys.length;
  return { ...made, columns: made.columns.filter((_, index) => !hidden(index)) };
}

/** A group for every combination of keys; without keys and `kind=nonempty` there is one, whatever the rows. */
function groupsOf(context: Row, node: SyntaxNode, counted: Plan, keys: readonly ColumnReference[]): Plan {
  const kind = parametersOf(node).get('kind');
  if (kind && textOf(context, kind).trim() === 'nonempty') {
    const clause = node.RangeClause as SyntaxNode;
    if (node.ByClause || !clause.MakeSeriesFromClause || !clause.MakeSeriesToClause)
      return refuse('MG003', 'kind=nonempty has a translation without by, with from and to', node);
    return project(null, [{ name: keys[0]!.name, value: literal('bool', true) }], { label: 'groups' });
  }
  return aggregate(
    counted,
    keys.map((value) => ({ name: value.name, value })),
    [],
    { label: 'groups' },
  );
}

/** Microseconds of a datetime, ticks / 10 of a step: one scale for slots. */
function asNumber(value: Scalar, node: SyntaxNode): Scalar {
  if (value.type === 'datetime') return callRow('datetime_ticks', [value], node);
  return value.type === 'timespan' ? ({ ...value, type: 'long' } as Scalar) : value;
}

function position(from: Scalar, step: Scalar, slot: Scalar, node: SyntaxNode): Scalar {
  if (from.type === 'datetime')
    return callRow('datetime_plus', [from, arithmetic('multiply', step, slot, node)], node);
  return arithmetic('add', from, arithmetic('multiply', step, slot, node), node);
}
