/** Functions of strings whose arguments need looking at. */
import type { Scalar } from '../../plan/scalar.ts';
import { argumentsOf, lowerScalar } from '../lower/expression/expression.ts';
import { type Context, nameOf, refuse } from '../lower/query/context.ts';
import { kindOf, type SyntaxNode } from '../parser.ts';
import { callRow } from './call.ts';
import type { SpecialTable } from './special.ts';

export const stringForms: SpecialTable = {
  split: (context, args, node) => {
    const values = args.map((arg) => lowerScalar(context, arg));
    if (isNegative(values[2]))
      return refuse(
        'MG003',
        'split with a negative index has no translation: no page says what it gives',
        args[2]!,
        'leave the index out, and take the last part by [-1]',
      );
    return callRow('split', values, node);
  },
  base64_encode_fromguid: (context, args, node) => {
    const value = lowerScalar(context, args[0]!);
    if (value.type === 'guid') return callRow('base64_encode_fromguid', [value], node);
    return refuse(
      'MG003',
      `base64_encode_fromguid takes a guid, not a ${value.type}`,
      args[0]!,
      'wrap it in toguid()',
    );
  },
};

/**
 * `split(text, delimiter, -1)[-1]`, as Sysmon hunts have it: the last part, whether the negative index gives all parts or
 * the last. Undefined for any other expression.
 */
export function lastOfSplit(context: Context, node: SyntaxNode, key: Scalar): Scalar | undefined {
  if (kindOf(node) !== 'FunctionCallExpression' || nameOf(node.Name) !== 'split') return undefined;
  const values = argumentsOf(node).map((arg) => lowerScalar(context, arg));
  if (!isLast(key) || !isLast(values[2])) return undefined;
  return callRow('path', [callRow('split', values.slice(0, 2), node), key], node);
}

const isLast = (value: Scalar | undefined): boolean =>
  value?.kind === 'literal' && value.value !== null && Number(value.value) === -1;

const isNegative = (value: Scalar | undefined): boolean =>
  value?.kind === 'literal' && value.value !== null && Number(value.value) < 0;
