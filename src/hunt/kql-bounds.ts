/** What a translated query says of its tables' times. */
import type { Translation } from '../kql/translate.ts';
import type { TimeBounds } from '../lake/view.ts';
import type { TableRange } from './time-range.ts';

type Scans = Translation['scans'];

/** Bounds that hold for every scan, so that each file is bounded by them. */
export function commonBounds(scans: Scans): TimeBounds {
  if (scans.length === 0 || scans.some(({ bounds }) => bounds === undefined)) return {};
  const froms = scans.map(({ bounds }) => bounds!.from);
  const tos = scans.map(({ bounds }) => bounds!.to);
  return {
    since: froms.every((each) => each !== undefined) ? froms.sort(ascending)[0] : undefined,
    until: tos.every((each) => each !== undefined) ? tos.sort(ascending).at(-1)! + 1n : undefined,
  };
}

/** The same table by table, in the order of their names. */
export function rangesRead(scans: Scans): TableRange[] {
  const tables = [...new Set(scans.map(({ table }) => table))].sort();
  return tables.map((table) => ({
    table,
    bounds: commonBounds(scans.filter((scan) => scan.table === table)),
  }));
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}
