/**
 * Asks the questions of `questions/` and answers each with a ratio, measured side by side.
 *
 *   npm run bench -- --quick                       everything, small, in under 3 minutes on 2 cores
 *   npm run bench -- --full                        everything, large: hours, and 40 GB of disk
 *   npm run bench -- --profile year --size 5M      the hunt on one lake: against the floor, against the naive join
 *
 *   npm run bench -- beacons                       one question, or several by their names
 *   npm run bench -- --show                        results.json as plots, and as figures in the READMEs
 *
 * Also: --only floor,peers  --rounds 5  --threads 2  --lakes DIR  --patience SECONDS  --out FILE
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ScaleProfile } from '../src/sample/scale/scale.ts';
import { questionsAsked } from './asked.ts';
import { writeFigures } from './figures.ts';
import { benchLake } from './lake.ts';
import { projectPath } from './project.ts';
import type { Bench } from './question.ts';
import { reportLines } from './report.ts';
import { keep } from './results.ts';
import { FULL, ofSize, parseSize, QUICK } from './sizes.ts';

const OPTIONS = {
  allowPositionals: true,
  options: {
    quick: { type: 'boolean' },
    full: { type: 'boolean' },
    profile: { type: 'string' },
    size: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: String(availableParallelism()) },
    patience: { type: 'string' },
    lakes: { type: 'string', default: join(tmpdir(), 'merganser-bench-lakes') },
    out: { type: 'string' },
    show: { type: 'boolean' },
  },
} as const;

const { values: flags, positionals } = asked();

const RESULTS = projectPath('benchmarks', 'results.json');

try {
  await main();
} catch (error) {
  const { message, hint } = error as Error & { hint?: string };
  process.stderr.write(`error: ${message}${hint === undefined ? '' : `\n  ${hint}`}\n`);
  process.exitCode = 1;
}

/** What the command line asks; where it is wrong, what it may say. */
function asked() {
  try {
    return parseArgs(OPTIONS);
  } catch (error) {
    const known = Object.keys(OPTIONS.options).map((name) => `--${name}`);
    process.stderr.write(`error: ${(error as Error).message}\n  there are ${known.join(', ')}\n`);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  if (flags.show) return show(flags.out ?? RESULTS);
  const size = flags.full ? 'full' : flags.size === undefined ? 'quick' : 'custom';
  const path = flags.out ?? (size === 'full' ? RESULTS : undefined);
  const questions = questionsAsked([...positionals, ...(flags.only?.split(',') ?? [])], flags);
  await mkdir(flags.lakes, { recursive: true });
  const temp = await mkdtemp(join(flags.lakes, '.temp-'));
  const started = performance.now();
  try {
    const bench = makeBench(size, temp);
    for (const { name, asks, run } of questions) {
      bench.say(`${name}: ${asks}`);
      const comparisons = await run(bench);
      for (const line of comparisons.flatMap(reportLines)) bench.say(line);
      if (path !== undefined) {
        await keep(path, name, { asks, size, rounds: bench.rounds, threads: bench.threads, comparisons });
      }
      if (comparisons.some(({ results }) => results.some(({ status }) => status === 'other rows'))) {
        process.exitCode = 1;
      }
    }
  } finally {
    await rm(temp, { recursive: true, force: true });
  }
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0)} s in all\n`);
}

async function show(results: string): Promise<void> {
  const { drawPlots } = await import('./plots/draw.ts');
  const changed = [...(await drawPlots(results)), ...(await writeFigures(results))];
  process.stdout.write(`${changed.join('\n')}\n`);
}

function makeBench(size: 'quick' | 'full' | 'custom', temp: string): Bench {
  const sizes = size === 'full' ? FULL : size === 'quick' ? QUICK : ofSize(rowsAsked());
  const say = (line: string) => {
    process.stdout.write(`${line}\n`);
  };
  return {
    sizes,
    rounds: Number(flags.rounds),
    threads: Number(flags.threads),
    patience: 1000 * Number(flags.patience ?? (size === 'quick' ? 60 : 600)),
    temp,
    lakes: flags.lakes,
    profiles: flags.profile === undefined ? ['office', 'year', 'hot'] : [flags.profile as ScaleProfile],
    say,
    lake: (profile, rows) =>
      benchLake(
        flags.lakes,
        profile === 'hot' ? { profile, rows, hotEvents: sizes.hotEvents } : { profile, rows },
        say,
      ),
  };
}

function rowsAsked(): number {
  const rows = parseSize(flags.size!);
  if (rows === undefined) throw new Error(`--size ${flags.size}: give a number of rows such as 500k or 40M`);
  return rows;
}
