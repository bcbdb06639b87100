/**
 * Windows inside windows: SQL has none, so that the inner ones become hidden columns of a step before.
 * `row_number(1, g != prev(g))` takes three steps: the neighbour, the count of restarts, the number.
 */
import { project } from '../../../plan/nodes.ts';
import { column, type Scalar, type Window } from '../../../plan/scalar.ts';
import { canonicalName } from '../../functions/special.ts';
import { WINDOW_NAMES } from '../../functions/windows.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { withSessions } from '../evaluate/sessions.ts';
import { type Context, nameOf, type Relation } from '../query/context.ts';
import { type NamedValue, numbered, uniqueRefs } from '../query/relation.ts';

/** Whether an expression calls a function over the rows in their order. */
export function usesWindows(node: SyntaxNode | null): boolean {
  if (!node) return false;
  const kind = kindOf(node);
  if (kind === 'FunctionCallExpression') {
    if (WINDOW_NAMES.has(canonicalName(nameOf(node.Name)))) return true;
  }
  if (kind === 'PipeExpression' || kind === 'ToScalarExpression') return false;
  for (let index = 0; index < node.ChildCount; index += 1) {
    const child = node.GetChild(index);
    if (child && usesWindows(child)) return true;
  }
  return false;
}

interface Steps {
  readonly items: readonly NamedValue[];
  readonly finish: (row: Relation, items: readonly NamedValue[]) => Relation;
}

export function withWindows(
  context: Context & { row: Relation },
  node: SyntaxNode,
  lower: (context: Context & { row: Relation }) => Steps,
): Relation {
  if (!usesWindows(node)) {
    const { items, finish } = lower(context);
    return finish(context.row, items);
  }
  const inner = withSessions({ ...context, row: numbered(context.row), windows: true }, node);
  const { items, finish } = lower(inner);
  const hoisted = hoist(inner.row, items);
  return finish(hoisted.row, hoisted.items);
}

/** The relation with the inner windows as columns, and the items that read them there. */
export function hoist(
  row: Relation,
  items: readonly NamedValue[],
  depth = 1,
): { row: Relation; items: NamedValue[] } {
  const inner = new Map<string, Window>();
  for (const { value } of items) collectInner(value, false, inner);
  if (inner.size === 0) return { row, items: [...items] };
  const kept = row.plan.columns.map(({ name, type, nullable }) => ({
    name,
    value: column(name, type, { nullable }) as Scalar,
  }));
  const refs = uniqueRefs(
    [...inner.keys()].map((_, index) => `step${depth}_${index + 1}`),
    kept.map(({ name }) => name),
  );
  const names = new Map([...inner.keys()].map((key, index) => [key, refs[index]!]));
  const before = hoist(
    row,
    [...inner].map(([key, value]) => ({ name: names.get(key)!, value })),
    depth + 1,
  );
  const keptAgain = before.row.plan.columns.map(({ name, type, nullable }) => ({
    name,
    value: column(name, type, { nullable }) as Scalar,
  }));
  const plan = project(before.row.plan, [...keptAgain, ...before.items], { label: 'windows' });
  return {
    row: { ...before.row, plan },
    items: items.map(({ name, value }) => ({ name, value: replaced(value, false, names) })),
  };
}

const keyOf = (window: Window): string =>
  JSON.stringify(window, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));

function childrenOf(scalar: Scalar): readonly Scalar[] {
  if (scalar.kind === 'call' || scalar.kind === 'aggregation') return scalar.args;
  if (scalar.kind === 'window') return [...scalar.args, ...scalar.partition];
  return [];
}

function collectInner(scalar: Scalar, inside: boolean, found: Map<string, Window>): void {
  if (scalar.kind === 'window' && inside) {
    found.set(keyOf(scalar), scalar);
    return;
  }
  for (const child of childrenOf(scalar)) collectInner(child, inside || scalar.kind === 'window', found);
}

function replaced(scalar: Scalar, inside: boolean, names: ReadonlyMap<string, string>): Scalar {
  if (scalar.kind === 'window') {
    if (inside) return column(names.get(keyOf(scalar))!, scalar.type, { nullable: scalar.nullable });
    const each = (child: Scalar): Scalar => replaced(child, true, names);
    return Object.freeze({ ...scalar, args: scalar.args.map(each), partition: scalar.partition.map(each) });
  }
  if (scalar.kind === 'call' || scalar.kind === 'aggregation') {
    return Object.freeze({ ...scalar, args: scalar.args.map((child) => replaced(child, inside, names)) });
  }
  return scalar;
}
