/** Values given for `declare query_parameters`, as literals of the declared types. */
import { type Literal, literal } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { parseDatetime, parseTimespan } from '../literals.ts';
import type { SyntaxNode } from '../parser.ts';
import { refuse } from './context.ts';

export function parameterLiteral(name: string, type: KqlType, given: unknown, node: SyntaxNode): Literal {
  const text =
    given instanceof Date
      ? given.toISOString()
      : typeof given === 'object'
        ? JSON.stringify(given)
        : String(given);
  const wrong = (): never => refuse('MG004', `the query parameter ${name} is not a ${type}: ${text}`, node);
  if (given === null) return literal(type, null);
  switch (type) {
    case 'string':
      return literal('string', text);
    case 'dynamic':
      return literal('dynamic', JSON.stringify(given));
    case 'bool':
      return /^(true|false)$/i.test(text) ? literal('bool', text.toLowerCase() === 'true') : wrong();
    case 'int':
    case 'long':
      return /^-?\d+$/.test(text) ? literal(type, BigInt(text)) : wrong();
    case 'real':
      return Number.isNaN(Number(text)) ? wrong() : literal('real', Number(text));
    case 'datetime': {
      const parsed = parseDatetime(text);
      return parsed ? literal('datetime', parsed.micros) : wrong();
    }
    case 'timespan': {
      const ticks = parseTimespan(text);
      return ticks === undefined ? wrong() : literal('timespan', ticks);
    }
    case 'guid':
      return /^[0-9a-f-]{36}$/i.test(text) ? literal('guid', text.toLowerCase()) : wrong();
    default:
      return wrong();
  }
}
