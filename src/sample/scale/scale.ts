import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceSample } from '../directory.ts';
import type { TableName } from '../events.ts';
import { DAY, isoText } from '../time.ts';
import type { Written } from '../write.ts';
import { checkedScale, type ScaleOptions, type ScaleProfile } from './scale-options.ts';
import { requireRoom } from './scale-room.ts';
import { scaleLabelsText, scaleReadme } from './scale-texts.ts';
import { writeScale } from './scale-write.ts';

export { SCALE_PROFILES, type ScaleOptions, type ScaleProfile } from './scale-options.ts';

/** What was made. */
export interface ScaleSummary {
  readonly directory: string;
  readonly profile: ScaleProfile;
  readonly seed: string;
  readonly devices: number;
  readonly days: number;
  /** The first instant of the lake, and the first after it, ISO-8601 in UTC. */
  readonly start: string;
  readonly end: string;
  /** Rows as a query counts them; bytes as they lie on disk, linked files once. */
  readonly tables: Readonly<Record<TableName, Written>>;
  /** How many planted processes the detection must find. */
  readonly labels: number;
}

/**
 * Makes a large synthetic lake in `directory` for measuring: Hive-partitioned Parquet of DeviceImageLoadEvents and
 * DeviceNetworkEvents, made in SQL at some hundred thousand rows a second and core, with a few planted processes
 * that `labels.json` says must be found. Same options, same bytes, given one version of DuckDB.
 *
 * @throws UsageError when an option is out of range, the disk has no room for it, or the folder holds anything
 *   but an earlier sample
 * @throws the signal's reason when aborted; nothing is left behind then, nor on any other error
 */
export async function makeScaleLake(directory: string, options: ScaleOptions = {}): Promise<ScaleSummary> {
  const scope = checkedScale(options);
  await requireRoom(directory, scope);
  return replaceSample(directory, async (aside) => {
    const { tables, labels } = await writeScale(aside, scope, options);
    await writeFile(join(aside, 'labels.json'), scaleLabelsText(scope, labels));
    await writeFile(join(aside, 'README.md'), scaleReadme(scope, tables));
    const { profile, seed, devices, days, start } = scope;
    const [first, end] = [isoText(start), isoText(start + days * DAY)];
    return { directory, profile, seed, devices, days, start: first, end, tables, labels: labels.length };
  });
}
