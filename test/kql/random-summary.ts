/** Random groups and aggregates, of columns whose values everybody computes alike. */
import type { Aggregate } from '../oracle/kql/aggregates.ts';
import { call, literal, reference } from '../oracle/kql/expression.ts';
import type { Named, Operator } from '../oracle/kql/operators.ts';
import type { Column, Type } from '../oracle/kql/value.ts';
import { among, chance, type Draw, expression, upTo } from './random-expression.ts';

/** Numbers the columns that a query makes, each named after its type: the same name never has two types. */
export interface Names {
  next: number;
}

/** What groups, joins and tells rows apart: no real, which may be a negative zero. */
export const keyable = (columns: readonly Column[]): Column[] =>
  columns.filter(({ type, exact }) => exact && type !== 'real' && type !== 'dynamic');

export function summary(draw: Draw, columns: readonly Column[], names: Names): Operator {
  const by = keyable(columns)
    .filter(() => chance(draw, 30))
    .map((column): Named => ({ column, value: reference(column) }));
  if (columns.some(({ name }) => name === 'k') && chance(draw, 20)) {
    const column = { name: `long_${names.next++}`, type: 'long', exact: true } as const;
    const k = reference(columns.find(({ name }) => name === 'k')!);
    by.push({ column, value: call('bin', call('%', k, literal('long', 9n)), literal('long', 2n)) });
  }
  const aggregates = Array.from({ length: 1 + upTo(draw, 2) }, () => aggregate(draw, columns, names));
  return { kind: 'summarize', aggregates, by };
}

function aggregate(draw: Draw, columns: readonly Column[], names: Names): Aggregate {
  const made = (name: Aggregate['name'], argument: Aggregate['argument'], type: Type): Aggregate => ({
    as: `${type}_${names.next++}`,
    name,
    argument,
    type,
  });
  const exact = columns.filter((column) => column.exact && column.type !== 'dynamic');
  const numbers = exact.filter(({ type }) => type === 'long' || type === 'real');
  const name = among(draw, [
    'count',
    'countif',
    'sum',
    'min',
    'max',
    'avg',
    'dcount',
    'set',
    'set_size',
  ] as const);
  if (name === 'countif') return made(name, expression(draw, exact, 'bool', 2), 'long');
  if (/sum|min|max|avg/.test(name) && numbers.length > 0) {
    const column = among(draw, numbers);
    return made(name, reference(column), name === 'avg' ? 'real' : column.type);
  }
  const plain = keyable(columns).filter(({ type }) => type !== 'bool');
  if (/dcount|set/.test(name) && plain.length > 0)
    return made(name, reference(among(draw, plain)), name === 'set' ? 'dynamic' : 'long');
  return made('count', literal('long', 0n), 'long');
}
