/** `+ - * / %` of numbers, datetimes and timespans. */
import { literal, type Scalar } from '../../../plan/scalar.ts';
import { dialect, isHeld } from '../../dialect.ts';
import { callRow, convertTo, isNumber, widest } from '../../functions/call.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, refuse } from '../query/context.ts';
import { lowerScalar } from './expression.ts';

export function arithmetic(name: string, left: Scalar, right: Scalar, node: SyntaxNode): Scalar {
  const types = [left.type, right.type];
  const timely = types.find((type) => type === 'datetime' || type === 'timespan');
  if (timely) return timeArithmetic(name, left, right, node);
  if (types.includes('dynamic')) {
    return refuse(
      'MG003',
      'arithmetic on a dynamic value has no translation',
      node,
      'wrap it in tolong() or todouble()',
    );
  }
  const [a, b] = [left, right].map((value) =>
    value.type === 'bool' ? convertTo(value, 'long', node) : value,
  ) as [Scalar, Scalar];
  const type = widest([a.type, b.type]);
  if (!type || (type === 'decimal' && name === 'multiply')) {
    return refuse('MG003', `${name} of ${types.join(' and ')} has no translation`, node);
  }
  // int with int gives long in Kusto.
  const result = type === 'int' ? 'long' : type;
  return callRow(name, [convertTo(a, result, node), convertTo(b, result, node)], node, result);
}

/** Kusto's periods end 100 ns before the next, ours a microsecond. */
const endsPeriod = (scalar: Scalar): boolean => scalar.kind === 'call' && scalar.name.startsWith('endof');

function timeArithmetic(name: string, left: Scalar, right: Scalar, node: SyntaxNode): Scalar {
  const form = `${left.type} ${name} ${right.type}`;
  const ticks = [left, right].find((side) => side.kind === 'literal' && side.type === 'timespan');
  if (
    form.includes('datetime') &&
    ticks?.kind === 'literal' &&
    ticks.value !== null &&
    !isHeld(BigInt(ticks.value))
  ) {
    return refuse('MG004', `a datetime moved by so little is finer than ${dialect().name} can hold`, node);
  }
  switch (form) {
    case 'datetime add timespan':
      return callRow('datetime_plus', [left, right], node);
    case 'timespan add datetime':
      return callRow('datetime_plus', [right, left], node);
    case 'datetime subtract timespan':
      return callRow('datetime_minus', [left, right], node);
    case 'datetime subtract datetime':
      if ([left, right].some(endsPeriod)) {
        return refuse(
          'MG004',
          'the end of a period is held to the microsecond: no difference to it is exact',
          node,
          'subtract from the start of the next period',
        );
      }
      return callRow('datetime_difference', [left, right], node);
    case 'timespan add timespan':
    case 'timespan subtract timespan':
    case 'timespan modulo timespan':
      return callRow(name, [left, right], node, 'timespan');
    case 'timespan divide timespan':
      return callRow('timespan_ratio', [left, right], node);
    default:
      break;
  }
  const [span, number] = left.type === 'timespan' ? [left, right] : [right, left];
  if (span.type === 'timespan' && isNumber(number.type)) {
    const whole = number.type === 'long' || number.type === 'int';
    if (name === 'multiply' && whole)
      return callRow('multiply', [span, convertTo(number, 'long', node)], node, 'timespan');
    if (name === 'multiply') return callRow('timespan_scale', [span, number], node);
    if (name === 'divide' && span === left && whole)
      return callRow('divide', [span, convertTo(number, 'long', node)], node, 'timespan');
    if (name === 'divide' && span === left)
      return callRow(
        'timespan_scale',
        [span, callRow('divide', [literal('real', 1), number], node, 'real')],
        node,
      );
  }
  return refuse('MG003', `${left.type} ${name} ${right.type} has no translation`, node);
}

export function lowerUnary(context: Context, node: SyntaxNode): Scalar {
  const value = lowerScalar(context, node.Expression);
  if (kindOf(node) === 'UnaryPlusExpression') return value;
  if (value.type === 'int') return callRow('negate', [convertTo(value, 'long', node)], node);
  if (!['long', 'real', 'timespan', 'decimal'].includes(value.type)) {
    return refuse('MG003', `the negative of a ${value.type} has no translation`, node);
  }
  return callRow('negate', [value], node);
}
