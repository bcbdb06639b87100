/**
 * Translates and runs every case of ../shared/kql/conformance and says how each compares with the real engine.
 * `npm run conformance -- [file] [--show] [--grep TEXT]`. Exits 1 on a wrong answer or a fall below the targets.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Translation } from '../../src/kql/translate.ts';
import { columnsDiffer, type Expected, rowsDiffer } from './compare.ts';
import { openEngine, runTranslation, translateFully } from './engine.ts';

interface Case {
  readonly id: string;
  readonly query: string;
  readonly expected?: Expected;
  readonly ordered?: boolean;
  readonly nondeterministic?: boolean;
}

interface Outcome {
  readonly case: Case;
  readonly verdict: 'match' | 'refused' | 'wrong';
  readonly why: string;
  /** The case needs 100 ns ticks, which the engine cannot hold. */
  readonly ticks: boolean;
}

const FOLDER = new URL('../../../shared/kql/conformance/', import.meta.url);
const TARGETS: Readonly<Record<string, number>> = { adversarial: 0.97, docs: 0.95, rejected: 80 / 92 };

async function outcomeOf(connection: DuckDBConnection, test: Case): Promise<Outcome> {
  const ticks = needsTicks(test);
  const done = (verdict: Outcome['verdict'], why: string): Outcome => ({ case: test, verdict, why, ticks });
  let translation: Translation;
  try {
    translation = await translateFully(connection, test.query);
  } catch (error) {
    return done('wrong', `CRASH ${(error as Error).stack?.split('\n').slice(0, 4).join(' ')}`);
  }
  const errors = translation.diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length)
    return done('refused', errors.map(({ code, message }) => `${code} ${message}`).join('; '));
  if (!test.expected) return done('wrong', 'the real engine refuses it');
  let rows: unknown[][];
  try {
    rows = await runTranslation(connection, translation);
  } catch (error) {
    return done('wrong', `ENGINE ${(error as Error).message.slice(0, 300)}`);
  }
  const columns = columnsDiffer(test.expected, translation.columns);
  if (columns) return done('wrong', columns);
  if (test.nondeterministic) return done('match', '');
  const sets = /_?set|bag_keys/.test(test.query);
  const difference = rowsDiffer(test.expected, rows, { ordered: test.ordered ?? false, sets });
  return difference ? done('wrong', difference) : done('match', '');
}

/** Only answers or literals with a seventh digit that is not 0. */
function needsTicks(test: Case): boolean {
  if (!test.expected) return false;
  return /:\d\d\.\d{6}[1-9]|\dticks?\b/.test(`${test.query} ${JSON.stringify(test.expected?.rows ?? '')}`);
}

async function main(): Promise<void> {
  if (!existsSync(FOLDER)) {
    console.log('conformance skipped: ../shared/kql is not here');
    return;
  }
  const args = process.argv.slice(2).filter((arg) => !arg.includes('conformance'));
  const only = args.find((arg) => arg in TARGETS);
  const show = args.includes('--show');
  const grep = args[args.indexOf('--grep') + 1];
  const connection = await openEngine();
  let failed = false;
  for (const [file, target] of Object.entries(TARGETS)) {
    if (only && only !== file) continue;
    const lines = readFileSync(new URL(`${file}.jsonl`, FOLDER), 'utf8')
      .split('\n')
      .filter(Boolean);
    const cases = lines
      .map((line) => JSON.parse(line) as Case)
      .filter((test) => file !== 'docs' || !/\bgeo_/.test(test.query))
      .filter((test) => !args.includes('--grep') || test.query.includes(grep!) || test.id.includes(grep!));
    const outcomes: Outcome[] = [];
    for (const test of cases) outcomes.push(await outcomeOf(connection, test));
    failed = summary(file, target, outcomes, show) || failed;
  }
  process.exitCode = failed ? 1 : 0;
}

function summary(file: string, target: number, outcomes: readonly Outcome[], show: boolean): boolean {
  const counted = outcomes.filter(({ ticks }) => !ticks);
  const count = (verdict: Outcome['verdict']): number =>
    counted.filter((outcome) => outcome.verdict === verdict).length;
  const [match, refused, wrong] = [count('match'), count('refused'), count('wrong')];
  const good = file === 'rejected' ? refused : match;
  const bad = file === 'rejected' ? 0 : wrong;
  const share = counted.length ? good / counted.length : 1;
  console.log(
    `${file}: ${counted.length} cases, match ${match}, refused ${refused}, wrong ${wrong} (${(share * 100).toFixed(1)} %, target ${(target * 100).toFixed(1)} %)`,
  );
  console.log(`  besides, ${outcomes.length - counted.length} that need 100 ns ticks`);
  perConstruct(counted, file);
  if (show) {
    for (const { case: test, verdict, why, ticks } of outcomes) {
      if (verdict !== (file === 'rejected' ? 'refused' : 'match'))
        console.log(
          `  ${ticks ? 'TICKS ' : ''}${verdict.toUpperCase()} ${test.id}\n    ${test.query.slice(0, 700).replaceAll('\n', '\n    ')}\n    -> ${why}`,
        );
    }
  }
  return bad > 0 || share < target;
}

function perConstruct(outcomes: readonly Outcome[], file: string): void {
  if (file === 'rejected') return;
  const tally = new Map<string, { match: number; refused: number; wrong: number }>();
  for (const { case: test, verdict } of outcomes) {
    for (const name of constructsOf(test.query)) {
      const entry = tally.get(name) ?? { match: 0, refused: 0, wrong: 0 };
      entry[verdict] += 1;
      tally.set(name, entry);
    }
  }
  const missing = [...tally].filter(([, { refused, wrong }]) => refused + wrong > 0).sort();
  for (const [name, { match, refused, wrong }] of missing)
    console.log(`  ${name}: match ${match}, refused ${refused}, wrong ${wrong}`);
}

function constructsOf(query: string): Set<string> {
  const bare = query.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""');
  const functions = [...bare.matchAll(/\b([a-z_0-9]+)\s*\(/g)].map((found) => `${found[1]}()`);
  const operators = [...bare.matchAll(/\|\s*([a-z-]+)/g)].map((found) => `| ${found[1]}`);
  return new Set([...functions, ...operators]);
}

await main();
