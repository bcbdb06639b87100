/** Constant folding: calls whose arguments are all literals, where the result is exact. */

import type { KqlType } from '../../schema/kql-types.ts';
import { call, isNullLiteral, type Literal, literal, type Scalar } from '../scalar.ts';

const DATETIME_MIN = -62135596800000000n;
const DATETIME_MAX = 253402300799999999n;

type Fold = (args: readonly Literal[], type: KqlType) => Literal | undefined;

const long = (value: bigint, type: KqlType): Literal => literal(type, BigInt.asIntN(64, value));
const datetime = (micros: bigint): Literal =>
  literal('datetime', micros < DATETIME_MIN || micros > DATETIME_MAX ? null : micros);

const arithmetic =
  (onLong: (a: bigint, b: bigint) => bigint, onReal: (a: number, b: number) => number): Fold =>
  ([a, b], type) => {
    if (type === 'real') return literal('real', onReal(Number(a!.value), Number(b!.value)));
    if (typeof a!.value !== 'bigint' || typeof b!.value !== 'bigint') return undefined;
    return long(onLong(a!.value, b!.value), type);
  };

const shift =
  (sign: bigint): Fold =>
  ([t, span]) => {
    const ticks = BigInt(span!.value!) * sign;
    return ticks % 10n === 0n ? datetime(BigInt(t!.value!) + ticks / 10n) : undefined;
  };

const FOLDS: Readonly<Record<string, Fold>> = {
  add: arithmetic(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  subtract: arithmetic(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  multiply: arithmetic(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  negate: ([a], type) => {
    if (type === 'real') return literal('real', -Number(a!.value));
    return typeof a!.value === 'bigint' ? long(-a!.value, type) : undefined;
  },
  datetime_plus: shift(1n),
  datetime_minus: shift(-1n),
  datetime_difference: ([a, b]) => literal('timespan', (BigInt(a!.value!) - BigInt(b!.value!)) * 10n),
  not: ([a]) => literal('bool', !a!.value),
  strcat: (args) => literal('string', args.map((arg) => String(arg.value)).join('')),
  tolower: ([a]) => (isAscii(a!) ? literal('string', String(a!.value).toLowerCase()) : undefined),
  toupper: ([a]) => (isAscii(a!) ? literal('string', String(a!.value).toUpperCase()) : undefined),
  convert: ([a], type) => foldConversion(a!, type),
};

const isAscii = ({ value }: Literal): boolean => [...String(value)].every((c) => c.charCodeAt(0) < 128);

function foldConversion(from: Literal, to: KqlType): Literal | undefined {
  if ((from.type === 'int' && to === 'long') || (from.type === 'long' && to === 'timespan'))
    return literal(to, from.value);
  if (from.type === 'long' && to === 'int') {
    const value = BigInt(from.value!);
    return literal('int', BigInt.asIntN(32, value));
  }
  if ((from.type === 'int' || from.type === 'long') && to === 'real')
    return literal('real', Number(from.value));
  if ((from.type === 'int' || from.type === 'long') && to === 'string')
    return literal('string', String(from.value));
  return undefined;
}

/** A call, or the literal that it comes to. */
export function folded(name: string, type: KqlType, args: readonly Scalar[], nullable?: boolean): Scalar {
  const fold = FOLDS[name];
  if (fold && args.length > 0 && args.every((arg): arg is Literal => arg.kind === 'literal')) {
    if (args.some(isNullLiteral)) {
      if (name !== 'convert' && type !== 'string') return literal(type, null);
    } else {
      const found = fold(args, type);
      if (found) return found;
    }
  }
  return call(name, type, args, nullable);
}
