/** `lookup`: a left outer join that leaves the right keys out. */
import { join } from '../../plan/nodes.ts';
import type { SyntaxNode } from '../parser.ts';
import { asTable } from './expression/subquery.ts';
import { bothSides, condition, keysOf } from './join.ts';
import { type Context, isHint, parametersOf, type Relation, refuse, textOf } from './query/context.ts';
import { origin } from './query/relation.ts';

export function lowerLookup(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const parameters = parametersOf(node);
  for (const [name, value] of parameters)
    if (name !== 'kind' && !isHint(name))
      return refuse('MG003', `the parameter ${name} has no translation`, value);
  const kind = parameters.has('kind') ? textOf(context, parameters.get('kind')!).trim() : 'leftouter';
  if (kind !== 'leftouter' && kind !== 'inner') return refuse('KS149', `lookup knows no kind ${kind}`, node);
  const left = context.row;
  const right = asTable(context, node.Expression);
  const keys = keysOf(context, left, right, node);
  const dropped = new Set(keys.map((key) => key.right));
  const type = kind === 'inner' ? 'inner' : 'left';
  const { items, columns } = bothSides(
    left,
    right.columns.filter((column) => !dropped.has(column)),
    type,
  );
  const plan = join(
    type,
    left.plan,
    right.plan,
    condition(keys, node),
    items,
    origin(context, 'lookup', node),
  );
  return { plan, columns, ordered: false };
}
