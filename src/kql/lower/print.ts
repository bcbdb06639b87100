/** `print`: one row of values. */
import { project } from '../../plan/nodes.ts';
import type { SyntaxNode } from '../parser.ts';
import { namedValues } from './extend.ts';
import type { Context, Relation } from './query/context.ts';
import { columnsOf, origin, uniqueRefs } from './query/relation.ts';

export function lowerPrint(context: Context, node: SyntaxNode): Relation {
  const items = namedValues(context, node.Expressions, (index) => `print_${index}`);
  const refs = uniqueRefs(items.map(({ name }) => name));
  const plan = project(
    null,
    items.map(({ value }, index) => ({ name: refs[index]!, value })),
    origin(context, 'print', node),
  );
  return { plan, columns: columnsOf(items, refs), ordered: false };
}
