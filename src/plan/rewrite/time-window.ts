/**
 * The time-window join: rows of two inputs with equal keys, the right one's time within `w` after the left one's.
 * A filter after the join looks at every pair of a key; a bucket of width `w` in the join's keys leaves only pairs
 * that are near in time. A left row stands in its own bucket and the next, a right row in one: no pair comes twice.
 */
import { type Filter, type Join, join, type Plan, type Project, project, unnest } from '../nodes.ts';
import { rebuilt, replaced, rewrittenWith } from '../rebuild.ts';
import { call, column, type Literal, type Scalar } from '../scalar.ts';
import { conjuncts } from '../walk.ts';

interface Window {
  readonly early: Scalar;
  readonly late: Scalar;
  readonly width: Literal;
}

export function windowed(plan: Plan): Plan {
  return rewrittenWith(plan, (node) => (node.kind === 'filter' ? overJoin(node) : node));
}

/** The filter's input may be the join itself or projections of it. */
function overJoin(node: Filter): Plan {
  const between: Project[] = [];
  let input: Plan = node.input;
  let predicate = node.predicate;
  while (input.kind === 'project' && input.input) {
    between.unshift(input);
    predicate = throughItems(predicate, input.items);
    input = input.input;
  }
  if (input.kind !== 'join' || input.type !== 'inner') return node;
  const window = windowOf(throughItems(predicate, input.items));
  if (!window) return node;
  const bucketed = withBuckets(input, window);
  const rebuiltInput = between.reduce<Plan>(
    (below, step) =>
      rebuilt(
        step,
        () => below,
        (value) => value,
      ),
    bucketed,
  );
  return Object.freeze({ ...node, input: rebuiltInput });
}

function throughItems(scalar: Scalar, items: readonly { name: string; value: Scalar }[]): Scalar {
  const values = new Map(items.map(({ name, value }) => [name, value]));
  return replaced(scalar, (part) =>
    part.kind === 'column' && !part.side ? values.get(part.name) : undefined,
  );
}

const sideOf = (scalar: Scalar): 'left' | 'right' | undefined =>
  scalar.kind === 'column' ? scalar.side : undefined;

const isWidth = (scalar: Scalar | undefined): scalar is Literal =>
  scalar?.kind === 'literal' &&
  scalar.type === 'timespan' &&
  typeof scalar.value === 'bigint' &&
  scalar.value >= 10_000_000n;

/** `late between (early .. early + w)`, or the two comparisons, or `late - early` between two timespans. */
function windowOf(predicate: Scalar): Window | undefined {
  const parts = conjuncts(predicate).filter((part) => part.kind === 'call');
  for (const part of parts) {
    const [a, b, c] = part.args;
    if (part.name === 'between' && a && b && c) {
      const found = bounded(a, b, c) ?? difference(a, b, c);
      if (found) return found;
    }
  }
  const uppers = parts.filter(({ name }) => name === 'less' || name === 'less_equal');
  const lowers = parts.filter(({ name }) => name === 'greater' || name === 'greater_equal');
  for (const upper of uppers) {
    for (const lower of lowers) {
      if (JSON.stringify(upper.args[0], plain) !== JSON.stringify(lower.args[0], plain)) continue;
      const found =
        bounded(upper.args[0]!, lower.args[1]!, upper.args[1]!) ??
        difference(upper.args[0]!, lower.args[1]!, upper.args[1]!);
      if (found) return found;
    }
  }
  return undefined;
}

const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

function bounded(late: Scalar, low: Scalar, high: Scalar): Window | undefined {
  if (late.type !== 'datetime' || high.kind !== 'call' || high.name !== 'datetime_plus') return undefined;
  const [base, width] = high.args;
  const ends = sideOf(late) && sideOf(low) && sideOf(late) !== sideOf(low);
  const same =
    low.kind === 'column' && base?.kind === 'column' && base.name === low.name && base.side === low.side;
  return ends && same && isWidth(width) ? { early: low, late, width } : undefined;
}

function difference(value: Scalar, low: Scalar, high: Scalar): Window | undefined {
  if (value.kind !== 'call' || value.name !== 'datetime_difference' || !isWidth(high)) return undefined;
  if (low.kind !== 'literal' || typeof low.value !== 'bigint' || low.value < 0n) return undefined;
  const [late, early] = value.args as [Scalar, Scalar];
  return sideOf(late) && sideOf(early) && sideOf(late) !== sideOf(early)
    ? { early, late, width: high }
    : undefined;
}

function withBuckets(node: Join, { early, late, width }: Window): Join {
  const early2 = sideOf(early)!;
  const name = freshName(node);
  const bare = (scalar: Scalar): Scalar =>
    scalar.kind === 'column' ? column(scalar.name, scalar.type, { nullable: scalar.nullable }) : scalar;
  const several = (input: Plan): Plan =>
    unnest(input, [{ name, value: call('time_buckets', 'dynamic', [bare(early), width]) }], undefined, {
      label: 'in_time_buckets',
    });
  const single = (input: Plan): Plan =>
    project(
      input,
      [
        ...input.columns.map((each) => ({
          name: each.name,
          value: column(each.name, each.type, { nullable: each.nullable }),
        })),
        { name, value: call('time_bucket', 'long', [bare(late), width]) },
      ],
      { label: 'by_time_bucket' },
    );
  const [left, right] =
    early2 === 'left' ? [several(node.left), single(node.right)] : [single(node.left), several(node.right)];
  const sides = (['left', 'right'] as const).map((side) => column(name, 'long', { nullable: false, side }));
  const on = call('and', 'bool', [node.on, call('same', 'bool', sides, false)], false);
  return join('inner', left, right, on, node.items, {
    ...node.origin,
    rules: [...(node.origin.rules ?? []), 'time window: joined in buckets of its width'],
  });
}

function freshName({ left, right }: Join): string {
  const taken = new Set([...left.columns, ...right.columns].map(({ name }) => name.toLowerCase()));
  let name = 'bucket';
  while (taken.has(name)) name += '_';
  return name;
}
