/** Kusto's operators and functions of one row, in plain TypeScript. */
import { absent, type Value, wrapped } from './value.ts';

type Fn = (...args: readonly Value[]) => Value;

const fold = (value: Value): string => String(value).toLowerCase();
const isTermCharacter = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}]/u.test(character);

/** Whole terms only: where the needle ends in a letter or digit, none may follow it; likewise before it. */
function hasTerm(haystack: Value, needle: Value): boolean {
  const [text, wanted] = [[...fold(haystack)], [...fold(needle)]];
  if (wanted.length === 0) return true;
  for (let at = 0; at + wanted.length <= text.length; at += 1) {
    if (!wanted.every((character, index) => text[at + index] === character)) continue;
    const before = isTermCharacter(wanted[0]) && isTermCharacter(text[at - 1]);
    const after = isTermCharacter(wanted.at(-1)) && isTermCharacter(text[at + wanted.length]);
    if (!before && !after) return true;
  }
  return false;
}

/** Null where an operand is. */
const strict =
  (compute: Fn): Fn =>
  (...args) =>
    args.includes(null) ? null : compute(...args);

/** Longs with longs, and numbers as soon as one is real. */
const arithmetic = (whole: (a: bigint, b: bigint) => bigint | null, real: (a: number, b: number) => number) =>
  strict((a, b) => {
    if (typeof a !== 'bigint' || typeof b !== 'bigint') return real(Number(a), Number(b));
    const result = whole(a, b);
    return result === null ? null : wrapped(result);
  });

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);
/** A long beside a real is taken as one. */
const comparing = (test: (a: number | bigint, b: number | bigint) => boolean): Fn =>
  strict((a, b) => (typeof a === typeof b ? test(a as number, b as number) : test(Number(a), Number(b))));

const equal: Fn = (a, b) =>
  a === null && b === null
    ? null
    : a === null || b === null
      ? false
      : typeof a === typeof b
        ? a === b
        : Number(a) === Number(b);

const not: Fn = (value) => (value === null ? null : !value);
const negated =
  (fn: Fn): Fn =>
  (...args) =>
    not(fn(...args));

const binned = (value: Value, step: Value): Value => {
  if (typeof value !== 'bigint' || typeof step !== 'bigint')
    return Math.floor(Number(value) / Number(step)) * Number(step);
  const rest = ((value % step) + step) % step;
  return value - rest;
};

const textOf = (value: Value): string => (value === null ? '' : String(value));
const contains: Fn = (a, b) => fold(a).includes(fold(b));
const startswith: Fn = (a, b) => fold(a).startsWith(fold(b));
const endswith: Fn = (a, b) => fold(a).endsWith(fold(b));
const equalFold: Fn = (a, b) => fold(a) === fold(b);
/** Never null: a null value is in no list. */
const within: Fn = (value, ...list) => value !== null && list.some((item) => equal(value, item) === true);
const withinFold: Fn = (value, ...list) => list.some((item) => fold(item) === fold(value));
const between = strict((value, low, high) => Number(value) >= Number(low) && Number(value) <= Number(high));

/** By their names in KQL. */
export const functions: Readonly<Record<string, Fn>> = {
  '+': arithmetic(
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  '-': arithmetic(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  '*': arithmetic(
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  '/': arithmetic(
    (a, b) => (b === 0n ? null : a / b),
    (a, b) => a / b,
  ),
  '%': arithmetic(
    (a, b) => (b === 0n ? null : ((a % b) + magnitude(b)) % magnitude(b)),
    () => Number.NaN,
  ),
  '==': equal,
  '!=': negated(equal),
  '<': comparing((a, b) => a < b),
  '<=': comparing((a, b) => a <= b),
  '>': comparing((a, b) => a > b),
  '>=': comparing((a, b) => a >= b),
  and: (a, b) => (a === false || b === false ? false : a === null || b === null ? null : true),
  or: (a, b) => (a === true || b === true ? true : a === null || b === null ? null : false),
  not,
  '=~': equalFold,
  '!~': negated(equalFold),
  has: hasTerm,
  '!has': negated(hasTerm),
  contains,
  '!contains': negated(contains),
  startswith,
  '!startswith': negated(startswith),
  endswith,
  '!endswith': negated(endswith),
  in: within,
  '!in': negated(within),
  'in~': withinFold,
  '!in~': negated(withinFold),
  has_any: (value, ...list) => list.some((item) => hasTerm(value, item)),
  has_all: (value, ...list) => list.every((item) => hasTerm(value, item)),
  between,
  '!between': negated(between),
  isnull: (value) => value === null,
  isnotnull: (value) => value !== null,
  isempty: (value) => value === null || value === '',
  isnotempty: (value) => value !== null && value !== '',
  strcat: (...args) => args.map(textOf).join(''),
  tolower: (value) => String(value).toLowerCase(),
  toupper: (value) => String(value).toUpperCase(),
  strlen: (value) => BigInt([...String(value)].length),
  tostring: textOf,
  bin: strict(binned),
  iff: (condition, yes, no) => (condition === true ? yes! : no!),
  case: (...args) => {
    for (let at = 0; at + 1 < args.length; at += 2) if (args[at] === true) return args[at + 1]!;
    return args.at(-1) ?? absent('long');
  },
};
