import { entry } from '../contenders/contenders.ts';
import { measure } from '../measure.ts';
import { type Question, ratio, ratios } from '../question.ts';

/** Rows a second that one may expect of 2 cores. */
const WANTED = 15e6;

export const billion: Question = {
  name: 'billion',
  asks: 'How long do 10⁹ rows take in 2 GB of memory, and are the findings those of unlimited memory?',
  async run(bench) {
    const lake = await bench.lake('billion', bench.sizes.rows.billion);
    const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
    const limited = entry('hunt', { ...task, memory: '2GB' }, 'hunt in 2GB');
    const results = await measure([entry('hunt', task), limited], bench);
    const compared = ratios(ratio(results, 'hunt in 2GB', 'hunt'));
    const within = results.find(({ label }) => label === 'hunt in 2GB');
    const speed = within?.status === 'measured' ? lake.rows / (within.wall / 1000) : Number.NaN;
    const figures = { 'rows a second in 2GB': speed, 'rows a second wanted': WANTED };
    return [{ on: lake.title, rows: lake.rows, results, ratios: compared, figures }];
  },
};
