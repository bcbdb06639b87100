/** Making relations: projections that keep Kusto's names apart where the engine's names ignore case. */

import { bitsOf } from '../../../plan/bits.ts';
import { filter, type Item, join, type Origin, type Plan, project, sort } from '../../../plan/nodes.ts';
import { call, column, literal, type Scalar, type SortKey, type Window } from '../../../plan/scalar.ts';
import type { KqlType } from '../../../schema/kql-types.ts';
import type { SyntaxNode } from '../../parser.ts';
import { type Context, type Relation, type RelationColumn, reference } from './context.ts';

export interface NamedValue {
  readonly name: string;
  readonly value: Scalar;
}

export function origin(
  context: Context,
  label: string,
  node?: SyntaxNode,
  rules?: readonly string[],
): Origin {
  const at = context.session.at ?? (node && { start: node.TextStart, length: node.Width });
  return Object.freeze({
    label: context.label ?? label,
    ...at,
    ...(rules && { rules }),
  });
}

/** Names for the plan's columns: the query's own, but for those that are empty, differ only in case or occur twice. */
export function uniqueRefs(names: readonly string[], taken: Iterable<string> = []): string[] {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  return names.map((name) => {
    const whole = name || 'unnamed';
    let ref = whole;
    for (let suffix = 1; used.has(ref.toLowerCase()); suffix += 1) ref = `${whole}_${suffix}`;
    used.add(ref.toLowerCase());
    return ref;
  });
}

/** Kusto's own way to keep a new column's name apart: a digit after it. */
export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  let suffix = 1;
  while (taken.has(`${name}${suffix}`)) suffix += 1;
  return `${name}${suffix}`;
}

function hiddenOf(input: Relation): string[] {
  return [input.rowNumber, input.group].filter((name) => name !== undefined);
}

export function hiddenItems(input: Relation): Item[] {
  return hiddenOf(input).map((name) => ({ name, value: column(name, 'long', { nullable: false }) }));
}

/** A projection of `input` to these columns, hidden ones carried along. */
export function projected(input: Relation, items: readonly NamedValue[], from: Origin): Relation {
  const refs = uniqueRefs(
    items.map(({ name }) => name),
    hiddenOf(input),
  );
  const planItems = items.map(({ value }, index) => ({ name: refs[index]!, value }));
  return {
    ...input,
    plan: project(input.plan, [...planItems, ...hiddenItems(input)], from),
    columns: columnsOf(items, refs),
  };
}

export function columnsOf(items: readonly NamedValue[], refs: readonly string[]): RelationColumn[] {
  return items.map(({ name, value }, index) => ({
    name,
    ref: refs[index]!,
    type: value.type,
    nullable: value.nullable,
    ...(value.type === 'long' && bitsOf(value) < 63 && { bits: bitsOf(value) }),
  }));
}

/** The input's columns with these put in: in place where the name exists, at the end where it does not. */
export function extended(input: Relation, items: readonly NamedValue[], from: Origin): Relation {
  const byName = new Map(items.map((item) => [item.name, item]));
  const kept = input.columns.map((existing) => {
    const replacement = byName.get(existing.name);
    byName.delete(existing.name);
    return replacement ?? { name: existing.name, value: reference(existing) };
  });
  return projected(input, [...kept, ...byName.values()], from);
}

export function filtered(input: Relation, predicate: Scalar, from: Origin): Relation {
  return { ...input, plan: filter(input.plan, predicate, from) };
}

/** A relation over a plan whose columns are the query's own. */
export function relationOf(plan: Plan, names?: readonly string[], ordered = false): Relation {
  return {
    plan,
    ordered,
    columns: plan.columns.map(({ name, type, nullable, bits }, index) => ({
      name: names?.[index] ?? name,
      ref: name,
      type,
      nullable,
      ...(bits !== undefined && { bits }),
    })),
  };
}

export function windowOver(
  name: string,
  type: KqlType,
  args: readonly Scalar[],
  partition: readonly Scalar[],
  order: readonly SortKey[],
  nullable = true,
): Window {
  return Object.freeze({
    kind: 'window',
    name,
    type,
    args,
    partition,
    order,
    nullable: type !== 'string' && nullable,
  });
}

/** The relation with its rows numbered in their order. */
export function numbered(input: Relation): Relation {
  if (input.rowNumber) return input;
  const taken = input.plan.columns.map(({ name }) => name);
  const [rowNumber] = uniqueRefs(['row'], taken) as [string];
  const number = windowOver('row_number', 'long', [], [], [], false);
  const kept = input.plan.columns.map(({ name, type, nullable }) => ({
    name,
    value: column(name, type, { nullable }),
  }));
  return {
    ...input,
    rowNumber,
    plan: project(input.plan, [...kept, { name: rowNumber, value: number }], { label: 'numbered' }),
  };
}

/** The rows brought back into their order, which windows and joins may have broken. */
export function inOrder(input: Relation): Relation {
  return input.rowNumber
    ? { ...input, plan: sort(input.plan, rowOrder(input), { label: 'in_order' }) }
    : input;
}

export function rowOrder(input: Relation): SortKey[] {
  if (!input.rowNumber) return [];
  return [
    { value: column(input.rowNumber, 'long', { nullable: false }), descending: false, nullsFirst: false },
  ];
}

export function partitionOf(input: Relation): Scalar[] {
  return input.group ? [column(input.group, 'long', { nullable: false })] : [];
}

export const TRUE = literal('bool', true);

export function conjunction(parts: readonly Scalar[]): Scalar {
  return parts.length === 0 ? TRUE : parts.reduce((left, right) => call('and', 'bool', [left, right]));
}

/** The hidden key of the groups that operators work within. */
export function groupKeys(row: Relation): Item[] {
  return row.group ? [{ name: row.group, value: column(row.group, 'long', { nullable: false }) }] : [];
}

/** What an aggregate gives: the group's column stays hidden, the rows have no order. */
export function relationInGroup(before: Relation, plan: Plan, names: readonly string[]): Relation {
  const hidden = before.group ? 1 : 0;
  return {
    plan,
    ordered: false,
    ...(before.group !== undefined && { group: before.group }),
    ...(before.groupRows !== undefined && { groupRows: before.groupRows }),
    columns: plan.columns.slice(hidden).map(({ name, type, nullable, bits }, index) => ({
      name: names[index]!,
      ref: name,
      type,
      nullable,
      ...(bits !== undefined && { bits }),
    })),
  };
}

/**
 * The row as aggregates need it: numbered where its order was made by the query, and, with no keys inside
 * `mv-apply` and `partition`, with a row for every group that is empty.
 */
export function prepared(
  context: Context & { row: Relation },
  everyGroup = true,
): Context & { row: Relation } {
  const row = context.row.ordered ? numbered(context.row) : context.row;
  if (!everyGroup || !row.group || !row.groupRows) return { ...context, row };
  const { group, groupRows } = row;
  const own = column(group, 'long', { nullable: false, side: 'left' });
  const [present] = uniqueRefs(
    ['present'],
    row.plan.columns.map(({ name }) => name),
  ) as [string];
  const items = row.plan.columns.map(({ name, type }) => ({
    name,
    value: name === group ? own : gap(column(name, type, { side: 'right' })),
  }));
  const marker = call('isnotnull', 'bool', [column(group, 'long', { side: 'right' })], false);
  const on = call('same', 'bool', [own, column(group, 'long', { nullable: false, side: 'right' })], false);
  const plan = join('left', groupRows.plan, row.plan, on, [...items, { name: present, value: marker }], {
    label: 'groups',
  });
  return { ...context, row: { ...row, plan }, groupFilter: column(present, 'bool', { nullable: false }) };
}

/** A column of the side that may be missing: a string gap is the empty string. */
export function gap(value: Scalar): Scalar {
  return value.type === 'string' ? call('string_or_empty', 'string', [value]) : value;
}

/** A reference to a column by the query's name for it, which must exist. */
export function columnNamed(relation: Relation, name: string): Scalar {
  return reference(relation.columns.find((candidate) => candidate.name === name)!);
}
