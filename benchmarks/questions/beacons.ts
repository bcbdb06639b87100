import { telemetryKeys } from '../beacons/telemetry.ts';
import { ALL_KEYS, figureLines, judgeBeacons } from '../beacons.ts';
import { entry } from '../contenders/contenders.ts';
import { measure } from '../measure.ts';
import { type Bench, type Comparison, type Question, ratio, ratios } from '../question.ts';

/** How many times as much as reading its columns the analysis may cost. */
const WANTED = 2.5;

export const beacons: Question = {
  name: 'beacons',
  asks: 'Does BeaconScore tell implants from everything else, and what does it cost beyond reading?',
  async run(bench) {
    return [await cost(bench), await ranking(bench)];
  },
};

async function cost(bench: Bench): Promise<Comparison> {
  const lake = await bench.lake('office', bench.sizes.rows.office);
  const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp, memory: '4GB' };
  const entries = [entry('bare scan for beacons', task), entry('beacons', task)];
  const results = await measure(entries, { ...bench, apart: true });
  const times = ratio(results, 'beacons', 'bare scan for beacons', WANTED);
  return {
    on: `the connections of ${lake.title}, in 4GB`,
    rows: lake.rows / 2,
    results,
    ratios: ratios(times),
  };
}

/** Areas under the ROC curve; of the first score in all slices, of the others where it says most. */
async function ranking(bench: Bench): Promise<Comparison> {
  const real = await telemetryKeys(ALL_KEYS);
  if (real === undefined) bench.say('  real telemetry is not here: its keys are not among the benign ones');
  const found = await judgeBeacons(real);
  const named = Object.entries(found.areas).map(([score, slices]) => [
    `${score}, area under ROC`,
    slices.all!,
  ]);
  return {
    on: `${found.implants} implants among ${found.benign} benign actors`,
    rows: 0,
    results: [],
    ratios: [],
    figures: Object.fromEntries(named) as Record<string, number>,
    lines: figureLines(found),
    curves: found.curves,
  };
}
