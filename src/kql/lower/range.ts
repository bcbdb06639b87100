/** `range`: a column of values at even steps, its end included. */
import { series } from '../../plan/nodes.ts';
import type { Scalar } from '../../plan/scalar.ts';
import { convertTo, widest } from '../functions/call.ts';
import type { SyntaxNode } from '../parser.ts';
import { lowerExpression } from './expression/expression.ts';
import { type Context, nameOf, type Relation, refuse } from './query/context.ts';
import { origin, relationOf } from './query/relation.ts';

export function lowerRange(context: Context, node: SyntaxNode): Relation {
  const [from, to, step] = [node.From, node.To, node.Step].map((part) => lowerExpression(context, part)) as [
    Scalar,
    Scalar,
    Scalar,
  ];
  const name = nameOf(node.Name);
  if (from.type === 'datetime') {
    const end = convertTo(to, 'datetime', node);
    return relationOf(
      series(name, from, end, convertTo(step, 'timespan', node), origin(context, 'range', node)),
      [name],
      true,
    );
  }
  if (from.type === 'timespan') {
    return relationOf(series(name, from, to, step, origin(context, 'range', node)), [name], true);
  }
  const type = widest([from.type, to.type, step.type]);
  if (!type) return refuse('MG003', `range over ${from.type} has no translation`, node);
  const wide = type === 'int' ? 'long' : type;
  const [a, b, c] = [from, to, step].map((part) => convertTo(part, wide, node)) as [Scalar, Scalar, Scalar];
  return relationOf(series(name, a, b, c, origin(context, 'range', node)), [name], true);
}
