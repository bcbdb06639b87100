/** `distinct`: every combination once. */
import { aggregate } from '../../plan/nodes.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { lowerExpression } from './expression/expression.ts';
import { type Context, type Relation, reference } from './query/context.ts';
import { namedExpression, ownName, plainNames } from './query/naming.ts';
import { groupKeys, origin, relationInGroup, uniqueName, uniqueRefs } from './query/relation.ts';

export function lowerDistinct(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const { row } = context;
  const taken = new Set<string>();
  const plain = plainNames(taken);
  const items = elements(node.Expressions).flatMap((item) => {
    if (kindOf(item) === 'StarExpression')
      return row.columns.map((column) => ({ name: column.name, value: reference(column) }));
    const { name, expression } = namedExpression(item);
    const unique = uniqueName(name ?? ownName(expression) ?? plain(), taken);
    taken.add(unique);
    return [{ name: unique, value: lowerExpression(context, expression) }];
  });
  const refs = uniqueRefs(
    items.map(({ name }) => name),
    row.group ? [row.group] : [],
  );
  const keys = items.map(({ value }, index) => ({ name: refs[index]!, value }));
  return relationInGroup(
    row,
    aggregate(row.plan, [...groupKeys(row), ...keys], [], origin(context, 'distinct', node)),
    items.map(({ name }) => name),
  );
}
