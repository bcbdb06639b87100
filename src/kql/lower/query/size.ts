/**
 * How large a query may become. A function is lowered wherever it is called and a value stands wherever it is named, so
 * that twenty lines, each of which names the line before twice, are a million steps.
 */
import type { Scalar } from '../../../plan/scalar.ts';
import { childrenOf } from '../../../plan/walk.ts';
import type { SyntaxNode } from '../../parser.ts';
import { type Context, refuse } from './context.ts';

/** Several times what the engine takes, as not every step is left in the plan. */
const MOST_STEPS = 4000;
/** Literals aside, of which a list may hold a hundred thousand. */
const MOST_PARTS = 20_000;

/** Counts an operator or a call of a function. @throws Refusal at the query's own call, once they are too many */
export function countStep({ session }: Context, node: SyntaxNode): void {
  session.lowered.steps += 1;
  if (session.lowered.steps <= MOST_STEPS) return;
  refuse(
    'MG008',
    `with its functions written out the query has more than ${MOST_STEPS.toLocaleString('en-US')} steps`,
    session.calls[0]?.node ?? node,
    'a function is written out at every call: call it once, in a let, and use what the let names',
  );
}

/** The expression, unless it is too large with the values in it that have names. */
export function ofBearableSize(value: Scalar, { session }: Context, node: SyntaxNode): Scalar {
  if (partsOf(value) <= MOST_PARTS) return value;
  return refuse(
    'MG008',
    `with its values written out this expression has more than ${MOST_PARTS.toLocaleString('en-US')} parts`,
    session.calls[0]?.node ?? node,
    'a value is written out wherever it is named: compute it in a column, with extend, and use that',
  );
}

const known = new WeakMap<Scalar, number>();

/** Of what several expressions share each has its own. */
function partsOf(scalar: Scalar): number {
  if (scalar.kind === 'literal' || scalar.kind === 'column') return 0;
  let parts = known.get(scalar);
  if (parts === undefined) {
    parts = 1;
    for (const child of childrenOf(scalar)) parts += partsOf(child);
    known.set(scalar, parts);
  }
  return parts;
}
