/**
 * Which row per key `innerunique` keeps is anyone's choice, and the real engine chooses after filtering: a condition
 * on the left columns alone goes below the choice.
 */
import { type Filter, filter, join, type Plan } from '../nodes.ts';
import { replaced, rewrittenWith } from '../rebuild.ts';
import type { Scalar } from '../scalar.ts';
import { conjuncts, scalarsWithin } from '../walk.ts';

export function filteredFirst(plan: Plan): Plan {
  return rewrittenWith(plan, (node) => (node.kind === 'filter' ? pushed(node) : node));
}

function pushed(node: Filter): Plan {
  const { input } = node;
  if (input.kind !== 'join' || input.type !== 'inner' || input.left.kind !== 'first') return node;
  if (input.left.order.length > 0) return node;
  const values = new Map(input.items.map(({ name, value }) => [name, value]));
  const onLeft = conjuncts(node.predicate).flatMap((part) => leftOnly(part, values));
  if (onLeft.length === 0) return node;
  const below = onLeft.reduce<Plan>(
    (current, predicate) => filter(current, predicate, { label: 'where' }),
    input.left.input,
  );
  const left = Object.freeze({ ...input.left, input: below, columns: below.columns });
  return filter(
    join(input.type, left, input.right, input.on, input.items, input.origin),
    node.predicate,
    node.origin,
  );
}

/** The condition in the left input's own columns, where it reads no others. */
function leftOnly(part: Scalar, values: ReadonlyMap<string, Scalar>): Scalar[] {
  let own = true;
  const moved = replaced(part, (scalar) => {
    if (scalar.kind !== 'column') return undefined;
    const value = values.get(scalar.name);
    if (value?.kind !== 'column' || value.side !== 'left') {
      own = false;
      return scalar;
    }
    const { side: _, ...bare } = value;
    return Object.freeze(bare);
  });
  const reads = [...scalarsWithin(part)].some(({ kind }) => kind === 'column');
  return own && reads ? [moved] : [];
}
