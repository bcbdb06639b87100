/** Whether a value is among the rows of a plan, both brought to a form that compares. */
import { type Plan, project } from './nodes.ts';
import { call, type Membership, type Scalar } from './scalar.ts';

export function membership(
  value: Scalar,
  plan: Plan,
  item: Scalar,
  how: { fold: boolean; convert: (a: Scalar, b: Scalar) => [Scalar, Scalar] },
): Membership {
  const lower = (scalar: Scalar): Scalar => (how.fold ? call('tolower', 'string', [scalar]) : scalar);
  const [left, right] = how.convert(value, item).map(lower) as [Scalar, Scalar];
  const plain = right.kind === 'column' && plan.columns[0]?.name === right.name;
  const inner = plain ? plan : project(plan, [{ name: 'value', value: right }], { label: 'members' });
  return Object.freeze({ kind: 'membership', type: 'bool', value: left, plan: inner, nullable: false });
}
