/** Series taken apart and scored: the engine's own answers, and random series against a plain reading of the pages. */
import { existsSync, readFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { runs } from '../runs.ts';
import { openEngine, rowsOf, translate } from './engine.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
});

const run = (query: string): Promise<unknown[][]> => rowsOf(connection, query);
const literal = (series: unknown): string => `dynamic(${JSON.stringify(series)})`;

function expectClose(found: unknown, expected: unknown): void {
  expect(found).toHaveLength((expected as number[]).length);
  (expected as number[]).forEach((value, i) => {
    expect((found as number[])[i]).toBeCloseTo(value, 9);
  });
}

const ANSWERS = new URL('../../../shared/kql/conformance/docs.jsonl', import.meta.url);

/**
 * The queries make random series and leave the period to the engine; but the answers have the series, and a period of 168 hours.
 * Flags are drawn ten times as large.
 */
describe.skipIf(!existsSync(ANSWERS))('what the engine made of a series (needs ../shared/kql)', () => {
  test.each([
    ['series-decompose-function-00', 'series_decompose(y, 168)', 1],
    ['series-decompose-function-01', "series_decompose(y, 168, 'avg', 0, 0.6)", 1],
    ['series-decompose-anomalies-function-01', 'series_decompose_anomalies(y, 1.5, 168)', 10],
    ['series-decompose-anomalies-function-03', "series_decompose_anomalies(y, 2.5, 168, 'linefit')", 10],
    ['series-decompose-forecast-function-00', 'y_forcasted = series_decompose_forecast(y, 24 * 7, 168)', 1],
  ])('%s: %s', async (id, call, drawn) => {
    const line = readFileSync(ANSWERS, 'utf8')
      .split('\n')
      .find((each) => each.includes(`"id": "${id}"`))!;
    const { columns, rows } = (JSON.parse(line) as { expected: { columns: string[]; rows: unknown[][] } })
      .expected;
    const answer = Object.fromEntries(columns.map((name, i) => [name, rows[0]![i] as number[]]));
    const given = columns.filter((name) => name !== 'y' && name !== 'Timestamp');
    const [found] = await run(
      `print y = ${literal(answer.y)} | extend ${call} | project ${given.join(', ')}`,
    );
    given.forEach((name, i) => {
      const scale = name.endsWith('ad_flag') ? drawn : 1;
      expectClose(
        found![i],
        answer[name]!.map((value) => value / scale),
      );
    });
  });
});

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Between the two values that a quantile lies between, on a line. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  return below + (at % 1) * (sorted[Math.ceil(at)]! - below);
}

interface Parts {
  readonly seasonal: readonly number[];
  readonly trend: readonly number[];
}

function partsOf(y: readonly number[], period: number, trend: string, tested: number): Parts {
  const learnt = y.slice(0, y.length - tested);
  const seasonal = y.map((_, i) =>
    period === 0
      ? 0
      : quantile(
          learnt.filter((__, j) => j % period === i % period),
          0.5,
        ),
  );
  const rest = learnt.map((value, i) => value - seasonal[i]!);
  const middle = mean(rest.map((_, i) => i));
  const slope =
    trend === 'linefit'
      ? mean(rest.map((value, i) => (value - mean(rest)) * (i - middle))) /
        mean(rest.map((_, i) => (i - middle) ** 2))
      : 0;
  const line = (i: number): number => mean(rest) + slope * (i - middle);
  return { seasonal, trend: y.map((_, i) => (trend === 'none' ? 0 : line(i))) };
}

/** Undefined where the ordinary values are all one, and others are not. */
function scoresOf(values: readonly (number | null)[], method: string): number[] | undefined {
  const known = values.filter((value) => value !== null);
  const [low, high] = (method === 'tukey' ? [0.25, 0.75] : [0.1, 0.9]).map((share) => quantile(known, share));
  const beyond = values.map((x) => (x === null ? 0 : x > high! ? x - high! : x < low! ? x - low! : 0));
  if (low === high && beyond.some((x) => x !== 0)) return undefined;
  const factor = method === 'tukey' ? 1 : 2.772605605507915;
  return beyond.map((x) => (x === 0 ? 0 : (x / (high! - low!)) * factor));
}

const value = fc.integer({ min: -400, max: 400 }).map((n) => n / 8);
const TRENDS = fc.constantFrom('avg', 'linefit', 'none');

test('random series have the parts, the forecast and the flags that a plain reading gives', async () => {
  const drawn = fc.record({
    y: fc.array(value, { minLength: 14, maxLength: 40 }),
    period: fc.integer({ min: 0, max: 6 }),
    trend: TRENDS,
    tested: fc.integer({ min: 0, max: 7 }),
    threshold: fc.constantFrom(0.5, 1.5, 3),
    method: fc.constantFrom('ctukey', 'tukey'),
  });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ y, period, trend, tested, threshold, method }) => {
      const { seasonal, trend: line } = partsOf(y, period, trend, tested);
      const baseline = seasonal.map((part, i) => part + line[i]!);
      const residual = y.map((x, i) => x - baseline[i]!);
      const [found] = await run(
        `print y = ${literal(y)} | project series_decompose(y, ${period}, '${trend}', ${tested}), series_decompose_forecast(y, ${tested}, ${period}, '${trend}')`,
      );
      [baseline, seasonal, line, residual, baseline].forEach((part, i) => {
        expectClose(found![i], part);
      });
      const scores = scoresOf(residual, method);
      if (scores === undefined || scores.some((score) => Math.abs(Math.abs(score) - threshold) < 1e-9))
        return;
      const [scored] = await run(
        `print y = ${literal(y)} | project series_decompose_anomalies(y, ${threshold}, ${period}, '${trend}', ${tested}, '${method}')`,
      );
      expect(scored![0]).toEqual(
        scores.map((score) => (score > threshold ? 1 : score < -threshold ? -1 : 0)),
      );
      expectClose(scored![1], scores);
      expectClose(scored![2], baseline);
    }),
    { numRuns: runs(100) },
  );
});

test('random series have the scores that a plain reading gives, gaps and what is ignored have none', async () => {
  const drawn = fc.record({
    y: fc.array(fc.option(value), { minLength: 1, maxLength: 30 }).filter((y) => y.some((x) => x !== null)),
    method: fc.constantFrom('ctukey', 'tukey'),
    ignored: fc.option(value),
  });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ y, method, ignored }) => {
      const counted = y.map((x) => (x === ignored ? null : x));
      const scores = counted.some((x) => x !== null) ? scoresOf(counted, method) : y.map(() => 0);
      const query = `print y = ${literal(y)} | project o = series_outliers(y, '${method}', ${ignored ?? 'double(null)'})`;
      if (scores === undefined) await expect(run(query)).rejects.toThrow('no range to score the others by');
      else expectClose((await run(query))[0]![0], scores);
    }),
    { numRuns: runs(200) },
  );
});

test.each([
  [
    'print series_decompose(dynamic([1, null, 3, 4]), 2)',
    'a series with gaps cannot be decomposed: fill them first',
  ],
  ['print series_decompose(dynamic([1, "2", 3, 4]), 2)', 'a series with gaps cannot be decomposed'],
  [
    'print f = series_decompose_forecast(dynamic([1, 2, 3, 4]), 2, 3)',
    'a series of 4 points, less 2 that are not learnt from, cannot be decomposed with a period of 3',
  ],
  [
    "print series_decompose(dynamic([1]), 0, 'linefit')",
    'cannot be decomposed with a period of 0 and a trend of linefit',
  ],
  [
    'print series_decompose_anomalies(dynamic([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]), 1.5, 0)',
    'has no range to score the others by',
  ],
])('what no page says is an error, not an answer: %s', async (query, said) => {
  await expect(run(query)).rejects.toThrow(said);
});

test('what is no array has no parts; an empty array has empty ones; one point is its own baseline', async () => {
  for (const series of ['dynamic(null)', 'dynamic({"a": 1})', 'dynamic(7)'])
    expect(await run(`print series_decompose(${series}, 2), o = series_outliers(${series})`)).toEqual([
      [null, null, null, null, null],
    ]);
  expect(await run('print series_decompose_anomalies(dynamic([]), 1.5, 2)')).toEqual([[[], [], []]]);
  expect(await run('print series_decompose_anomalies(dynamic([5]), 1.5, 0)')).toEqual([[[0], [0], [5]]]);
});

test('a value at the threshold is none beyond it, and a threshold may come with the data', async () => {
  // Ordinary from 1 to 4: the last lies 3 widths above, with `tukey`.
  const series = literal([1, 4, 1, 4, 1, 4, 1, 4, 13]);
  expect(
    await run(
      `print k = dynamic([2.9, 3.0]) | mv-expand k to typeof(real) | project (flag, score) = series_decompose_anomalies(${series}, k, 0, 'none', 0, 'tukey') | project flag[8], score[8]`,
    ),
  ).toEqual([
    [1, 3],
    [0, 3],
  ]);
});

test.each([
  ['series_decompose⟦⟧(s)', 'is to find the period by itself'],
  ['series_decompose(s, ⟦-1⟧)', 'is to find the period by itself'],
  ['(a, b) = series_decompose_anomalies(s, 1.5, ⟦-1⟧, "linefit")', 'is to find the period by itself'],
  ['f = series_decompose_forecast(s, 2, ⟦p⟧)', 'only a literal period'],
  ['f = series_decompose_forecast(s, ⟦p⟧, 2)', 'only a literal number of points'],
  ['f = series_decompose_forecast(s, ⟦-2⟧, 2)', 'only a literal number of points'],
  ['series_decompose(s, 2, ⟦"loess"⟧)', "only a literal 'avg', 'linefit', 'none'"],
  ['series_decompose_anomalies(s, 1.5, 2, "avg", 0, ⟦"mad"⟧)', "only a literal 'ctukey', 'tukey'"],
  ['o = series_outliers(s, "ctukey", 0, ⟦5⟧, 95)', 'percentiles of one’s own'],
])('is refused by name: %s', (marked, said) => {
  const [before, place, after] = marked.split(/[⟦⟧]/) as [string, string, string];
  const query = 'print s = dynamic([1, 2, 3, 4]), p = 2 | extend ';
  const { diagnostics } = translate(query + before + place + after);
  expect(diagnostics).toMatchObject([{ code: 'MG003', message: expect.stringContaining(said) }]);
  if (place !== '')
    expect(diagnostics).toMatchObject([{ start: (query + before).length, length: place.length }]);
});

test('a long series is no matter', async () => {
  const [row] = await run(`range t from 1 to 20000 step 1
| summarize y = make_list(hash(t, 1000) * 1.5)
| extend series_decompose_anomalies(y, 1.5, 168, 'linefit')
| project array_length(series_decompose_anomalies_y_ad_score)`);
  expect(row).toEqual([20000]);
});
