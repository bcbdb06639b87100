/** `dynamic(…)` literals as JSON text. */
import { literal, type Scalar } from '../../../plan/scalar.ts';
import { datetimeText, timespanText } from '../../literal-text.ts';
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, refuse, textOf } from '../query/context.ts';
import { lowerScalar } from './expression.ts';

export function lowerDynamic(context: Context, node: SyntaxNode): Scalar {
  const body = node.Expression as SyntaxNode;
  const json = jsonOf(context, body);
  return literal('dynamic', json === 'null' ? null : json);
}

function jsonOf(context: Context, node: SyntaxNode): string {
  const kind = kindOf(node);
  if (kind === 'JsonObjectExpression') {
    const members = new Map<string, string>();
    for (const pair of elements(node.Pairs)) {
      members.set(String(pair.Name.LiteralValue ?? pair.Name.ValueText), jsonOf(context, pair.Value));
    }
    return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
  }
  if (kind === 'JsonArrayExpression') {
    return `[${elements(node.Values)
      .map((value) => jsonOf(context, value))
      .join(',')}]`;
  }
  if (kind === 'DynamicExpression') return jsonOf(context, node.Expression);
  if (kind === 'NullLiteralExpression') return 'null';
  // JSON's own number: the smallest long has no positive.
  const text = textOf(context, node);
  if (/^-?\d+$/.test(text)) return inRange(text, node);
  const value = lowerScalar(context, node);
  if (value.kind !== 'literal') return refuse('MG003', 'only literals stand in dynamic()', node);
  return jsonLiteral(value.type, value.value);
}

function inRange(text: string, node: SyntaxNode): string {
  const value = BigInt(text);
  if (BigInt.asIntN(64, value) !== value) return refuse('MG004', `${text} is out of the range of long`, node);
  return String(value);
}

/** The JSON that Kusto makes of a value of a type that JSON has, or has not. */
export function jsonLiteral(type: Scalar['type'], value: string | number | bigint | boolean | null): string {
  if (value === null) return 'null';
  if (type === 'dynamic') return String(value);
  if (type === 'datetime') return JSON.stringify(datetimeText(BigInt(value)));
  if (type === 'timespan') return JSON.stringify(timespanText(BigInt(value)));
  if (type === 'real') {
    const number = Number(value);
    if (!Number.isFinite(number)) return JSON.stringify(String(number));
    return Number.isInteger(number) && Math.abs(number) < 1e15 ? `${number}.0` : String(number);
  }
  if (type === 'string' || type === 'guid') return JSON.stringify(value);
  return String(value);
}
