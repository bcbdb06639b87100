/** A value where a query stands: a table of one row, as `print` gives. */
import { project } from '../../../plan/nodes.ts';
import type { Scalar } from '../../../plan/scalar.ts';
import type { Context, Relation } from './context.ts';
import { origin, relationOf } from './relation.ts';

export function projectValue(context: Context, value: Scalar): Relation {
  return relationOf(project(null, [{ name: 'print_0', value }], origin(context, 'value')));
}
