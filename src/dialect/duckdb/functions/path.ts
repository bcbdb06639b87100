/** Paths into dynamic values: `d.a.b[0]` as one `json_extract`. */
import type { Call, Scalar } from '../../../plan/scalar.ts';
import { text } from '../literals.ts';

type Step = { readonly literal: string } | { readonly sql: string };

/** The value that a chain of path steps starts from, and the SQL of the path. */
export function jsonPath(call: Call, value: (scalar: Scalar) => string): [base: string, path: string] {
  if (standsAlone(call.args[1]!)) return [value(call.args[0]!), `kql_path_to(${value(call.args[1]!)})`];
  const steps: Step[] = [];
  let base: Scalar = call;
  while (base.kind === 'call' && base.name === 'path' && !standsAlone(base.args[1]!)) {
    steps.unshift(stepOf(base.args[1]!, value));
    base = base.args[0]!;
  }
  if (steps.every((step) => 'literal' in step)) {
    return [value(base), text(`$${steps.map((step) => ('literal' in step ? step.literal : '')).join('')}`)];
  }
  const parts = steps.map((step) => ('literal' in step ? text(step.literal) : step.sql));
  return [value(base), `'$' || ${parts.join(' || ')}`];
}

function stepOf(key: Scalar, value: (scalar: Scalar) => string): Step {
  if (key.kind === 'literal' && key.value !== null) {
    if (key.type === 'string') return { literal: member(String(key.value)) };
    const index = Number(key.value);
    return { literal: index < 0 ? `[#${index}]` : `[${index}]` };
  }
  return { sql: `kql_path_index(${value(key)})` };
}

/** Paths cannot name a member whose name is empty: such a step, or one that may be, is written as a pointer. */
const standsAlone = (key: Scalar): boolean =>
  key.type === 'string' && (key.kind !== 'literal' || key.value === '');

function member(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? `.${name}`
    : `."${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
