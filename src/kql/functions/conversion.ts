/** `tostring`, `toint`, … */

import { literal, type Scalar } from '../../plan/scalar.ts';
import { scalarsWithin } from '../../plan/walk.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { isHeld } from '../dialect.ts';
import { parseDatetime, parseTimespan } from '../literals.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { refuse } from '../lower/query/context.ts';
import { callRow, convertTo } from './call.ts';
import type { Special, SpecialTable } from './special.ts';

const to =
  (type: KqlType): Special =>
  (context, args, node) => {
    if (args.length !== 1) return refuse('KS119', `this conversion takes one argument`, node);
    const value = lowerScalar(context, args[0]!);
    if (value.kind === 'literal' && value.type === 'string') {
      const text = String(value.value);
      if (type === 'datetime') {
        const parsed = parseDatetime(text);
        if (parsed && isHeld(parsed.ticks)) return literal('datetime', parsed.micros);
      }
      if (type === 'timespan') {
        const ticks = parseTimespan(text);
        if (ticks !== undefined) return literal('timespan', ticks);
      }
    }
    if (type === 'string' && value.type === 'decimal' && hasQuotient(value)) {
      return refuse('MG003', 'the text of a decimal quotient has no translation', node);
    }
    return convertTo(value, type, node);
  };

/** A quotient has more digits in Kusto than the engine keeps. */
const hasQuotient = (value: Scalar): boolean =>
  [...scalarsWithin(value)].some((part) => part.kind === 'call' && part.name === 'divide');

const parseJson: Special = (context, args, node) => {
  const value = lowerScalar(context, args[0]!);
  if (value.type === 'dynamic') return value;
  return value.type === 'string' ? callRow('parse_json', [value], node) : convertTo(value, 'dynamic', node);
};

export const conversionForms: SpecialTable = {
  tostring: to('string'),
  toint: to('int'),
  tolong: to('long'),
  toreal: to('real'),
  todouble: to('real'),
  tobool: to('bool'),
  toboolean: to('bool'),
  todatetime: to('datetime'),
  totimespan: to('timespan'),
  totime: to('timespan'),
  toguid: to('guid'),
  todecimal: to('decimal'),
  todynamic: parseJson,
  parse_json: parseJson,
  parsejson: parseJson,
  toobject: parseJson,
};
