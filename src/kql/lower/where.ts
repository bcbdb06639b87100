/** `where`: the rows that the condition is true of; null is not. */

import { project } from '../../plan/nodes.ts';
import { column } from '../../plan/scalar.ts';
import type { SyntaxNode } from '../parser.ts';
import { withSessions } from './evaluate/sessions.ts';
import { asBool } from './expression/binary.ts';
import { lowerExpression } from './expression/expression.ts';
import { hoist, usesWindows } from './expression/window-steps.ts';
import { type Context, type Relation, reference } from './query/context.ts';
import { filtered, numbered, origin, projected, uniqueRefs } from './query/relation.ts';

export function lowerWhere(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const condition = node.Condition as SyntaxNode;
  if (!usesWindows(condition)) {
    const predicate = asBool(lowerExpression(context, condition), condition);
    return filtered(context.row, predicate, origin(context, 'where', node));
  }
  const inner = withSessions({ ...context, row: numbered(context.row), windows: true }, condition);
  const { row } = inner;
  const predicate = asBool(lowerExpression(inner, condition), condition);
  const hoisted = hoist(row, [{ name: 'keep', value: predicate }]);
  const plan = hoisted.row.plan;
  const [keep] = uniqueRefs(
    ['keep'],
    plan.columns.map(({ name }) => name),
  ) as [string];
  const kept = plan.columns.map(({ name, type, nullable }) => ({
    name,
    value: column(name, type, { nullable }),
  }));
  const marked = project(plan, [...kept, { name: keep, value: hoisted.items[0]!.value }], {
    label: 'windows',
  });
  const found = filtered({ ...row, plan: marked }, column(keep, 'bool'), origin(context, 'where', node));
  return projected(
    found,
    row.columns.map((item) => ({ name: item.name, value: reference(item) })),
    origin(context, 'where', node),
  );
}
