import { nearest } from '../../../nearest.ts';
import type { BatchContext } from '../context.ts';

/** Says what it means to the detections that no files feed a table, and which of the lake's tables may be meant. */
export function tellMissing({ hunts, tell }: BatchContext, table: string, has: readonly string[]): void {
  const detections = hunts.map(({ hunted }) => hunted.detection);
  const strange = has.filter((each) => !detections.some(({ tables }) => each in tables));
  const near = nearest(table, strange);
  const meant = near === undefined ? '' : `; the lake has ${near}`;
  const needing = detections.filter(({ tables }) => table in tables);
  const able = needing.filter(({ optionalTables }) => optionalTables.includes(table));
  const unable = needing.filter(({ optionalTables }) => !optionalTables.includes(table));
  const say = (message: string) =>
    tell({ level: 'warning', event: 'warning', message: `${message}${meant}`, details: { table } });
  const idsOf = (some: typeof needing) => [...new Set(some.map(({ id }) => id))];
  const [without, idle] = [idsOf(able), idsOf(unable)];
  if (without.length > 0)
    say(`this lake has no ${table}: ${listed(without)} ${without.length === 1 ? 'goes' : 'go'} without`);
  if (idle.length > 0)
    say(`no files for ${table}: ${listed(idle)} ${idle.length === 1 ? 'has' : 'have'} nothing to find`);
}

/** `a, b and c` */
function listed(names: readonly string[]): string {
  const last = names.at(-1)!;
  return names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
