/** Column pruning: no node carries a column that nothing above it reads. */
import { aggregate, join, type Plan, project, scan, union } from '../nodes.ts';
import { rebuilt, withPlans } from '../rebuild.ts';
import { column, type Scalar } from '../scalar.ts';
import { columnsRead, plansOf, scalarsOf, scalarsWithin } from '../walk.ts';

type Needs = Map<Plan, Set<string>>;

export function pruned(plan: Plan, needed: readonly string[]): Plan {
  const nodes = plansOf(plan);
  const needs: Needs = new Map(nodes.map((node) => [node, new Set<string>()]));
  for (const name of needed) needs.get(plan)!.add(name);
  for (const node of [...nodes].reverse()) spread(node, needs);
  const done = new Map<Plan, Plan>();
  for (const node of nodes) done.set(node, narrowed(node, needs.get(node)!, done));
  return done.get(plan)!;
}

/** Hands a node's needs down to its inputs. */
function spread(node: Plan, needs: Needs): void {
  const own = needs.get(node)!;
  const need = (input: Plan, names: Iterable<string>): void => {
    for (const name of names) needs.get(input)!.add(name);
  };
  for (const scalar of scalarsOf(node)) {
    for (const part of scalarsWithin(scalar)) {
      if (part.kind === 'subquery' || part.kind === 'membership')
        need(part.plan, [part.plan.columns[0]!.name]);
    }
  }
  switch (node.kind) {
    case 'scan':
    case 'values':
    case 'series':
      return;
    case 'project':
      if (node.input)
        for (const { value } of keptItems(node.items, own)) need(node.input, columnsRead(value));
      return;
    case 'aggregate':
      for (const { value } of [...node.keys, ...keptAggregates(node, own)])
        need(node.input, columnsRead(value));
      return;
    case 'join':
      for (const value of [node.on, ...keptItems(node.items, own).map((item) => item.value)]) {
        need(node.left, columnsRead(value, 'left'));
        need(node.right, columnsRead(value, 'right'));
      }
      return;
    case 'union': {
      const kept = keptPositions(node, own);
      for (const input of node.inputs)
        need(
          input,
          kept.map(({ index }) => input.columns[index]!.name),
        );
      return;
    }
    case 'unnest': {
      const made = new Set([...node.lists.map(({ name }) => name), node.index]);
      need(
        node.input,
        [...own].filter((name) => !made.has(name)),
      );
      for (const { value } of node.lists) need(node.input, columnsRead(value));
      return;
    }
    case 'fold':
      need(node.input, [node.row]);
      for (const value of [node.matched, ...node.states.map((state) => state.value)]) {
        need(node.input, columnsRead(value, 'right'));
      }
      return;
    case 'chain':
      need(node.input, [node.row, node.next, node.first]);
      return;
    default:
      need(node.input, own);
      for (const scalar of scalarsOf(node)) need(node.input, columnsRead(scalar));
  }
}

/** At least one item stays, so that the rows are still there to count. */
function keptItems<T extends { readonly name: string }>(
  items: readonly T[],
  own: ReadonlySet<string>,
): readonly T[] {
  const kept = items.filter(({ name }) => own.has(name));
  return kept.length ? kept : items.slice(0, 1);
}

function keptAggregates(node: Extract<Plan, { kind: 'aggregate' }>, own: ReadonlySet<string>) {
  const kept = node.aggregates.filter(({ name }) => own.has(name));
  return kept.length || node.aggregates.length === 0 ? kept : node.aggregates.slice(0, 1);
}

function narrowed(node: Plan, own: ReadonlySet<string>, done: ReadonlyMap<Plan, Plan>): Plan {
  const input = (plan: Plan): Plan => done.get(plan)!;
  const inner = (value: Scalar): Scalar => withPlans(value, input);
  const items = <T extends { readonly name: string; readonly value: Scalar }>(list: readonly T[]) =>
    list.map(({ name, value }) => ({ name, value: inner(value) }));
  switch (node.kind) {
    case 'scan': {
      const kept = keptItems(node.columns, own);
      return kept.length === node.columns.length ? node : scan(node.table, kept, node.origin);
    }
    case 'project':
      return project(node.input && input(node.input), items(keptItems(node.items, own)), node.origin);
    case 'aggregate':
      return aggregate(input(node.input), items(node.keys), items(keptAggregates(node, own)), node.origin);
    case 'join':
      return join(
        node.type,
        input(node.left),
        input(node.right),
        inner(node.on),
        items(keptItems(node.items, own)),
        node.origin,
      );
    case 'union':
      return narrowedUnion(node, own, input);
    default:
      return rebuilt(node, input, inner);
  }
}

/** The columns of a union that stay, each with its place, which is its place in every input. */
function keptPositions(node: Extract<Plan, { kind: 'union' }>, own: ReadonlySet<string>) {
  return keptItems(
    node.columns.map((each, index) => ({ ...each, index })),
    own,
  );
}

/** A union goes by position: every input is brought to the columns that stay. */
function narrowedUnion(
  node: Extract<Plan, { kind: 'union' }>,
  own: ReadonlySet<string>,
  input: (plan: Plan) => Plan,
): Plan {
  const kept = keptPositions(node, own);
  const inputs = node.inputs.map((before) => {
    const after = input(before);
    const names = kept.map(({ index }) => before.columns[index]!.name);
    const same =
      after.columns.length === names.length && after.columns.every(({ name }, i) => name === names[i]);
    if (same) return after;
    const values = kept.map(({ name, index }) => ({
      name,
      value: column(before.columns[index]!.name, before.columns[index]!.type, {
        nullable: before.columns[index]!.nullable,
      }),
    }));
    return project(after, values, { label: `${before.origin.label}_columns` });
  });
  return union(
    inputs,
    kept.map(({ index }) => node.columns[index]!),
    node.origin,
  );
}
