/** Time bounds: what the filters above a scan say of its time column, so that files can be left unread. */
import type { Filter, Plan, Scan, TimeBounds } from '../nodes.ts';
import { rewrittenWith } from '../rebuild.ts';
import type { Scalar } from '../scalar.ts';
import { conjuncts, inputsOf, plansOf, scalarsOf, scalarsWithin } from '../walk.ts';

const TIME_COLUMNS = ['Timestamp', 'TimeGenerated'];

interface Range {
  readonly from?: bigint;
  readonly to?: bigint;
}

/** Per path from above: the range of each column that holds time; undefined for no knowledge. */
type Known = ReadonlyMap<string, Range>;

export function bounded(plan: Plan): Plan {
  const nodes = plansOf(plan);
  const known = new Map<Plan, Known | undefined>();
  const learn = (node: Plan, facts: Known): void => {
    known.set(node, known.has(node) ? widest(known.get(node)!, facts) : facts);
  };
  learn(plan, new Map());
  for (const node of [...nodes].reverse()) {
    const facts = known.get(node) ?? new Map<string, Range>();
    for (const input of inputsOf(node)) learn(input, through(node, facts));
    for (const scalar of scalarsOf(node)) {
      for (const part of scalarsWithin(scalar)) {
        if (part.kind === 'subquery' || part.kind === 'membership') learn(part.plan, new Map());
      }
    }
  }
  const marked = new Map<Plan, Scan>();
  for (const node of nodes) {
    if (node.kind !== 'scan') continue;
    const bounds = boundsOf(node, known.get(node) ?? new Map());
    if (bounds) marked.set(node, Object.freeze({ ...node, bounds }));
  }
  return marked.size ? rewrittenWith(plan, (node) => marked.get(node) ?? node) : plan;
}

function boundsOf(node: Scan, facts: Known): TimeBounds | undefined {
  const name = TIME_COLUMNS.find((candidate) => node.columns.some((each) => each.name === candidate));
  const range = name === undefined ? undefined : facts.get(name);
  return name !== undefined && range && (range.from !== undefined || range.to !== undefined)
    ? { column: name, ...range }
    : undefined;
}

/** What is known of a node's input, given what is known of the node. */
function through(node: Plan, facts: Known): Known {
  switch (node.kind) {
    case 'filter':
      return narrowed(node, facts);
    case 'sort':
      return facts;
    case 'project': {
      const renamed = new Map<string, Range>();
      for (const { name, value } of node.items) {
        const range = facts.get(name);
        if (range && value.kind === 'column') renamed.set(value.name, range);
      }
      return renamed;
    }
    default:
      return new Map();
  }
}

function narrowed(node: Filter, facts: Known): Known {
  const next = new Map(facts);
  for (const part of conjuncts(node.predicate)) {
    for (const [name, range] of rangesOf(part)) next.set(name, both(next.get(name) ?? {}, range));
  }
  return next;
}

const instant = (scalar: Scalar | undefined): bigint | undefined =>
  scalar?.kind === 'literal' && scalar.type === 'datetime' && scalar.value !== null
    ? BigInt(scalar.value)
    : undefined;

const FLIPPED: Readonly<Record<string, string>> = {
  less: 'greater',
  less_equal: 'greater_equal',
  greater: 'less',
  greater_equal: 'less_equal',
  equal: 'equal',
};

function rangesOf(part: Scalar): [string, Range][] {
  if (part.kind !== 'call') return [];
  const [a, b, c] = part.args;
  if (part.name === 'between' && a?.kind === 'column') return [[a.name, rangeOf(instant(b), instant(c))]];
  if (!(part.name in FLIPPED)) return [];
  if (a?.kind === 'column' && instant(b) !== undefined) return [[a.name, compared(part.name, instant(b)!)]];
  if (b?.kind === 'column' && instant(a) !== undefined)
    return [[b.name, compared(FLIPPED[part.name]!, instant(a)!)]];
  return [];
}

function compared(name: string, at: bigint): Range {
  if (name === 'equal') return { from: at, to: at };
  return name.startsWith('greater') ? { from: at } : { to: at };
}

function rangeOf(from: bigint | undefined, to: bigint | undefined): Range {
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

const later = (a: bigint, b: bigint): bigint => [a, b].sort((x, y) => (x < y ? 1 : -1))[0]!;
const earlier = (a: bigint, b: bigint): bigint => [a, b].sort((x, y) => (x < y ? -1 : 1))[0]!;

const both = (a: Range, b: Range): Range =>
  rangeOf(
    a.from === undefined || b.from === undefined ? (a.from ?? b.from) : later(a.from, b.from),
    a.to === undefined || b.to === undefined ? (a.to ?? b.to) : earlier(a.to, b.to),
  );

/** Two ways lead to the node: only what holds on both is known. */
function widest(a: Known, b: Known): Known {
  const found = new Map<string, Range>();
  for (const [name, range] of a) {
    const other = b.get(name);
    if (!other) continue;
    const from =
      range.from === undefined || other.from === undefined ? undefined : earlier(range.from, other.from);
    const to = range.to === undefined || other.to === undefined ? undefined : later(range.to, other.to);
    found.set(name, rangeOf(from, to));
  }
  return found;
}
