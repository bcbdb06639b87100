/** Values of different types that are compared: which of them changes, and into what. */
import { literal, type Scalar } from '../../../plan/scalar.ts';
import type { KqlType } from '../../../schema/kql-types.ts';
import { callRow, convertTo, isNumber, widest } from '../../functions/call.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { refuse } from '../query/context.ts';

/** Two values brought to types that compare; a dynamic one is taken as what the other is. */
export function comparable(left: Scalar, right: Scalar, node: SyntaxNode): [Scalar, Scalar] {
  if (left.type === right.type) return [left, right];
  if (left.type === 'dynamic') return [typedDynamic(left, right.type, node), widened(right, node)];
  if (right.type === 'dynamic') return [widened(left, node), typedDynamic(right, left.type, node)];
  if (isWhole(left.type) && isWhole(right.type)) return [left, right];
  const type = widest([left.type, right.type]);
  if (type) return [convertTo(left, type, node), convertTo(right, type, node)];
  if (left.type === 'bool' && isNumber(right.type)) return [convertTo(left, 'long', node), right];
  if (right.type === 'bool' && isNumber(left.type)) return [left, convertTo(right, 'long', node)];
  // Sentinel's ResultType is a string that hunts compare with 0.
  const equality = /^(Not)?Equal|In/.test(kindOf(node));
  if (equality && left.type === 'string' && isWholeLiteral(right))
    return [left, convertTo(right, 'string', node)];
  if (equality && right.type === 'string' && isWholeLiteral(left))
    return [convertTo(left, 'string', node), right];
  // Microsoft's lessons compare EventID, an int, with "4624".
  if (equality && isWhole(left.type) && isWholeText(right)) return [left, asWhole(right)];
  if (equality && isWhole(right.type) && isWholeText(left)) return [asWhole(left), right];
  if (left.type === 'guid' && right.type === 'string') return [left, convertTo(right, 'guid', node)];
  if (left.type === 'string' && right.type === 'guid') return [convertTo(left, 'guid', node), right];
  return refuse(
    'KS106',
    `the operator '${node.Operator?.Text ?? 'in'}' is not defined for ${left.type} and ${right.type}`,
    node,
    hintFor(left, right),
  );
}

/** What makes the two of one type. */
function hintFor(left: Scalar, right: Scalar): string | undefined {
  if (left.type !== 'string' && right.type !== 'string') return undefined;
  const other = left.type === 'string' ? right.type : left.type;
  const text = left.type === 'string' ? left : right;
  if (isNumber(other) && text.kind === 'literal' && /^\s*[-+]?\d/.test(String(text.value)))
    return 'write the number without quotes';
  if (other === 'bool' && text.kind === 'literal') return 'compare it with true or false, without quotes';
  return `convert the text first, with to${other}()`;
}

const isWholeLiteral = (scalar: Scalar): boolean => scalar.kind === 'literal' && isWhole(scalar.type);

/** A whole number as it would be printed: read as a number or compared as a text, it is equal to the same. */
const isWholeText = (scalar: Scalar): boolean =>
  scalar.kind === 'literal' && scalar.type === 'string' && /^(0|-?[1-9]\d{0,17})$/.test(String(scalar.value));

const asWhole = (text: Scalar): Scalar =>
  literal('long', BigInt(String((text as Scalar & { kind: 'literal' }).value)));

const isWhole = (type: KqlType): boolean => type === 'int' || type === 'long';

export const widened = (value: Scalar, node: SyntaxNode): Scalar =>
  value.type === 'int' || value.type === 'long' ? convertTo(value, 'real', node) : value;

export function typedDynamic(value: Scalar, type: KqlType, node: SyntaxNode): Scalar {
  if (isNumber(type)) return callRow('as_number', [value], node);
  if (type === 'bool') return callRow('as_bool', [value], node);
  return convertTo(value, type, node);
}
