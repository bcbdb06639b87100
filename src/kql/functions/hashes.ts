/** `hash`: XXH64 of a text's bytes, or of the eight bytes of a number. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { refuse } from '../lower/query/context.ts';
import type { SyntaxNode } from '../parser.ts';
import { callRow, convertTo } from './call.ts';
import type { Special, SpecialTable } from './special.ts';

function hashed(value: Scalar, node: SyntaxNode): Scalar {
  if (value.type === 'string') return callRow('xxhash64_text', [value], node);
  if (value.type === 'long' || value.type === 'datetime' || value.type === 'timespan') {
    return callRow('xxhash64_long', [convertTo(value, 'long', node)], node);
  }
  return refuse('MG003', `the hash of a ${value.type} has no translation`, node, 'wrap it in tostring()');
}

const hash: Special = (context, args, node) => {
  const [value, divisor] = args.map((arg) => lowerScalar(context, arg));
  const found = hashed(value!, node);
  return divisor ? callRow('modulo', [found, convertTo(divisor, 'long', node)], node, 'long') : found;
};

export const hashForms: SpecialTable = {
  hash,
  hash_xxhash64: hash,
  parse_command_line: (context, args, node) => {
    const parser = args[1] ? lowerScalar(context, args[1]) : literal('string', 'windows');
    if (parser.kind !== 'literal' || String(parser.value).toLowerCase() !== 'windows') {
      return refuse('MG003', 'only the parser "windows" has a translation', node);
    }
    return callRow('parse_command_line_windows', [lowerScalar(context, args[0]!)], node);
  },
};
