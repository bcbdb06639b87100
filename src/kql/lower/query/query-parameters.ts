/** Values given for `declare query_parameters`, as literals of the declared types. */
import { type Literal, literal } from '../../../plan/scalar.ts';
import type { KqlType } from '../../../schema/kql-types.ts';
import { type Position, Refusal } from '../../diagnostics.ts';
import {
  boolLiteral,
  datetimeLiteral,
  decimalLiteral,
  guidLiteral,
  integerLiteral,
  realLiteral,
  timespanLiteral,
} from '../../literals.ts';
import type { SyntaxNode } from '../../parser.ts';
import { positionOf, refuse } from './context.ts';

type Read = (text: string, at: Position) => Literal;

/** Texts as the query's own literals are read, with the same limits. */
const READ: Readonly<Record<Exclude<KqlType, 'string'>, Read>> = {
  dynamic: jsonText,
  bool: boolLiteral,
  datetime: datetimeLiteral,
  decimal: decimalLiteral,
  guid: guidLiteral,
  int: (text, at) => integerLiteral('int', text, at),
  long: (text, at) => integerLiteral('long', text, at),
  real: realLiteral,
  timespan: timespanLiteral,
};

export function parameterLiteral(name: string, type: KqlType, given: unknown, node: SyntaxNode): Literal {
  if (given === null) return literal(type, null);
  if (type === 'dynamic' && typeof given !== 'string') return literal('dynamic', JSON.stringify(given));
  const text = textOf(given);
  if (type === 'string') return literal('string', text);
  try {
    if (text.trim() === '') throw new Refusal('MG004', `not a ${type}: it is empty`, positionOf(node));
    return READ[type](text, positionOf(node));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse(error.code, `the query parameter ${name}: ${error.message}`, node, error.hint);
  }
}

/** `["a", "b"]`, or that as KQL writes it: `dynamic(["a", "b"])`. */
function jsonText(text: string, at: Position): Literal {
  try {
    const value: unknown = JSON.parse(text.trim().replace(/^dynamic\s*\(([\s\S]*)\)$/, '$1'));
    return literal('dynamic', value === null ? null : JSON.stringify(value));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new Refusal('MG004', `not JSON: ${text}`, at, 'write a list as ["a", "b"], a string as "a"');
  }
}

function textOf(given: unknown): string {
  if (given instanceof Date) return given.toISOString();
  return typeof given === 'object' ? JSON.stringify(given) : String(given);
}
