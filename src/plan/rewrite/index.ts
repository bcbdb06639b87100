/** The rewrites, in their order. The result keeps the columns that `needed` names. */
import type { Plan } from '../nodes.ts';
import { bounded } from './bounds.ts';
import { filteredFirst } from './first-filter.ts';
import { pruned } from './prune.ts';
import { windowed } from './time-window.ts';

type Pass = (plan: Plan, needed: readonly string[]) => Plan;

export const PASSES: readonly (readonly [name: string, pass: Pass])[] = [
  ['filtered first', filteredFirst],
  ['time window', windowed],
  ['pruned', pruned],
  ['bounded', bounded],
];

export function rewritten(plan: Plan, needed: readonly string[]): Plan {
  return PASSES.reduce((current, [, pass]) => pass(current, needed), plan);
}
