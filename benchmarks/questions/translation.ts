import { entry } from '../contenders/contenders.ts';
import { measure } from '../measure.ts';
import { type Bench, type Comparison, type Question, ratio, ratios } from '../question.ts';

export const translation: Question = {
  name: 'translation',
  asks: 'What does KQL cost: to translate a query, and to run the detection from it instead of from its SQL?',
  async run(bench) {
    return [await translating(bench), await running(bench)];
  },
};

async function translating(bench: Bench): Promise<Comparison> {
  const task = { lake: '', threads: bench.threads, temp: bench.temp };
  const results = await measure([entry('translating', task)], bench);
  const parts = results[0]?.status === 'measured' ? results[0].parts : {};
  const figures = {
    'first query of a process, ms': parts.first ?? Number.NaN,
    'warm, median, ms': parts.median ?? Number.NaN,
    'warm, median wanted at most, ms': 15,
    'warm, 95th percentile, ms': parts.p95 ?? Number.NaN,
  };
  return { on: "the project's own queries", rows: 0, results, ratios: [], figures };
}

async function running(bench: Bench): Promise<Comparison> {
  const lake = await bench.lake('office', bench.sizes.rows.office);
  const task = { lake: lake.folder, threads: bench.threads, temp: bench.temp };
  const results = await measure([entry('detection in SQL', task), entry('detection in KQL', task)], bench);
  const cost = ratio(results, 'detection in KQL', 'detection in SQL', 1.5);
  return { on: lake.title, rows: lake.rows, results, ratios: ratios(cost) };
}
