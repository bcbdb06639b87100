import type { TimeBounds } from '../../../lake/view.ts';
import type { Detection } from '../../detection/detection.ts';
import { timeBounds } from '../../values.ts';
import type { Zones } from '../correlate/zones.ts';
import type { Hunted } from '../hunted.ts';
import type { Manifest, ResultRecord, SliceRecord } from '../state/manifest.ts';
import type { Spans } from './spans.ts';

/** The tables that a detection can do without and that no file feeds. */
export function absentTables({ slices }: Manifest, { optionalTables }: Detection): string[] {
  return optionalTables.filter((table) => !slices.some((slice) => slice.table === table));
}

/** What a run can say about findings that it does not find. */
export interface Coverage {
  /** The time that it looks at. */
  readonly bounds: TimeBounds;
  /** Times within it at which events may lie that it could not read. */
  readonly unread: Zones;
}

/**
 * The instants between which a run looks, and no further than its files reach, of which `spans` says what slices do not: what `gone` can be said about. A table
 * that is not there sets no bounds if the run before, too, had to do without it. Where a file could not be read that
 * the run before had read, nothing is said about the time of what that run kept of it.
 */
export function coverage(
  { slices, failed, dropped }: Manifest,
  { detection, values }: Hunted,
  { absent = [] }: Pick<ResultRecord, 'absent'>,
  spans: Spans,
): Coverage | undefined {
  let { since, until } = timeBounds(values);
  for (const table of Object.keys(detection.tables)) {
    const own = slices.filter((slice) => slice.table === table);
    if (own.length === 0 && absent.includes(table)) continue;
    const instants = own.flatMap((slice) => reachOf(slice, spans)).sort(byValue);
    if (instants.length === 0) return undefined;
    const [first, last] = [instants[0]!, instants.at(-1)! + 1n];
    if (since === undefined || first > since) since = first;
    if (until === undefined || last < until) until = last;
  }
  const unreadable = new Set(failed.map(({ path }) => path));
  const unread = dropped
    .filter(
      ({ table, paths }) =>
        Object.hasOwn(detection.tables, table) && paths.some((path) => unreadable.has(path)),
    )
    .flatMap(({ first, last }) =>
      first === null || last === null ? [] : [[BigInt(first), BigInt(last)] as const],
    );
  return { bounds: { since, until }, unread };
}

/** The earliest and latest of what was kept; where nothing was, of what the files say that they hold. */
function reachOf({ first, last, files }: SliceRecord, spans: Spans): bigint[] {
  const kept = [first, last].filter((each) => each !== null).map(BigInt);
  return kept.length > 0 ? kept : files.flatMap(({ path }) => spans.get(path) ?? []);
}

function byValue(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
