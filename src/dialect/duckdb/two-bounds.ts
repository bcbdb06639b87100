/** Whether the filters below a node bound values from both sides, of which DuckDB makes a BETWEEN. */
import type { Plan } from '../../plan/nodes.ts';
import type { Scalar } from '../../plan/scalar.ts';
import { conjuncts, inputsOf, scalarsWithin } from '../../plan/walk.ts';

type Side = 'lower' | 'upper';

/** Of any values, not of the same: columns have other names after a step, and are one to the engine. */
export function boundsBothSides(plan: Plan): boolean {
  const sides = new Set(sidesOf(plan));
  return sides.has('lower') && sides.has('upper');
}

function sidesOf(plan: Plan): Side[] {
  const own = plan.kind === 'filter' ? conjuncts(plan.predicate).flatMap(bounds) : [];
  return [...own, ...inputsOf(plan).flatMap(sidesOf)];
}

const ABOVE = new Set(['greater', 'greater_equal']);
const BELOW = new Set(['less', 'less_equal']);

function bounds(conjunct: Scalar): Side[] {
  if (conjunct.kind === 'call') {
    const above = ABOVE.has(conjunct.name);
    if (above || BELOW.has(conjunct.name)) {
      const turned = conjunct.args[0]!.kind === 'literal';
      const bare = conjunct.args.some(({ kind }) => kind === 'literal');
      if (bare) return [above === turned ? 'upper' : 'lower'];
    }
  }
  return [...scalarsWithin(conjunct)].some(compares) ? ['lower', 'upper'] : [];
}

/** Within something else, a comparison may bound from either side. */
const compares = (scalar: Scalar): boolean =>
  scalar.kind === 'call' && (ABOVE.has(scalar.name) || BELOW.has(scalar.name) || scalar.name === 'between');
