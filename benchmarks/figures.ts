import { readFile, writeFile } from 'node:fs/promises';
import type { Measured, Unmeasured } from './measure.ts';
import { projectPath } from './project.ts';
import type { Ratio } from './question.ts';
import { type Asked, type Results, readResults } from './results.ts';

const BEGIN = '<!-- figures: npm run bench -- --show -->';
const END = '<!-- end of figures -->';

/** Writes the figures between their marks in the project's READMEs, where these have them; gives their paths. */
export async function writeFigures(results: string): Promise<string[]> {
  const figures = figuresMarkdown(await readResults(results));
  const written: string[] = [];
  for (const path of [projectPath('README.md'), projectPath('benchmarks', 'README.md')]) {
    const text = await readFile(path, 'utf8');
    const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
    if (begin < 0 || end < begin) continue;
    await writeFile(path, `${text.slice(0, begin + BEGIN.length)}\n\n${figures}\n${text.slice(end)}`);
    written.push(path);
  }
  return written;
}

/** results.json as Markdown: a table for each question, under it what it was measured on. The same results, the same text. */
export function figuresMarkdown({ questions }: Results): string {
  return Object.entries(questions)
    .map(([, asked]) => section(asked))
    .join('\n');
}

function section({ asks, machine, measured, rounds, comparisons }: Asked): string {
  const rows = comparisons.flatMap(({ on, results, ratios }) =>
    results.map((result) => `| ${on} | ${result.label} | ${cells(result, ratios)} |`),
  );
  const figures = comparisons.flatMap(({ figures = {} }) =>
    Object.entries(figures).map(([name, value]) => `${name}: ${number(value)}`),
  );
  return [
    `**${asks}**`,
    '',
    '| lake | who | time | processor time | memory | against |',
    '|---|---|---:|---:|---:|---|',
    ...rows,
    '',
    ...(figures.length === 0 ? [] : [`${figures.join('; ')}.`, '']),
    `Medians of ${rounds} rounds on ${machine.cores} cores of ${machine.processor}, ${machine.memoryGB} GB, ${machine.system}, node ${machine.node}, DuckDB ${machine.duckdb}, ${measured}.`,
    '',
  ].join('\n');
}

function cells(result: Measured | Unmeasured, ratios: readonly Ratio[]): string {
  const against = ratios.filter(({ of }) => of === result.label).map(ratioText);
  if (result.status !== 'measured') return `${result.status}: ${result.why} | | | ${against.join(', ')}`;
  const { wall, cpu, memory } = result;
  return `${seconds(wall)} | ${seconds(cpu)} | ${Math.round(memory / 1e6)} MB | ${against.join(', ')}`;
}

function ratioText({ to, wall, atLeast }: Ratio): string {
  return `${atLeast ? 'over ' : ''}${wall.toPrecision(3)} × ${to}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toPrecision(3)} s`;
}

function number(value: number): string {
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(value);
}
