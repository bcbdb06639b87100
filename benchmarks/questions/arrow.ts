import { entry } from '../contenders/contenders.ts';
import { type Measured, measure, type Unmeasured } from '../measure.ts';
import type { Question } from '../question.ts';

export const arrow: Question = {
  name: 'arrow',
  asks: 'How fast do rows leave as Arrow, and come in?',
  async run(bench) {
    const lake = await bench.lake('office', bench.sizes.arrow);
    const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
    const results = await measure([entry('Arrow out', task), entry('Arrow in', task)], bench);
    return [
      {
        on: `the connections of ${lake.title}`,
        rows: bench.sizes.arrow,
        results,
        ratios: [],
        figures: { ...speeds(results, 'Arrow out', 'out'), ...speeds(results, 'Arrow in', 'in') },
      },
    ];
  },
};

function speeds(
  results: readonly (Measured | Unmeasured)[],
  label: string,
  part: string,
): Record<string, number> {
  const result = results.find((each) => each.label === label);
  if (result?.status !== 'measured') return {};
  const seconds = result.parts[part]! / 1000;
  return {
    [`${label}, rows a second`]: result.through.rows / seconds,
    [`${label}, bytes a second`]: result.through.bytes / seconds,
  };
}
