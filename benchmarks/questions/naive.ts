import { entry } from '../contenders/contenders.ts';
import { measure } from '../measure.ts';
import { type Question, ratio, ratios } from '../question.ts';

export const naive: Question = {
  name: 'naive',
  asks: 'What would the same detection cost as one writes it down: an inner join, then a filter on time?',
  async run(bench) {
    const comparisons = [];
    for (const profile of bench.profiles) {
      const lake = await bench.lake(profile, bench.sizes.rows[profile]);
      const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
      const results = await measure([entry('hunt', task), entry('naive join', task)], bench);
      comparisons.push({
        on: lake.title,
        rows: lake.rows,
        results,
        ratios: ratios(ratio(results, 'naive join', 'hunt')),
      });
    }
    return comparisons;
  },
};
