import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Answer } from '../contender.ts';
import { median } from '../measure.ts';
import { projectPath, translate } from '../project.ts';

const DETECTION = 'sql/detections/t1573.001/symmetric-cryptography-c2.kql';

/** What `now()` gives: every run is to print the same SQL. */
const AT = { now: new Date('2026-01-01') };

/**
 * Translating, nothing run. `parts.first` is the first query of the process and loads the parser; `median` and
 * `p95` are of every query that the project has, when all code has run before.
 */
export async function translating(): Promise<Answer> {
  const queries = projectQueries();
  const first = timed(() => translate(readFileSync(projectPath(DETECTION), 'utf8'), AT));
  const outputs = queries.map((query) => translate(query, AT).sql);
  const times = queries.map((query) => timed(() => translate(query, AT)));
  times.sort((one, other) => one - other);
  return {
    rows: outputs,
    parts: { first, median: median(times), p95: times[Math.ceil(times.length * 0.95) - 1]! },
  };
}

/** The detections' KQL, and the queries of the test cases. */
function projectQueries(): string[] {
  const detections = projectPath('sql', 'detections', 't1573.001');
  const cases = projectPath('test', 'kql', 'cases');
  return [
    ...files(detections, '.kql'),
    ...files(cases, '.yaml').flatMap((text) =>
      (parse(text) as { query: string }[]).map(({ query }) => query),
    ),
  ];
}

function files(folder: string, ending: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
}

function timed(work: () => unknown): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
