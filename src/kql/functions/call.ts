/** Calls of the function tables' rows: arguments checked, converted to what the row takes, and folded. */

import type { FunctionRow, Parameter } from '../../dialect/function-row.ts';
import { folded } from '../../plan/rewrite/fold.ts';
import { literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { dialect } from '../dialect.ts';
import { refuse } from '../lower/query/context.ts';
import type { SyntaxNode } from '../parser.ts';

/** The value as another type, by Kusto's own conversion. */
export function convertTo(value: Scalar, type: KqlType, node: SyntaxNode): Scalar {
  if (value.type === type) return value;
  if (value.kind === 'literal' && value.value === null) return literal(type, null);
  if (!dialect().converts(value.type, type)) {
    refuse('MG003', `a ${value.type} as a ${type} has no translation`, node);
  }
  const widening = value.type === 'int' || (value.type === 'long' && type === 'real') || type === 'dynamic';
  const total = widening && value.type !== 'dynamic';
  return folded('convert', type, [value], total ? value.nullable : true);
}

const RANK: readonly KqlType[] = ['int', 'long', 'decimal', 'real'];

export function isNumber(type: KqlType): boolean {
  return RANK.includes(type);
}

/** The widest of numeric types; undefined where one is no number. */
export function widest(types: readonly KqlType[]): KqlType | undefined {
  if (!types.every(isNumber)) return undefined;
  return RANK[Math.max(...types.map((type) => RANK.indexOf(type)))];
}

function coerced(value: Scalar, parameter: Parameter, node: SyntaxNode): Scalar {
  if (parameter.type === 'any') return value;
  if (parameter.type === 'number') {
    if (isNumber(value.type)) return value;
    if (value.type === 'bool') return convertTo(value, 'long', node);
    return convertTo(value, 'real', node);
  }
  return convertTo(value, parameter.type, node);
}

function parameterAt(row: FunctionRow, index: number): Parameter | undefined {
  const last = row.takes.at(-1);
  return row.takes[index] ?? (last?.repeated ? last : undefined);
}

export function resultType(gives: FunctionRow['gives'] | 'any', args: readonly Scalar[]): KqlType {
  if (gives === 'argument' || gives === ('any' as string)) return args[0]?.type ?? 'dynamic';
  if (gives === 'number') return widest(args.map((arg) => arg.type)) ?? args[0]!.type;
  return gives as KqlType;
}

export function hasRow(name: string): boolean {
  return Object.hasOwn(dialect().functions, name);
}

/** A call of a row; `type` overrides what the row gives. */
export function callRow(name: string, args: readonly Scalar[], node: SyntaxNode, type?: KqlType): Scalar {
  const row = dialect().functions[name];
  if (!row) refuse('MG002', `the function ${name} has no translation`, node);
  const required = row.takes.filter((parameter) => !parameter.optional && !parameter.repeated).length;
  if (args.length < required || (!row.takes.at(-1)?.repeated && args.length > row.takes.length)) {
    refuse('MG003', `${name} with ${args.length} arguments has no translation`, node);
  }
  const values = args.map((arg, index) => coerced(arg, parameterAt(row, index)!, node));
  const result = type ?? resultType(row.gives, values);
  const nullable = row.nulls === 'never' ? false : row.nulls === 'maybe' ? true : undefined;
  return folded(name, result, values, nullable);
}

/** Values brought to one type: numbers, null or not, to the widest, typed values beside dynamic to dynamic. */
export function unified(values: readonly Scalar[], node: SyntaxNode): Scalar[] {
  const known = values.filter((value) => !(value.kind === 'literal' && value.value === null));
  const types = [...new Set((known.length ? known : values).map((value) => value.type))];
  const type = widest(values.map((value) => value.type)) ?? (types.length === 1 ? types[0]! : 'dynamic');
  return values.map((value) => convertTo(value, type, node));
}
