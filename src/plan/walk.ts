/** Going over plans and scalars. */
import type { Plan } from './nodes.ts';
import type { Scalar, SortKey } from './scalar.ts';

export function inputsOf(plan: Plan): readonly Plan[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'series':
      return [];
    case 'project':
      return plan.input ? [plan.input] : [];
    case 'filter':
    case 'aggregate':
    case 'sort':
    case 'limit':
    case 'first':
    case 'unnest':
    case 'fold':
    case 'chain':
      return [plan.input];
    case 'join':
      return [plan.left, plan.right];
    case 'union':
      return plan.inputs;
    default:
      return plan satisfies never;
  }
}

const keyValues = (keys: readonly SortKey[]): Scalar[] => keys.map(({ value }) => value);

/** The scalars that stand in a node itself. */
export function scalarsOf(plan: Plan): readonly Scalar[] {
  switch (plan.kind) {
    case 'scan':
    case 'values':
    case 'union':
    case 'chain':
      return [];
    case 'series':
      return [plan.from, plan.to, plan.step];
    case 'filter':
      return [plan.predicate];
    case 'project':
      return plan.items.map(({ value }) => value);
    case 'aggregate':
      return [...plan.keys, ...plan.aggregates].map(({ value }) => value);
    case 'join':
      return [plan.on, ...plan.items.map(({ value }) => value)];
    case 'sort':
      return keyValues(plan.keys);
    case 'limit':
      return [plan.count];
    case 'first':
      return [...plan.keys, ...keyValues(plan.order)];
    case 'unnest':
      return plan.lists.map(({ value }) => value);
    case 'fold':
      return [...plan.states.flatMap(({ initial, value }) => [initial, value]), plan.matched];
    default:
      return plan satisfies never;
  }
}

export function childrenOf(scalar: Scalar): readonly Scalar[] {
  switch (scalar.kind) {
    case 'column':
    case 'literal':
    case 'subquery':
      return [];
    case 'call':
      return scalar.args;
    case 'aggregation':
      return [...scalar.args, ...(scalar.filter ? [scalar.filter] : []), ...keyValues(scalar.order ?? [])];
    case 'window':
      return [...scalar.args, ...scalar.partition, ...keyValues(scalar.order)];
    case 'membership':
      return [scalar.value];
    default:
      return scalar satisfies never;
  }
}

/** A scalar and all within it. */
export function* scalarsWithin(scalar: Scalar): Iterable<Scalar> {
  yield scalar;
  for (const child of childrenOf(scalar)) yield* scalarsWithin(child);
}

/** Every node once, inputs first, those of subqueries included. */
export function plansOf(plan: Plan): Plan[] {
  const seen = new Set<Plan>();
  const visit = (node: Plan): void => {
    if (seen.has(node)) return;
    for (const input of inputsOf(node)) visit(input);
    for (const scalar of scalarsOf(node)) {
      for (const part of scalarsWithin(scalar)) {
        if (part.kind === 'subquery' || part.kind === 'membership') visit(part.plan);
      }
    }
    seen.add(node);
  };
  visit(plan);
  return [...seen];
}

/** The columns that a scalar reads; `side` restricts them to one input of a join. */
export function columnsRead(scalar: Scalar, side?: 'left' | 'right'): string[] {
  const found: string[] = [];
  for (const part of scalarsWithin(scalar)) {
    if (part.kind === 'column' && part.side === side) found.push(part.name);
  }
  return found;
}

/** The conjuncts of a condition. */
export function conjuncts(predicate: Scalar): Scalar[] {
  return predicate.kind === 'call' && predicate.name === 'and'
    ? predicate.args.flatMap(conjuncts)
    : [predicate];
}
