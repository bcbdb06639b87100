import { batchLake } from '../batch-lake.ts';
import { entry } from '../contenders/contenders.ts';
import { measure } from '../measure.ts';
import type { Comparison, Question } from '../question.ts';

export const batch: Question = {
  name: 'batch',
  asks: 'What does a batch cost beside the plain hunt, and what does it cost to run it again?',
  async run(bench) {
    const lake = await batchLake(bench.lakes, bench.sizes.batch);
    const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
    const entries = [entry('plain hunt', task), entry('batch', task, 'four runs of a batch')];
    const results = await measure(entries, bench);
    return [{ on: lake.title, rows: lake.rows, results, ratios: [], figures: figuresOf(results) }];
  },
};

/** How the batch's runs compare: the first with the plain hunt, all others with the first. */
function figuresOf([hunt, runs]: Comparison['results']): Record<string, number> {
  if (hunt?.status !== 'measured' || runs?.status !== 'measured') return {};
  const { first, ...rest } = runs.parts;
  const again = (name: string) => rest[name]! / first!;
  return {
    'first run to plain hunt, 1.15 wanted at most': first! / hunt.wall,
    'the same in processor time': rest['first, processor']! / hunt.cpu,
    'nothing new to first run, 0.02 wanted at most': again('nothing new'),
    'one new file to first run, 0.03 wanted at most': again('one new file'),
    'another window to first run, 0.03 wanted at most': again('another window'),
  };
}
