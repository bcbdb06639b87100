/** Expressions over one row: as data, as KQL text, and their value. */
import { functions } from './functions.ts';
import type { Column, Row, Type, Value } from './value.ts';

export type Expression =
  | { readonly kind: 'column'; readonly column: Column }
  | { readonly kind: 'literal'; readonly type: Type; readonly value: Value }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] };

export const call = (name: string, ...args: Expression[]): Expression => ({ kind: 'call', name, args });
export const literal = (type: Type, value: Value): Expression => ({ kind: 'literal', type, value });
export const reference = (column: Column): Expression => ({ kind: 'column', column });

export function evaluate(expression: Expression, row: Row): Value {
  switch (expression.kind) {
    case 'column':
      return row[expression.column.name]!;
    case 'literal':
      return expression.value;
    default:
      return functions[expression.name]!(...expression.args.map((arg) => evaluate(arg, row)));
  }
}

export function literalText(type: Type, value: Value): string {
  if (type === 'string') return JSON.stringify(value);
  if (type === 'bool' && value !== null) return String(value);
  if (type === 'long' && typeof value === 'bigint' && value >= 0n) return String(value);
  return `${type}(${value})`;
}

/** Fully in parentheses, so that nothing rests on precedence. */
export function expressionText(expression: Expression): string {
  if (expression.kind === 'column') return expression.column.name;
  if (expression.kind === 'literal') return literalText(expression.type, expression.value);
  const { name } = expression;
  const [first, ...rest] = expression.args.map(expressionText);
  if (/^!?in~?$|^has_/.test(name)) return `(${first} ${name} (${rest.join(', ')}))`;
  if (/between$/.test(name)) return `(${first} ${name} (${rest.join(' .. ')}))`;
  if (INFIX.test(name)) return `(${first} ${name} ${rest[0]})`;
  return `${name}(${[first, ...rest].join(', ')})`;
}

const INFIX = /^(?:and|or|!?(?:has|contains|startswith|endswith)|[^a-z]+)$/;
