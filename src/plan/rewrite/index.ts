/** The rewrites, in their order. The result keeps the columns that `needed` names. */
import type { Plan } from '../nodes.ts';
import { bounded } from './bounds.ts';
import { filteredFirst } from './first-filter.ts';
import { pruned } from './prune.ts';
import { windowed } from './time-window.ts';

type Pass = (plan: Plan, needed: readonly string[]) => Plan;

const PASSES: readonly (readonly [name: string, pass: Pass, putsIn?: readonly string[]])[] = [
  ['filtered first', filteredFirst],
  ['time window', windowed, ['time_bucket', 'time_buckets', 'same', 'and']],
  ['pruned', pruned],
  ['bounded', bounded],
];

/** A pass that puts in a function for which there is no row is left out. */
export function rewritten(
  plan: Plan,
  needed: readonly string[],
  rows: Readonly<Record<string, unknown>>,
): Plan {
  const passes = PASSES.filter(([, , putsIn = []]) => putsIn.every((name) => rows[name] !== undefined));
  return passes.reduce((current, [, pass]) => pass(current, needed), plan);
}
