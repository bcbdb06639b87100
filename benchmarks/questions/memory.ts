import { entry } from '../contenders/contenders.ts';
import { measure } from '../measure.ts';
import { type Question, ratio, ratios } from '../question.ts';

const LIMITS = ['8GB', '2GB', '512MB'] as const;

export const memory: Question = {
  name: 'memory',
  asks: 'What does the hunt cost when it may use less memory?',
  async run(bench) {
    const lake = await bench.lake('year', bench.sizes.memory);
    const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
    const entries = LIMITS.map((limit) => entry('hunt', { ...task, memory: limit }, `hunt in ${limit}`));
    const results = await measure(entries, bench);
    const [most, ...less] = entries.map(({ label }) => label);
    const compared = less.map((label) => ratio(results, label, most!));
    return [{ on: lake.title, rows: lake.rows, results, ratios: ratios(...compared) }];
  },
};
