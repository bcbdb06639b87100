import { fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Order, Outcome } from './child.ts';
import type { Task } from './contender.ts';

/** Who is measured: a function of a module, on a task. */
export interface Entry {
  readonly label: string;
  /** The module's URL, and the function in it. */
  readonly module: URL;
  readonly name: string;
  readonly task: Task;
}

/** What the rounds came to. Medians; times in milliseconds, memory in bytes; `walls` are the rounds as they came. */
export interface Measured {
  readonly label: string;
  readonly status: 'measured';
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
  readonly rows: number;
  readonly through: { readonly rows: number; readonly bytes: number };
  readonly parts: Readonly<Record<string, number>>;
  readonly walls: readonly number[];
}

/** Why there is no time: the peer is not installed, it failed, its rows were others, or it was given up as too slow. */
export type Unmeasured =
  | {
      readonly label: string;
      readonly status: 'not measured' | 'failed' | 'other rows';
      readonly why: string;
    }
  | { readonly label: string; readonly status: 'given up'; readonly why: string; readonly after: number };

export interface MeasureOptions {
  readonly rounds: number;
  /** Milliseconds after which a run is ended. */
  readonly patience: number;
  /** Contenders need not agree on their rows (they do different things). */
  readonly apart?: boolean;
}

/**
 * Runs the contenders side by side: one round to warm up, then `rounds` in which each has its turn, every run in a
 * process of its own. The first entry's rows are what the others must give; no time counts of one that differs.
 */
export async function measure(
  entries: readonly Entry[],
  options: MeasureOptions,
): Promise<(Measured | Unmeasured)[]> {
  const runs = new Map<Entry, Outcome[]>();
  const out = new Map<Entry, Unmeasured>();
  let expected: string | undefined;
  for (let round = 0; round <= options.rounds; round++) {
    for (const entry of round % 2 === 0 ? entries : [...entries].reverse()) {
      if (out.has(entry)) continue;
      const outcome = await runOnce(entry, options.patience);
      if (outcome.kind === 'ran' && entry === entries[0]) expected ??= outcome.digest;
      const problem = problemOf(entry, outcome, options.apart ? undefined : expected);
      if (problem !== undefined) out.set(entry, problem);
      else if (round > 0) runs.set(entry, [...(runs.get(entry) ?? []), outcome]);
    }
  }
  return entries.map((entry) => out.get(entry) ?? summary(entry.label, runs.get(entry) ?? []));
}

function problemOf({ label }: Entry, outcome: Outcome, expected: string | undefined): Unmeasured | undefined {
  if (outcome.kind === 'missing') return { label, status: 'not measured', why: outcome.missing };
  if (outcome.kind === 'late') {
    const why = `not done after ${Math.round(outcome.after / 1000)} s`;
    return { label, status: 'given up', why, after: outcome.after };
  }
  if (outcome.kind === 'failed') return { label, status: 'failed', why: outcome.error };
  if (expected !== undefined && outcome.digest !== expected) {
    return { label, status: 'other rows', why: `${outcome.rows} rows, not those of the first` };
  }
  return undefined;
}

/** Ends the child, by the handle of the process that was started here, when it takes too long. */
function runOnce({ module, name, task }: Entry, patience: number): Promise<Outcome> {
  const child = fork(fileURLToPath(new URL(`./child${extname(import.meta.url)}`, import.meta.url)));
  return new Promise((resolve) => {
    let outcome: Outcome | undefined;
    const late = setTimeout(() => {
      outcome = { kind: 'late', after: patience };
      child.kill('SIGKILL');
    }, patience);
    child.once('message', (said: Outcome) => {
      outcome = said;
    });
    child.once('exit', (code, signal) => {
      clearTimeout(late);
      resolve(outcome ?? { kind: 'failed', error: `ended by ${signal ?? `exit code ${code}`}` });
    });
    child.once('error', (cause) => {
      clearTimeout(late);
      resolve({ kind: 'failed', error: `did not start: ${cause.message}` });
    });
    child.send({ module: module.href, name, task } satisfies Order);
  });
}

function summary(label: string, outcomes: readonly Outcome[]): Measured {
  const runs = outcomes.filter((outcome) => outcome.kind === 'ran');
  const parts = Object.keys(runs[0]!.parts).map((part) => [
    part,
    median(runs.map((run) => run.parts[part]!)),
  ]);
  return {
    label,
    status: 'measured',
    wall: median(runs.map(({ wall }) => wall)),
    cpu: median(runs.map(({ cpu }) => cpu)),
    memory: median(runs.map(({ memory }) => memory)),
    rows: runs[0]!.rows,
    through: runs[0]!.through,
    parts: Object.fromEntries(parts) as Record<string, number>,
    walls: runs.map(({ wall }) => wall),
  };
}

/** Runs each once and says what is wrong, if anything: the rows of all must be those of the first. */
export async function disagreement(entries: readonly Entry[], patience: number): Promise<string | undefined> {
  let expected: string | undefined;
  for (const entry of entries) {
    const outcome = await runOnce(entry, patience);
    if (outcome.kind === 'ran') expected ??= outcome.digest;
    const problem = problemOf(entry, outcome, expected);
    if (problem !== undefined) return `${problem.label}: ${problem.why}`;
  }
  return undefined;
}

/** The middle value; of an even number, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}
