/** Random expressions over the columns at hand, of a type asked for. */
import fc, { type Arbitrary } from 'fast-check';
import { call, type Expression, literal, reference } from '../oracle/kql/expression.ts';
import type { Column, Type, Value } from '../oracle/kql/value.ts';

/** One random choice after another. */
export type Draw = <T>(of: Arbitrary<T>) => T;

/** fast-check prefers numbers near the ends, which here would be the first and the last choice. */
const below = (count: number): Arbitrary<number> => fc.noBias(fc.nat({ max: count - 1 }));

export const among = <T>(draw: Draw, items: readonly T[]): T => items[draw(below(items.length))]!;
export const upTo = (draw: Draw, most: number): number => draw(below(most + 1));
export const chance = (draw: Draw, percent: number): boolean => draw(below(100)) < percent;

/** Values that meet each other often, beside those that arithmetic and text search go wrong on. */
export const VALUES: Readonly<Record<Exclude<Type, 'dynamic'>, readonly Value[]>> = {
  bool: [true, false, null],
  long: [
    0n,
    1n,
    2n,
    3n,
    -1n,
    -4n,
    7n,
    9223372036854775807n,
    -9223372036854775807n,
    4611686018427387904n,
    null,
  ],
  real: [0, 0.5, -1.25, 2, 3.75, -8, 1024.5, null],
  string: ['', 'a', 'A', 'a_b', 'B a', 'cmd.exe', 'CMD_x', 'x cmdlet', '100%', 'é', 'É1', "it's", 'a\\b'],
};
const NEEDLES = ['', 'a', 'B', 'cmd', 'x', 'exe', 'a_b', '%', '_', 'é', 'x cmd', "'", '\\', '1'];

type Typed = Exclude<Type, 'dynamic'>;

export function expression(draw: Draw, columns: readonly Column[], type: Typed, depth: number): Expression {
  const own = columns.filter((column) => column.type === type);
  if (depth > 0 && chance(draw, 50)) return COMPOUND[type](draw, columns, depth - 1);
  if (own.length > 0 && chance(draw, 90)) return reference(among(draw, own));
  return literal(type, among(draw, VALUES[type]));
}

type Compound = (draw: Draw, columns: readonly Column[], depth: number) => Expression;

const COMPOUND: Readonly<Record<Typed, Compound>> = {
  long: (draw, columns, depth) => {
    const of = (type: Typed): Expression => expression(draw, columns, type, depth);
    const form = among(draw, ['arithmetic', 'arithmetic', 'divided', 'strlen', 'bin', 'choice'] as const);
    if (form === 'arithmetic') return call(among(draw, ['+', '-', '*']), of('long'), of('long'));
    if (form === 'divided')
      return call(among(draw, ['/', '%']), of('long'), literal('long', among(draw, [2n, 3n, 7n, 0n, -4n])));
    if (form === 'strlen') return call('strlen', of('string'));
    // Of values near the ends of the range the bin would lie beyond it.
    if (form === 'bin')
      return call(
        'bin',
        call('%', of('long'), literal('long', 1000n)),
        literal('long', among(draw, [1n, 2n, 5n])),
      );
    return choice(draw, columns, 'long', depth);
  },
  real: (draw, columns, depth) => {
    const of = (type: Typed): Expression => expression(draw, columns, type, depth);
    const form = among(draw, ['arithmetic', 'mixed', 'divided', 'bin', 'choice'] as const);
    if (form === 'arithmetic') return call(among(draw, ['+', '-', '*']), of('real'), of('real'));
    if (form === 'mixed') return call(among(draw, ['+', '-', '*']), of('long'), of('real'));
    if (form === 'divided') return call('/', of('real'), of('real'));
    if (form === 'bin') {
      const reals = columns.filter((column) => column.type === 'real' && column.exact);
      const value = reals.length ? reference(among(draw, reals)) : literal('real', among(draw, VALUES.real));
      return call('bin', value, literal('real', among(draw, [0.5, 2])));
    }
    return choice(draw, columns, 'real', depth);
  },
  string: (draw, columns, depth) => {
    const of = (type: Typed): Expression => expression(draw, columns, type, depth);
    const form = among(draw, ['strcat', 'strcat', 'case', 'tostring', 'choice'] as const);
    if (form === 'strcat') return call('strcat', of('string'), of(among(draw, ['string', 'long'])));
    if (form === 'case') return call(among(draw, ['tolower', 'toupper']), of('string'));
    if (form === 'tostring') return call('tostring', of('long'));
    return choice(draw, columns, 'string', depth);
  },
  bool: (draw, columns, depth) => {
    const forms = ['compare', 'compare', 'logic', 'text', 'text', 'list', 'list', 'null', 'between'] as const;
    return CONDITIONS[among(draw, forms)](draw, columns, depth);
  },
};

function choice(draw: Draw, columns: readonly Column[], type: Typed, depth: number): Expression {
  const of = (wanted: Typed): Expression => expression(draw, columns, wanted, depth);
  if (chance(draw, 60)) return call('iff', of('bool'), of(type), of(type));
  return call('case', of('bool'), of(type), of('bool'), of(type), of(type));
}

const inAnyCase = (draw: Draw, value: Value): Value =>
  typeof value === 'string' && chance(draw, 40) ? value.toUpperCase() : value;

const CONDITIONS = {
  compare: (draw, columns, depth) => {
    const type = among(draw, ['long', 'real', 'string', 'bool'] as const);
    const other = type === 'real' && chance(draw, 30) ? 'long' : type;
    const operators =
      type === 'long' || type === 'real' ? ['==', '==', '!=', '!=', '<', '<=', '>', '>='] : ['==', '!='];
    return call(
      among(draw, operators),
      expression(draw, columns, type, depth),
      expression(draw, columns, other, depth),
    );
  },
  logic: (draw, columns, depth) => {
    const of = (): Expression => expression(draw, columns, 'bool', depth);
    return chance(draw, 30) ? call('not', of()) : call(among(draw, ['and', 'or']), of(), of());
  },
  text: (draw, columns, depth) => {
    const name = among(draw, ['has', 'has', 'has', 'contains', 'startswith', 'endswith', '=~'] as const);
    const negation = name === '=~' ? '!~' : `!${name}`;
    const needle = chance(draw, 70)
      ? literal('string', inAnyCase(draw, among(draw, NEEDLES)))
      : expression(draw, columns, 'string', 0);
    return call(chance(draw, 70) ? name : negation, expression(draw, columns, 'string', depth), needle);
  },
  list: (draw, columns, depth) => {
    const type = among(draw, ['long', 'string', 'string'] as const);
    const names = type === 'long' ? ['in', '!in'] : ['in', '!in', 'in~', '!in~', 'has_any', 'has_all'];
    const name = among(draw, names);
    const values =
      type === 'string' && name.includes('has') ? NEEDLES : VALUES[type].filter((value) => value !== null);
    const item = (): Expression => literal(type, inAnyCase(draw, among(draw, values)));
    const list = Array.from({ length: 1 + upTo(draw, 7) }, item);
    return call(name, expression(draw, columns, type, depth), ...list);
  },
  null: (draw, columns, depth) => {
    const type = among(draw, ['long', 'real', 'bool', 'string'] as const);
    const names = type === 'string' ? ['isempty', 'isnotempty'] : ['isnull', 'isnotnull'];
    return call(among(draw, names), expression(draw, columns, type, depth));
  },
  between: (draw, columns, depth) => {
    const type = among(draw, ['long', 'real'] as const);
    const bounds: readonly Value[] = type === 'long' ? [-3n, 0n, 2n, 100n] : [-1.5, 0, 2, 100];
    const bound = (): Expression => literal(type, among(draw, bounds));
    const name = among(draw, ['between', '!between']);
    return call(name, expression(draw, columns, type, depth), bound(), bound());
  },
} satisfies Record<string, Compound>;

/** Whether its value is the same however it is computed: division rounds, and gives infinities and NaN. */
export function isExact(of: Expression): boolean {
  if (of.kind === 'column') return of.column.exact;
  if (of.kind === 'literal') return true;
  return of.name !== '/' && of.args.every(isExact);
}
