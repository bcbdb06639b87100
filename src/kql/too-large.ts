/** Whether the dialect bears the plan: it is said before an engine has tried. */
import type { Plan } from '../plan/nodes.ts';
import { inputsOf, plansOf } from '../plan/walk.ts';
import { Refusal } from './diagnostics.ts';
import { dialect } from './dialect.ts';
import { placeOf } from './missing.ts';

/** @throws Refusal at the step that is one too many */
export function refuseTooLarge(plan: Plan): void {
  const { mostSteps, mostReads, name } = dialect();
  const steps = plansOf(plan);
  const printed = steps.filter(({ kind }) => kind !== 'scan');
  if (printed.length > mostSteps) {
    throw new Refusal(
      'MG008',
      `the query has ${number(printed.length)} steps, of which ${name} takes ${number(mostSteps)}`,
      placeOf(printed, mostSteps),
      'a function is written out at every call: call it once, in a let, or split the query',
    );
  }
  const reads = new Map<Plan, number>();
  for (const [index, step] of steps.entries()) {
    reads.set(step, readsOf(step, reads));
    if (reads.get(step)! <= mostReads) continue;
    throw new Refusal(
      'MG008',
      `with its names written out the query reads tables more than ${number(mostReads)} times`,
      placeOf(steps, index),
      'unite a table with itself less often, or split the query',
    );
  }
}

/** Rows that are sorted, grouped, joined or counted off are there once, however often they are read. */
function readsOf(step: Plan, reads: ReadonlyMap<Plan, number>): number {
  switch (step.kind) {
    case 'union':
    case 'filter':
    case 'project':
    case 'unnest':
      return inputsOf(step).reduce((sum, input) => sum + reads.get(input)!, 0);
    default:
      return 1;
  }
}

const number = (count: number): string => count.toLocaleString('en-US');
