import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { outdatedReadmes } from '../../benchmarks/figures.ts';
import { projectPath } from '../../benchmarks/project.ts';
import { QUESTIONS } from '../../benchmarks/questions/questions.ts';
import { readResults } from '../../benchmarks/results.ts';

const RESULTS = projectPath('benchmarks', 'results.json');

describe('the figures that are published', () => {
  test('are those of results.json, in both READMEs', async () => {
    expect(await outdatedReadmes(RESULTS)).toEqual([]);
  });

  test('answer questions that are asked, with a plot of each that shows the same times', async () => {
    const { questions } = await readResults(RESULTS);
    const known = QUESTIONS.map(({ name }) => name);
    expect(Object.keys(questions).length).toBeGreaterThan(0);
    expect(Object.keys(questions).filter((name) => !known.includes(name))).toEqual([]);
    for (const [name, { comparisons }] of Object.entries(questions)) {
      const plot = await readFile(projectPath('benchmarks', 'plots', `${name}.svg`), 'utf8');
      const times = comparisons.flatMap(({ results }) =>
        results.flatMap((result) => (result.status === 'measured' ? [result.wall] : [])),
      );
      expect(times.length).toBeGreaterThan(0);
      for (const wall of times) expect(plot).toContain(`${(wall / 1000).toPrecision(3)} s`);
    }
  });

  test('say that no contender gave other rows', async () => {
    const { questions } = await readResults(RESULTS);
    const all = Object.values(questions).flatMap(({ comparisons }) =>
      comparisons.flatMap(({ results }) => results),
    );
    expect(all.filter(({ status }) => status === 'other rows' || status === 'failed')).toEqual([]);
  });
});
