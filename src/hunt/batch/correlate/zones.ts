/** Spans of time, both ends in them, in microseconds since the epoch, in order and apart from each other. */
export type Zones = readonly (readonly [from: bigint, to: bigint])[];

/** A slice's name, and the earliest and latest event in it. */
export type Reach = readonly [name: string, first: string | null, last: string | null];

/**
 * The times around which something may be paired otherwise than before: those of slices that came or went, and
 * `span` on either side. Undefined where that is all of time, or so many pieces that all of it is as quick.
 */
export function changedZones(
  before: readonly Reach[],
  now: readonly { readonly name: string; readonly first: string | null; readonly last: string | null }[],
  span: bigint,
): Zones | undefined {
  const [had, has] = [new Set(before.map(([name]) => name)), new Set(now.map(({ name }) => name))];
  const changed = [
    ...before.filter(([name]) => !has.has(name)).map(([, first, last]) => [first, last]),
    ...now.filter(({ name }) => !had.has(name)).map(({ first, last }) => [first, last]),
  ];
  const zones: [bigint, bigint][] = [];
  for (const [first, last] of changed) {
    if (first == null || last == null) return undefined;
    zones.push([BigInt(first), BigInt(last)]);
  }
  const wide = widened(zones, span);
  return wide.length > MOST_ZONES ? undefined : wide;
}

const MOST_ZONES = 50;

/** The zones with `span` more on either side. */
export function widened(zones: Zones, span: bigint): Zones {
  const wide: [bigint, bigint][] = [];
  const wider = zones.map(([from, to]): [bigint, bigint] => [from - span, to + span]);
  for (const zone of wider.sort(([a], [b]) => (a < b ? -1 : Number(a > b)))) {
    const last = wide.at(-1);
    if (last === undefined || zone[0] > last[1]) wide.push(zone);
    else if (zone[1] > last[1]) last[1] = zone[1];
  }
  return wide;
}

/** Whether a slice may hold events within the zones. */
export function overlaps(
  { first, last }: { readonly first: string | null; readonly last: string | null },
  zones: Zones,
): boolean {
  if (first === null || last === null) return true;
  return zones.some(([from, to]) => BigInt(first) <= to && BigInt(last) >= from);
}

/** The condition that an event lies within the zones; without zones, all do. */
export function inZones(zones: Zones | undefined): string {
  if (zones === undefined) return 'true';
  const each = zones.map(
    ([from, to]) => `Timestamp BETWEEN make_timestamp(${from}) AND make_timestamp(${to})`,
  );
  return each.length === 0 ? 'false' : `(${each.join(' OR ')})`;
}
