/** `extend`: new columns, or old ones anew. */
import type { Scalar } from '../../plan/scalar.ts';
import { tupleValues } from '../functions/tuples.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { lowerExpression, lowerScalar } from './expression/expression.ts';
import { withWindows } from './expression/window-steps.ts';
import { type Context, findColumn, type Relation, refuse } from './query/context.ts';
import { namedExpression, ownName } from './query/naming.ts';
import { extended, type NamedValue, origin, uniqueName } from './query/relation.ts';

/** The named values of a list of expressions, each with the name that Kusto gives it. */
export function namedValues(
  context: Context,
  list: SyntaxNode,
  unnamed: (index: number) => string,
): NamedValue[] {
  const taken = new Set<string>();
  const printed = unnamed(0) === 'print_0';
  let columns = 0;
  return elements(list).flatMap((item, index): NamedValue[] => {
    const { name, names, expression } = namedExpression(item);
    const tuple = tupleValues(context, expression);
    if (tuple) {
      const given = names ?? (name ? [name] : []);
      // One name takes the first value alone.
      return (name ? tuple.slice(0, 1) : tuple).map((part, at) => {
        const unique = given[at] ?? uniqueName(part.name, taken);
        taken.add(unique);
        return { name: unique, value: part.value };
      });
    }
    const value: Scalar = names ? lowerScalar(context, expression) : lowerExpression(context, expression);
    if (names) return refuse('MG003', 'several names for one value', item);
    const own =
      name ??
      (printed ? undefined : ownName(expression, (column) => findColumn(context.row, column) !== undefined));
    if (own === undefined) columns += 1;
    const plain = unnamed(printed ? index : columns);
    const unique = name ?? uniqueName(own ?? plain, taken);
    taken.add(unique);
    return [{ name: unique, value }];
  });
}

export function lowerExtend(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  return withWindows(context, node, (inner) => {
    const items = namedValues(inner, node.Expressions, (index) => `Column${index}`);
    return { items, finish: (row, values) => extended(row, values, origin(context, 'extend', node)) };
  });
}
