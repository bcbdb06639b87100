/** Copies of plans and scalars with parts exchanged. */
import {
  aggregate,
  chain,
  filter,
  first,
  fold,
  type Item,
  join,
  limit,
  type Plan,
  project,
  series,
  sort,
  union,
  unnest,
} from './nodes.ts';
import type { Scalar, SortKey } from './scalar.ts';
import { plansOf } from './walk.ts';

/** A scalar with some of its parts exchanged: `change` gives a replacement, or undefined to go on inside. */
export function replaced(scalar: Scalar, change: (part: Scalar) => Scalar | undefined): Scalar {
  const found = change(scalar);
  if (found) return found;
  const each = (part: Scalar): Scalar => replaced(part, change);
  const keys = (list: readonly SortKey[]): SortKey[] =>
    list.map((key) => ({ ...key, value: each(key.value) }));
  switch (scalar.kind) {
    case 'column':
    case 'literal':
    case 'subquery':
      return scalar;
    case 'call':
      return Object.freeze({ ...scalar, args: scalar.args.map(each) });
    case 'aggregation':
      return Object.freeze({
        ...scalar,
        args: scalar.args.map(each),
        ...(scalar.filter && { filter: each(scalar.filter) }),
        ...(scalar.order && { order: keys(scalar.order) }),
      });
    case 'window':
      return Object.freeze({
        ...scalar,
        args: scalar.args.map(each),
        partition: scalar.partition.map(each),
        order: keys(scalar.order),
      });
    case 'membership':
      return Object.freeze({ ...scalar, value: each(scalar.value) });
    default:
      return scalar satisfies never;
  }
}

/** A scalar whose subqueries are rewritten. */
export function withPlans(scalar: Scalar, rewrite: (plan: Plan) => Plan): Scalar {
  return replaced(scalar, (part) => {
    if (part.kind === 'subquery') return Object.freeze({ ...part, plan: rewrite(part.plan) });
    if (part.kind === 'membership') {
      return Object.freeze({ ...part, value: withPlans(part.value, rewrite), plan: rewrite(part.plan) });
    }
    return undefined;
  });
}

/** A node over other inputs, and with its scalars changed. Its columns are made anew. */
export function rebuilt(plan: Plan, input: (plan: Plan) => Plan, scalar: (value: Scalar) => Scalar): Plan {
  const items = (list: readonly Item[]): Item[] =>
    list.map(({ name, value }) => ({ name, value: scalar(value) }));
  const keys = (list: readonly SortKey[]): SortKey[] =>
    list.map((key) => ({ ...key, value: scalar(key.value) }));
  const { origin } = plan;
  switch (plan.kind) {
    case 'scan':
    case 'values':
      return plan;
    case 'series':
      return series(plan.columns[0]!.name, scalar(plan.from), scalar(plan.to), scalar(plan.step), origin);
    case 'filter':
      return filter(input(plan.input), scalar(plan.predicate), origin);
    case 'project':
      return project(plan.input && input(plan.input), items(plan.items), origin);
    case 'aggregate':
      return aggregate(input(plan.input), items(plan.keys), items(plan.aggregates), origin);
    case 'join':
      return join(plan.type, input(plan.left), input(plan.right), scalar(plan.on), items(plan.items), origin);
    case 'sort':
      return sort(input(plan.input), keys(plan.keys), origin);
    case 'limit':
      return limit(input(plan.input), scalar(plan.count), origin);
    case 'first':
      return first(input(plan.input), plan.keys.map(scalar), keys(plan.order), origin);
    case 'union':
      return union(plan.inputs.map(input), plan.columns, origin);
    case 'unnest':
      return unnest(input(plan.input), items(plan.lists), plan.index, origin);
    case 'fold': {
      const states = plan.states.map(({ name, initial, value }) => ({
        name,
        initial: scalar(initial),
        value: scalar(value),
      }));
      return fold(input(plan.input), plan.row, states, scalar(plan.matched), plan.hit, origin);
    }
    case 'chain':
      return chain(input(plan.input), plan, origin);
    default:
      return plan satisfies never;
  }
}

/** Rewrites every node, inputs first; `change` sees a node whose inputs are rewritten. Shared nodes stay shared. */
export function rewrittenWith(plan: Plan, change: (plan: Plan) => Plan): Plan {
  const done = new Map<Plan, Plan>();
  for (const node of plansOf(plan)) {
    const next = rebuilt(
      node,
      (input) => done.get(input)!,
      (value) => withPlans(value, (inner) => done.get(inner)!),
    );
    done.set(node, change(next));
  }
  return done.get(plan)!;
}
