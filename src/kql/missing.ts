/** What the plan asks of the dialect beyond what the query names: lowering and rewrites put in functions of their own. */
import type { Plan } from '../plan/nodes.ts';
import type { Scalar } from '../plan/scalar.ts';
import { plansOf, scalarsOf, scalarsWithin } from '../plan/walk.ts';
import { type Position, Refusal } from './diagnostics.ts';
import { dialect } from './dialect.ts';

/** @throws Refusal at the first step that the dialect has no way to write */
export function refuseMissing(plan: Plan): void {
  const steps = plansOf(plan);
  steps.forEach((step, index) => {
    const what = missing(step);
    if (what === undefined) return;
    throw new Refusal('MG002', `${what} has no translation to ${dialect().name}`, placeOf(steps, index));
  });
}

/** Where the query has the step: one that it does not have stands before the one that needs it. */
export function placeOf(steps: readonly Plan[], index: number): Position {
  const named = steps.slice(index).find(({ origin }) => origin.start !== undefined);
  const { start = 0, length = 1 } = named?.origin ?? {};
  return { start, length };
}

function missing(step: Plan): string | undefined {
  if (dialect().lacks.has(step.kind)) return `a step of this kind (${step.kind})`;
  for (const scalar of scalarsOf(step))
    for (const part of scalarsWithin(scalar)) if (!isKnown(part)) return nameOf(part);
  return undefined;
}

function isKnown(scalar: Scalar): boolean {
  const { functions, aggregates, windows } = dialect();
  switch (scalar.kind) {
    case 'call':
      return scalar.name === 'convert' || functions[scalar.name] !== undefined;
    case 'aggregation':
      return aggregates[scalar.name] !== undefined;
    case 'window':
      return windows[scalar.name] !== undefined;
    default:
      return true;
  }
}

const nameOf = (scalar: Scalar): string => ('name' in scalar ? scalar.name : scalar.kind);
