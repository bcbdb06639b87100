import type { TimeBounds } from '../../lake/view.ts';
import type { Detection } from '../detection.ts';
import { timeBounds } from '../run.ts';
import type { Hunted } from './extraction.ts';
import type { Manifest, ResultRecord } from './manifest.ts';

/** The tables that a detection can do without and that no file feeds. */
export function absentTables({ slices }: Manifest, { optionalTables }: Detection): string[] {
  return optionalTables.filter((table) => !slices.some((slice) => slice.table === table));
}

/**
 * The instants between which a run looks, and no further than its slices reach: what `gone` can be said about. A table
 * that is not there sets no bounds if the run before, too, had to do without it.
 */
export function coverage(
  { slices }: Manifest,
  { detection, values }: Hunted,
  { absent = [] }: Pick<ResultRecord, 'absent'> = {},
): TimeBounds | undefined {
  let { since, until } = timeBounds(values);
  for (const table of Object.keys(detection.tables)) {
    const own = slices.filter((slice) => slice.table === table);
    if (own.length === 0 && absent.includes(table)) continue;
    const instants = own
      .filter((slice) => slice.first !== null)
      .flatMap(({ first, last }) => [BigInt(first!), BigInt(last!)])
      .sort(byValue);
    if (instants.length === 0) return undefined;
    const [first, last] = [instants[0]!, instants.at(-1)! + 1n];
    if (since === undefined || first > since) since = first;
    if (until === undefined || last < until) until = last;
  }
  return { since, until };
}

function byValue(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
