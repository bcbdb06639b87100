import { readFile, writeFile } from 'node:fs/promises';
import { type Machine, thisMachine } from './machine.ts';
import type { Comparison } from './question.ts';

/** results.json: what was measured last, question by question, each with the machine that it was measured on. */
export interface Results {
  readonly questions: Readonly<Record<string, Asked>>;
}

export interface Asked {
  readonly asks: string;
  readonly size: 'quick' | 'full' | 'custom';
  readonly rounds: number;
  readonly threads: number;
  /** The UTC date. */
  readonly measured: string;
  readonly machine: Machine;
  readonly comparisons: readonly Comparison[];
}

/** Puts the answer to a question among those that the file has. */
export async function keep(
  path: string,
  name: string,
  asked: Omit<Asked, 'machine' | 'measured'>,
): Promise<void> {
  const { questions } = await readResults(path);
  const measured = new Date().toISOString().slice(0, 10);
  const all = { ...questions, [name]: { ...asked, measured, machine: thisMachine() } };
  await writeFile(path, `${JSON.stringify({ questions: all }, rounded, 1)}\n`);
}

export async function readResults(path: string): Promise<Results> {
  const text = await readFile(path, 'utf8').catch(() => '{"questions":{}}');
  return JSON.parse(text) as Results;
}

/** Four significant digits say all that a measurement knows. */
function rounded(_: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isInteger(value)) return value;
  return Number(value.toPrecision(4));
}
