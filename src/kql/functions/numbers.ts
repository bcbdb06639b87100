/** Functions of numbers whose form depends on the argument's type. */

import { knowsUnits } from '../../dialect/units.ts';
import { literal } from '../../plan/scalar.ts';
import { arithmetic } from '../lower/expression/arithmetic.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { reference, refuse } from '../lower/query/context.ts';
import { kindOf } from '../parser.ts';
import { callRow, unified, widest } from './call.ts';
import { literalString, type Special, type SpecialTable } from './special.ts';

const extreme =
  (name: string): Special =>
  (context, args, node) => {
    const values = unified(
      args.map((arg) => lowerScalar(context, arg)),
      node,
    );
    if (values[0]!.type === 'dynamic' || values[0]!.type === 'string')
      return refuse('MG003', `${name} of a ${values[0]!.type} has no translation`, node);
    return callRow(name, values, node, widest(values.map(({ type }) => type)) ?? values[0]!.type);
  };

/** Units are spelled out in the query, so that unknown ones are refused by name. */
const unit =
  (quantity: string): Special =>
  (context, args, node) => {
    const [from, to] = [literalString(context, args[1]!), literalString(context, args[2]!)];
    if (!knowsUnits(quantity, from, to))
      return refuse('MG003', `the unit ${from} or ${to} has no translation`, node);
    return callRow(
      'convert_unit',
      [lowerScalar(context, args[0]!), ...[quantity, from, to].map((text) => literal('string', text))],
      node,
    );
  };

/** Bytes of a value of these types, whatever it is. */
const SIZES: Readonly<Record<string, bigint>> = {
  bool: 1n,
  int: 4n,
  long: 8n,
  real: 8n,
  datetime: 8n,
  timespan: 8n,
  guid: 16n,
};

export const numberForms: SpecialTable = {
  estimate_data_size: (context, args, node) => {
    const values = args.flatMap((arg) =>
      kindOf(arg) === 'StarExpression'
        ? (context.row?.columns ?? []).map((column) => reference(column))
        : [lowerScalar(context, arg)],
    );
    const sizes = values.map((value) => {
      if (value.type === 'string') return callRow('string_size', [value], node);
      const size = SIZES[value.type];
      return size
        ? literal('long', size)
        : refuse('MG003', `the size of a ${value.type} has no translation`, node);
    });
    return sizes.reduce((sum, size) => arithmetic('add', sum, size, node));
  },
  round: (context, args, node) => {
    const [value, digits] = args.map((arg) => lowerScalar(context, arg));
    if (value!.type === 'long' || value!.type === 'int')
      return digits ? callRow('round_long', [value!, digits], node, value!.type) : value!;
    return callRow('round_real', digits ? [value!, digits] : [value!], node);
  },
  tohex: (context, args, node) => {
    const [value, width] = args.map((arg) => lowerScalar(context, arg));
    const bits = value!.type === 'int' ? callRow('low_bits', [value!], node) : value!;
    return callRow('tohex', width ? [bits, width] : [bits], node);
  },
  abs: (context, args, node) => {
    const value = lowerScalar(context, args[0]!);
    return callRow('abs', [value], node, value.type === 'int' ? 'long' : value.type);
  },
  max_of: extreme('max_of'),
  min_of: extreme('min_of'),
  rand: (context, args, node) =>
    args.length === 0
      ? callRow('rand_real', [], node)
      : callRow('rand_below', [lowerScalar(context, args[0]!)], node),
  ...Object.fromEntries(
    ['length', 'mass', 'energy', 'force', 'temperature', 'angle', 'speed', 'volume'].map((quantity) => [
      `convert_${quantity}`,
      unit(quantity),
    ]),
  ),
  new_guid: (_, __, node) => callRow('new_guid', [], node),
};
