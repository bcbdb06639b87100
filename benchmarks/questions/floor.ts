import { entry } from '../contenders/contenders.ts';
import { disagreement, measure } from '../measure.ts';
import { type Question, ratio, ratios } from '../question.ts';

/** What the hunt may cost beyond reading, by profile. */
const WANTED = { office: 1.1, year: 1.1, hot: 1.5, billion: 1.1 } as const;

export const floor: Question = {
  name: 'floor',
  asks: 'What does the hunt cost beyond reading what it must read?',
  async run(bench) {
    const comparisons = [];
    for (const profile of bench.profiles) {
      const lake = await bench.lake(profile, bench.sizes.rows[profile]);
      const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
      const [hunt, scan] = [entry('hunt', task), entry('bare scan', task)];
      // The scan must let through as many rows as the hunt's own filters do.
      const wrong = await disagreement([entry('stages of the hunt', task), scan], bench.patience);
      if (wrong !== undefined) throw new Error(`${lake.title}: ${wrong}`);
      const results = await measure([scan, hunt], { ...bench, apart: true });
      const cost = ratio(results, 'hunt', 'bare scan', WANTED[profile]);
      comparisons.push({ on: lake.title, rows: lake.rows, results, ratios: ratios(cost) });
    }
    return comparisons;
  },
};
