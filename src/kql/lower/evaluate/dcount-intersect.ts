/** `evaluate dcount_intersect(a, b, …)`: how many values the first sets have in common, for one set, two, … */
import { callRow } from '../../functions/call.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, findColumn, nameOf, type Relation, reference, refuse } from '../query/context.ts';
import { extended, origin } from '../query/relation.ts';

export function lowerDcountIntersect(
  context: Context & { row: Relation },
  args: readonly SyntaxNode[],
  node: SyntaxNode,
): Relation {
  if (args.length < 2) return refuse('KS119', 'dcount_intersect takes two sets or more', node);
  const sets = args.map((arg) => {
    const found = kindOf(arg) === 'NameReference' ? findColumn(context.row, nameOf(arg)) : undefined;
    return found?.type === 'dynamic'
      ? reference(found)
      : refuse('MG003', 'only columns that hll() made have a translation here', arg);
  });
  const items = sets.map((set, index) => ({
    name: `s${index}`,
    value: callRow(
      'dcount_hll',
      [index === 0 ? set : callRow('set_intersect', sets.slice(0, index + 1), node)],
      node,
    ),
  }));
  const taken = items.find(({ name }) => findColumn(context.row, name));
  if (taken)
    return refuse('MG003', `a column ${taken.name} beside dcount_intersect has no translation`, node);
  return extended(context.row, items, origin(context, 'dcount_intersect', node));
}
