import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plantArtefacts } from './artefacts.ts';
import { plantBoundaries } from './boundaries.ts';
import { plantDecoys } from './decoys/decoys.ts';
import { replaceSample } from './directory.ts';
import type { TableName } from './events.ts';
import { type Device, makeFleet } from './fleet.ts';
import { plantImplants } from './implants.ts';
import { expectedProcesses } from './label-processes.ts';
import { LABEL_KINDS, type Label, type LabelKind } from './labels.ts';
import { plantNearMisses } from './near-misses.ts';
import { checkedOptions, type SampleOptions, type SampleScope } from './options.ts';
import { makeGround, type Plant } from './plant.ts';
import { writeTables } from './tables.ts';
import { labelsText, readmeText } from './texts.ts';
import { isoText } from './time.ts';
import type { Written } from './write.ts';

/** What was made. */
export interface SampleSummary {
  readonly directory: string;
  readonly seed: string;
  readonly devices: number;
  readonly days: number;
  /** The first instant of the lake, and the first after it, ISO-8601 in UTC. */
  readonly start: string;
  readonly end: string;
  readonly tables: Readonly<Record<TableName, Written>>;
  /** How many labels there are of each kind, and how many findings they foretell. */
  readonly labels: Readonly<Record<LabelKind, number>>;
  readonly findings: number;
}

/**
 * Makes a labelled lake in `directory`: Hive-partitioned Parquet of DeviceImageLoadEvents and DeviceNetworkEvents,
 * `labels.json` with everything that the detection t1573.001 must and must not find there, and a README.md.
 * All of it is made up. Same options, same bytes.
 *
 * @throws UsageError when an option is out of range, or the folder holds anything but an earlier sample
 * @throws the signal's reason when aborted; nothing is left behind then, nor on any other error
 */
export async function makeSample(directory: string, options: SampleOptions = {}): Promise<SampleSummary> {
  const scope = checkedOptions(options);
  return replaceSample(directory, async (aside) => {
    const fleet = makeFleet(scope.seed, scope.devices, scope.start);
    const plants = plantAll(scope, fleet);
    const tables = await writeTables(aside, scope, fleet, plants, options);
    const labels = plants.map((plant) => plant.label());
    await writeFile(
      join(aside, 'labels.json'),
      labelsText(scope, labels, expectedProcesses(plants.map(({ byProcess }) => byProcess))),
    );
    await writeFile(join(aside, 'README.md'), readmeText(scope, tables, labels));
    const { seed, devices, days } = scope;
    const [start, end] = [isoText(scope.start), isoText(scope.end)];
    return { directory, seed, devices, days, start, end, tables, ...counted(labels) };
  });
}

function plantAll(scope: SampleScope, fleet: readonly Device[]): Plant[] {
  const ground = makeGround(scope.seed, fleet, scope);
  return [plantImplants, plantDecoys, plantBoundaries, plantArtefacts, plantNearMisses].flatMap((plant) =>
    plant(ground),
  );
}

function counted(labels: readonly Label[]): Pick<SampleSummary, 'labels' | 'findings'> {
  const kinds = LABEL_KINDS.map((kind) => [kind, labels.filter((label) => label.kind === kind).length]);
  return {
    labels: Object.fromEntries(kinds) as Record<LabelKind, number>,
    findings: labels.filter(({ found }) => found).length,
  };
}
