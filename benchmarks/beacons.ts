/**
 * Does BeaconScore tell implants from everything else, and what would each part of it alone, RITA and the reference do?
 *
 *   npm run bench -- beacons            prints the areas under the ROC curves
 *
 * The weights were chosen on the tuning population; the one for testing has other devices, software, intervals and seed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from '../src/index.ts';
import type { Population } from './beacons/actors.ts';
import { area, curve, IMPLANT_SLICES, LONER, SCORES, scored } from './beacons/judge.ts';
import { type Actor, writeBeaconLake } from './beacons/lake.ts';
import { TESTING } from './beacons/populations.ts';
import { openLake } from './project.ts';

export interface BeaconFigures {
  readonly population: string;
  readonly implants: number;
  readonly benign: number;
  /** Area under the ROC curve by score, then by slice. */
  readonly areas: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Of periodic benign software on a single device: the share that scores above so many of the implants. */
  readonly lonersAbove: Readonly<Record<string, number>>;
  readonly curves: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

/** RITA looks at keys from four connections on, so all scores do here; each takes the best key by itself. */
export const ALL_KEYS = { min_score: 0, min_connections: 4, fold_keys: false };

/** Makes the lake, scores its keys and judges the scores by the labels; `benignKeys` are judged as benign as well. */
export async function judgeBeacons(
  benignKeys: readonly Row[] = [],
  population: Population = TESTING,
): Promise<BeaconFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'merganser-beacons-'));
  try {
    const actors = await writeBeaconLake(population, folder);
    // Not `await using`: node 20 runs this file without a build.
    const lake = await openLake(folder);
    try {
      const keys = await (await lake.beacons(ALL_KEYS)).rows();
      return figures(population.name, actors, keys, benignKeys);
    } finally {
      await lake.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figures(
  population: string,
  actors: readonly Actor[],
  keys: readonly Row[],
  benignKeys: readonly Row[],
): BeaconFigures {
  const implants = actors.filter(({ kind }) => kind === 'implant');
  const loners = actors.filter(({ kind }) => kind === LONER);
  const benign = actors.filter(({ kind }) => kind !== 'implant' && kind !== LONER);
  const areas: Record<string, Record<string, number>> = {};
  const curves: Record<string, [number, number][]> = {};
  const lonersAbove: Record<string, number> = {};
  for (const [name, score] of Object.entries(SCORES)) {
    const best = scored(actors, keys, score);
    const of = (some: readonly Actor[]) => some.map((actor) => best.get(actor)!);
    areas[name] = {};
    for (const [slice, holds] of Object.entries(IMPLANT_SLICES)) {
      areas[name][slice] = area(of(implants.filter(holds)), of(benign));
    }
    for (const kind of new Set(benign.map((actor) => actor.kind))) {
      areas[name][`against ${kind}`] = area(of(implants), of(benign.filter((actor) => actor.kind === kind)));
    }
    if (benignKeys.length > 0) {
      areas[name][`against ${benignKeys.length} keys of real telemetry`] = area(
        of(implants),
        benignKeys.map(score),
      );
    }
    curves[name] = curve(of(implants), of(benign));
    if (name !== 'combined') continue;
    const sorted = of(implants).sort((a, b) => a - b);
    for (const share of [0.1, 0.25, 0.5, 0.75]) {
      const cut = sorted[Math.floor(share * sorted.length)]!;
      lonersAbove[`${100 * share} % of implants`] = of(loners).filter((s) => s > cut).length / loners.length;
    }
  }
  return { population, implants: implants.length, benign: benign.length, areas, lonersAbove, curves };
}

/** The areas side by side: a line a slice, a column a score. */
export function figureLines({ areas, implants, benign, lonersAbove }: BeaconFigures): string[] {
  const names = Object.keys(areas);
  const slices = Object.keys(areas.combined!);
  const line = (label: string, cells: readonly string[]) =>
    `${label.padEnd(56)}${cells.map((cell) => cell.padStart(13)).join('')}`;
  return [
    `${implants} implants, ${benign} benign: area under the ROC curve`,
    line('', names),
    ...slices.map((slice) =>
      line(
        slice,
        names.map((name) => areas[name]![slice]!.toFixed(4)),
      ),
    ),
    ...Object.entries(lonersAbove).map(
      ([than, share]) =>
        `${(100 * share).toFixed(0)} % of periodic benign software on one device scores above ${than}`,
    ),
  ];
}
