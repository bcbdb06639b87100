import { entry } from '../contenders/contenders.ts';
import { firstDays } from '../lake.ts';
import { type Measured, measure } from '../measure.ts';
import type { Comparison, Question } from '../question.ts';

const TIMES = [1, 2, 4, 8] as const;

export const growth: Question = {
  name: 'growth',
  asks: 'Does twice the history take twice the time?',
  async run(bench) {
    const whole = await bench.lake('year', bench.sizes.growth);
    const comparisons: Comparison[] = [];
    for (const times of TIMES) {
      const lake = times === 8 ? whole : await firstDays(whole, Math.round((365 * times) / 8));
      const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
      const results = await measure([entry('hunt', task, `hunt, ${times}×`)], bench);
      comparisons.push({ on: lake.title, rows: lake.rows, results, ratios: [] });
    }
    return [...comparisons.slice(0, -1), withGrowth(comparisons)];
  },
};

/** Adds to the last of them how all of them grow. */
function withGrowth(comparisons: readonly Comparison[]): Comparison {
  const last = comparisons.at(-1)!;
  const points = comparisons.flatMap(({ rows, results }) =>
    results.filter((result) => result.status === 'measured').map((result) => ({ rows, result })),
  );
  if (points.length < TIMES.length) return last;
  return {
    ...last,
    figures: {
      'slope of wall time': slope(points.map(({ rows, result }) => [rows, result.wall])),
      'slope of processor time': slope(points.map(({ rows, result }) => [rows, result.cpu])),
      'time per row, 8× to 1×': perRow(points.at(-1)!) / perRow(points[0]!),
    },
  };
}

function perRow({ rows, result }: { rows: number; result: Measured }): number {
  return result.wall / rows;
}

/** Of the line that fits best through the points, least squares, both axes logarithmic: 1 where time grows as rows do. */
export function slope(points: readonly (readonly [rows: number, time: number])[]): number {
  const logs = points.map(([rows, time]) => [Math.log(rows), Math.log(time)] as const);
  const mean = (axis: 0 | 1) => logs.reduce((sum, point) => sum + point[axis], 0) / logs.length;
  const [x, y] = [mean(0), mean(1)];
  const together = logs.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return together / logs.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
