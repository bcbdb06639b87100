/** `between (low .. high)`, both ends included; a timespan as the end counts from the start. */

import type { Scalar } from '../../../plan/scalar.ts';
import { callRow, convertTo, widest } from '../../functions/call.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, refuse } from '../query/context.ts';
import { negated } from './binary.ts';
import { typedDynamic, widened } from './comparable.ts';
import { lowerScalar } from './expression.ts';

export function lowerBetween(context: Context, node: SyntaxNode): Scalar {
  const value = lowerScalar(context, node.Left);
  const low = lowerScalar(context, node.Right.First);
  let high = lowerScalar(context, node.Right.Second);
  if (value.type === 'datetime' && high.type === 'timespan')
    high = callRow('datetime_plus', [low, high], node);
  const types = widest([value.type, low.type, high.type]);
  const args = types
    ? [value, low, high].map((part) => convertTo(part, types, node))
    : value.type === 'dynamic'
      ? [typedDynamic(value, low.type, node), widened(low, node), widened(high, node)]
      : [value, low, high];
  if (args[0]!.type !== args[1]!.type || args[1]!.type !== args[2]!.type) {
    return refuse('MG003', `between on ${args.map((arg) => arg.type).join(', ')} has no translation`, node);
  }
  const found = callRow('between', args, node);
  return kindOf(node) === 'NotBetweenExpression' ? negated(found, node) : found;
}
