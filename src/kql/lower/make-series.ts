/** `make-series`: aggregates per step of an axis, gaps filled, as one array per group. */
import { aggregate, filter, join, type Plan, project, unnest } from '../../plan/nodes.ts';
import { type ColumnReference, column, literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { aggregation } from '../functions/aggregates.ts';
import { callRow, convertTo, widest } from '../functions/call.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { arithmetic } from './arithmetic.ts';
import { type Context, parametersOf, type Relation, refuse, textOf } from './context.ts';
import { lowerScalar } from './expression.ts';
import { type Ends, endsOf } from './make-series-ends.ts';
import { namedExpression, ownName, plainNames } from './naming.ts';
import { conjunction, type NamedValue, origin, relationOf, uniqueRefs } from './relation.ts';
import { aggregatesOf } from './summarize.ts';

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
  const items = elements(node.Aggregates).map((item) => {
    const [named] = aggregatesOf(context, item.Expression, keys, taken) as [NamedValue];
    const given = item.DefaultExpression?.Expression as SyntaxNode | undefined;
    const fallback = given ? lowerScalar(context, given) : literal('long', 0n);
    return { ...named, fallback };
  });
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
  readonly items: readonly (NamedValue & { fallback: Scalar })[];
}

/** `to` is not part of the axis; left out, the axis runs over what there is. */
function rangeOf(context: Row, node: SyntaxNode, axis: Scalar): { type: KqlType; step: Scalar; ends: Ends } {
  const clause = node.RangeClause as SyntaxNode;
  if (kindOf(clause) !== 'MakeSeriesFromToStepClause')
    return refuse('MG003', 'in range has no translation', clause, 'write from, to and step');
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

function assembled(context: Row, node: SyntaxNode, parts: Series): Relation {
  const { axis, from, to, step, items } = parts;
  // Without keys a constant one: no rows in the range, no series.
  const keys = parts.keys.length
    ? [...parts.keys, ...parts.ends]
    : [{ name: 'series', value: literal('bool', true) }];
  const names = [...keys, ...items].map(({ name }) => name);
  const refs = uniqueRefs([...names, 'slot']);
  const slotRef = refs.at(-1)!;
  const keyRefs = refs.slice(0, keys.length);
  const itemRefs = refs.slice(keys.length, -1);
  const inside = callRow(
    'and',
    [callRow('greater_equal', [axis, from], node), callRow('less', [axis, to], node)],
    node,
  );
  const rows = filter(context.row.plan, inside, { label: 'in_range' });
  const slot = callRow(
    'series_slot',
    [asNumber(axis, node), asNumber(from, node), asNumber(step, node)],
    node,
  );
  const counted = aggregate(
    rows,
    [...keys.map(({ value }, i) => ({ name: keyRefs[i]!, value })), { name: slotRef, value: slot }],
    items.map(({ value }, i) => ({ name: itemRefs[i]!, value })),
    { label: 'per_step' },
  );
  const count = callRow(
    'series_count',
    [asNumber(from, node), asNumber(to, node), asNumber(step, node)],
    node,
  );
  const keyColumns = keyRefs.map((name, i) => column(name, keys[i]!.value.type));
  const groups = groupsOf(context, node, counted, keyColumns);
  const grid = unnest(groups, [{ name: slotRef, value: callRow('series_slots', [count], node) }], undefined, {
    label: 'grid',
  });
  const on = conjunction([
    ...keyColumns.map((value) =>
      callRow(
        'same',
        [
          { ...value, side: 'left' as const },
          { ...value, side: 'right' as const },
        ],
        node,
      ),
    ),
    callRow(
      'same',
      [
        column(slotRef, 'long', { nullable: false, side: 'left' }),
        column(slotRef, 'long', { nullable: false, side: 'right' }),
      ],
      node,
    ),
  ]);
  const filled = join(
    'left',
    grid,
    counted,
    on,
    [
      ...keyColumns.map((value, i) => ({ name: keyRefs[i]!, value: { ...value, side: 'left' as const } })),
      { name: slotRef, value: column(slotRef, 'long', { nullable: false, side: 'left' }) },
      ...items.map((item, i) => ({
        name: itemRefs[i]!,
        value: filledValue(item, itemRefs[i]!, slotRef, node),
      })),
    ],
    { label: 'filled' },
  );
  const order = [
    { value: column(slotRef, 'long', { nullable: false }), descending: false, nullsFirst: false },
  ];
  const list = (value: Scalar) =>
    aggregation(
      { ...context, row: relationOf(filled) },
      'make_list_with_nulls',
      [value],
      node,
      undefined,
      order,
    );
  const at = position(from, step, column(slotRef, 'long', { nullable: false }), node);
  const outRefs = uniqueRefs([...names, parts.axisName]);
  const outItems = [...items.map((item, i) => list(column(itemRefs[i]!, filledType(item)))), list(at)];
  const plan = aggregate(
    filled,
    keyColumns.map((value, i) => ({ name: outRefs[i]!, value })),
    outItems.map((value, i) => ({ name: outRefs[keys.length + i]!, value })),
    origin(context, 'make_series', node),
  );
  const made = relationOf(plan, [...names, parts.axisName]);
  const hidden = (index: number): boolean => index >= parts.keys.length && index < keys.length;
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

const filledType = ({ value, fallback }: NamedValue & { fallback: Scalar }) =>
  widest([value.type, fallback.type]) ?? value.type;

/** What the step's aggregate gave, or the default where the step had no rows. */
function filledValue(
  item: NamedValue & { fallback: Scalar },
  ref: string,
  slotRef: string,
  node: SyntaxNode,
): Scalar {
  const type = filledType(item);
  const found = convertTo(column(ref, item.value.type, { side: 'right' }), type, node);
  const missing = callRow('isnull', [column(slotRef, 'long', { side: 'right' })], node);
  return callRow('case', [missing, convertTo(item.fallback, type, node), found], node, type);
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
