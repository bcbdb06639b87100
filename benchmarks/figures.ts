import { readFile, writeFile } from 'node:fs/promises';
import type { Measured, Unmeasured } from './measure.ts';
import { projectPath } from './project.ts';
import type { Comparison, Ratio } from './question.ts';
import { type Asked, type Results, readResults } from './results.ts';

const BEGIN = '<!-- figures: npm run bench -- --show -->';
const END = '<!-- end of figures -->';

/** The READMEs with figures in them, and what each says of the results. */
const READMES = [
  { path: 'README.md', write: headlines },
  { path: 'benchmarks/README.md', write: figuresMarkdown },
] as const;

/** Writes the figures between their marks in the project's READMEs; gives the paths of these. */
export async function writeFigures(results: string): Promise<string[]> {
  const read = await readResults(results);
  const written: string[] = [];
  for (const { path, write } of READMES) {
    const file = projectPath(path);
    await writeFile(file, withFigures(await readFile(file, 'utf8'), write(read)));
    written.push(file);
  }
  return written;
}

/** The READMEs that do not say what results.json says, as `npm run bench -- --show` would make them. */
export async function outdatedReadmes(results: string): Promise<string[]> {
  const read = await readResults(results);
  const outdated: string[] = [];
  for (const { path, write } of READMES) {
    const text = await readFile(projectPath(path), 'utf8');
    if (withFigures(text, write(read)) !== text) outdated.push(path);
  }
  return outdated;
}

function withFigures(text: string, figures: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`no ${BEGIN} … ${END} in it`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${figures}\n${text.slice(end)}`;
}

/** A line for each lake of each question, then the plots. */
export function headlines({ questions }: Results): string {
  const lines = Object.values(questions).flatMap(({ asks, comparisons }) =>
    comparisons.map((comparison, index) => `| ${index === 0 ? asks : ''} | ${headline(comparison)} |`),
  );
  const plots = Object.entries(questions).flatMap(([name, { asks, comparisons }]) => [
    `![${asks}](benchmarks/plots/${name}.svg)`,
    ...(comparisons.some(({ curves }) => curves !== undefined)
      ? [`![ROC curves](benchmarks/plots/${name}-roc.svg)`]
      : []),
  ]);
  return [
    '| | on | time and memory | |',
    '|---|---|---|---|',
    ...lines,
    '',
    ...mediansOf(questions),
    '',
    ...plots.flatMap((plot) => [plot, '']),
  ].join('\n');
}

/** Where and when it was measured; with the questions, where that is not the same for all. A paragraph each. */
function mediansOf(questions: Results['questions']): string[] {
  const names = new Map<string, string[]>();
  for (const [name, asked] of Object.entries(questions)) {
    const where = measuredOn(asked);
    names.set(where, [...(names.get(where) ?? []), name]);
  }
  if (names.size === 1) return [...names.keys()].map((where) => `Medians ${where}.`);
  return [...names].flatMap(([where, asked]) => [`Medians ${where}: ${asked.join(', ')}.`, '']).slice(0, -1);
}

/** What the first contender took, and how many times as much the others. */
function headline({ on, results, ratios, figures = {} }: Comparison): string {
  const ours = results.find(({ label }) => /^(hunt|beacons)/.test(label)) ?? results[0];
  const took =
    ours === undefined
      ? ''
      : ours.status === 'measured'
        ? `${seconds(ours.wall)}, ${Math.round(ours.memory / 1e6)} MB`
        : `${ours.status}: ${ours.why}`;
  const against = ratios.map((each) => `${each.of}: ${ratioText(each)}`);
  const unmeasured = results
    .filter((each) => each.status !== 'measured' && each.status !== 'given up')
    .map(({ label, status }) => `${label}: ${status}`);
  const more = Object.entries(figures).map(([name, value]) => `${name}: ${number(value)}`);
  return `${on} | ${took} | ${[...against, ...unmeasured, ...more].join('; ')}`;
}

function measuredOn({ rounds, machine, measured }: Asked): string {
  const { cores, processor, memoryGB, system, node, duckdb } = machine;
  return `of ${rounds} rounds on ${cores} cores of ${processor}, ${memoryGB} GB, ${system}, node ${node}, DuckDB ${duckdb}, ${measured}`;
}

/** results.json as Markdown: a table for each question, under it what it was measured on. The same results, the same text. */
export function figuresMarkdown({ questions }: Results): string {
  return Object.values(questions).map(section).join('\n');
}

function section(asked: Asked): string {
  const { asks, comparisons } = asked;
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
    `Medians ${measuredOn(asked)}.`,
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
  return Math.abs(value) >= 1000
    ? Math.round(value).toLocaleString('en-US')
    : String(Number(value.toPrecision(4)));
}
