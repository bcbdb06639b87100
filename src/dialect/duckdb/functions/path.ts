/** Paths into dynamic values: `d.a.b[0]` as one `json_extract`. */
import type { Call, Scalar } from '../../../plan/scalar.ts';
import { text } from '../literals.ts';

type Step = { readonly literal: string } | { readonly sql: string };

/** The value that a chain of path steps starts from, and the SQL of the path. */
export function jsonPath(call: Call, value: (scalar: Scalar) => string): [base: string, path: string] {
  const steps: Step[] = [];
  let base: Scalar = call;
  while (base.kind === 'call' && base.name === 'path') {
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
  return { sql: `kql_path_${key.type === 'string' ? 'member' : 'index'}(${value(key)})` };
}

function member(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)
    ? `.${name}`
    : `."${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
