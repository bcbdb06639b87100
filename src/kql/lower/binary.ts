/** Operators between values: comparison, arithmetic, string search, `in`, `between`. */
import { membership } from '../../plan/membership.ts';
import { literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { callRow, convertTo, isNumber, unified, widest } from '../functions/call.ts';
import { checkedRegex } from '../functions/regex-check.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { type Context, findColumn, reference, refuse } from './context.ts';
import { lowerScalar } from './expression.ts';
import { asTable, isTabular } from './subquery.ts';

type Form = (left: Scalar, right: Scalar, node: SyntaxNode) => Scalar;

export const negated = (value: Scalar, node: SyntaxNode): Scalar => callRow('not', [value], node);

const strings =
  (name: string, positive = true): Form =>
  (left, right, node) => {
    const found = callRow(name, [convertTo(left, 'string', node), convertTo(right, 'string', node)], node);
    return positive ? found : negated(found, node);
  };

const compared =
  (name: string): Form =>
  (left, right, node) => {
    const [a, b] = comparable(left, right, node);
    return callRow(name, [a, b], node);
  };

const FORMS: Readonly<Record<string, Form>> = {
  AndExpression: (left, right, node) => callRow('and', [asBool(left, node), asBool(right, node)], node),
  OrExpression: (left, right, node) => callRow('or', [asBool(left, node), asBool(right, node)], node),
  EqualExpression: compared('equal'),
  NotEqualExpression: compared('not_equal'),
  LessThanExpression: compared('less'),
  LessThanOrEqualExpression: compared('less_equal'),
  GreaterThanExpression: compared('greater'),
  GreaterThanOrEqualExpression: compared('greater_equal'),
  EqualTildeExpression: strings('equal_fold'),
  BangTildeExpression: strings('equal_fold', false),
  HasExpression: strings('has'),
  NotHasExpression: strings('has', false),
  HasCsExpression: strings('has_cs'),
  NotHasCsExpression: strings('has_cs', false),
  HasPrefixExpression: strings('hasprefix'),
  NotHasPrefixExpression: strings('hasprefix', false),
  HasPrefixCsExpression: strings('hasprefix_cs'),
  NotHasPrefixCsExpression: strings('hasprefix_cs', false),
  HasSuffixExpression: strings('hassuffix'),
  NotHasSuffixExpression: strings('hassuffix', false),
  HasSuffixCsExpression: strings('hassuffix_cs'),
  NotHasSuffixCsExpression: strings('hassuffix_cs', false),
  ContainsExpression: strings('contains'),
  NotContainsExpression: strings('contains', false),
  ContainsCsExpression: strings('contains_cs'),
  NotContainsCsExpression: strings('contains_cs', false),
  StartsWithExpression: strings('startswith'),
  NotStartsWithExpression: strings('startswith', false),
  StartsWithCsExpression: strings('startswith_cs'),
  NotStartsWithCsExpression: strings('startswith_cs', false),
  EndsWithExpression: strings('endswith'),
  NotEndsWithExpression: strings('endswith', false),
  EndsWithCsExpression: strings('endswith_cs'),
  NotEndsWithCsExpression: strings('endswith_cs', false),
  SearchExpression: strings('has'),
  MatchesRegexExpression: (left, right, node) =>
    callRow('matches_regex', [convertTo(left, 'string', node), checkedRegex(right, node)], node),
  AddExpression: (left, right, node) => arithmetic('add', left, right, node),
  SubtractExpression: (left, right, node) => arithmetic('subtract', left, right, node),
  MultiplyExpression: (left, right, node) => arithmetic('multiply', left, right, node),
  DivideExpression: (left, right, node) => arithmetic('divide', left, right, node),
  ModuloExpression: (left, right, node) => arithmetic('modulo', left, right, node),
};

export function lowerBinary(context: Context, node: SyntaxNode): Scalar {
  const form = FORMS[kindOf(node)];
  if (!form) return refuse('MG003', `the operator ${node['Operator']?.Text} has no translation`, node);
  if (kindOf(node['Left']) === 'StarExpression') return overColumns(context, node, form);
  return form(lowerScalar(context, node['Left']), lowerScalar(context, node['Right']), node);
}

/** `* has "x"`: true of any column of the row. */
function overColumns(context: Context, node: SyntaxNode, form: Form): Scalar {
  const right = lowerScalar(context, node['Right']);
  const [positive, negative] = positiveForm(kindOf(node), form);
  const parts = (context.row?.columns ?? []).map((candidate) => positive(reference(candidate), right, node));
  const any = parts.reduce((left, next) => callRow('or', [left, next], node));
  return negative ? negated(any, node) : any;
}

/** `* !has "x"` is not `* has "x"`. */
function positiveForm(kind: string, form: Form): [Form, boolean] {
  if (kind === 'BangTildeExpression') return [FORMS['EqualTildeExpression']!, true];
  if (kind.startsWith('Not')) return [FORMS[kind.slice(3)]!, true];
  return [form, false];
}

export function lowerStar(_: Context, node: SyntaxNode): Scalar {
  return refuse('MG003', '* has no translation here', node);
}

/** A condition; Kusto takes nothing but a bool for one. */
export function asBool(value: Scalar, node: SyntaxNode): Scalar {
  if (value.type === 'bool') return value;
  if (value.type === 'dynamic') return convertTo(value, 'bool', node);
  return refuse('KS107', `a value of type bool is expected, not a ${value.type}`, node);
}

/** Two values brought to types that compare; a dynamic one is taken as what the other is. */
function comparable(left: Scalar, right: Scalar, node: SyntaxNode): [Scalar, Scalar] {
  if (left.type === right.type) return [left, right];
  if (left.type === 'dynamic') return [typedDynamic(left, right.type, node), widened(right, node)];
  if (right.type === 'dynamic') return [widened(left, node), typedDynamic(right, left.type, node)];
  if (isWhole(left.type) && isWhole(right.type)) return [left, right];
  const type = widest([left.type, right.type]);
  if (type) return [convertTo(left, type, node), convertTo(right, type, node)];
  if (left.type === 'bool' && isNumber(right.type)) return [convertTo(left, 'long', node), right];
  if (right.type === 'bool' && isNumber(left.type)) return [left, convertTo(right, 'long', node)];
  // Sentinel's ResultType is a string that hunts compare with 0.
  const equality = /^(Not)?Equal|In/.test(kindOf(node));
  if (equality && left.type === 'string' && isWholeLiteral(right))
    return [left, convertTo(right, 'string', node)];
  if (equality && right.type === 'string' && isWholeLiteral(left))
    return [convertTo(left, 'string', node), right];
  if (left.type === 'guid' && right.type === 'string') return [left, convertTo(right, 'guid', node)];
  if (left.type === 'string' && right.type === 'guid') return [convertTo(left, 'guid', node), right];
  return refuse(
    'KS106',
    `the operator '${node['Operator']?.Text ?? 'in'}' is not defined for ${left.type} and ${right.type}`,
    node,
  );
}

const isWholeLiteral = (scalar: Scalar): boolean => scalar.kind === 'literal' && isWhole(scalar.type);

const isWhole = (type: KqlType): boolean => type === 'int' || type === 'long';

const widened = (value: Scalar, node: SyntaxNode): Scalar =>
  value.type === 'int' || value.type === 'long' ? convertTo(value, 'real', node) : value;

function typedDynamic(value: Scalar, type: KqlType, node: SyntaxNode): Scalar {
  if (isNumber(type)) return callRow('as_number', [value], node);
  if (type === 'bool') return callRow('as_bool', [value], node);
  return convertTo(value, type, node);
}

export function arithmetic(name: string, left: Scalar, right: Scalar, node: SyntaxNode): Scalar {
  const types = [left.type, right.type];
  const timely = types.find((type) => type === 'datetime' || type === 'timespan');
  if (timely) return timeArithmetic(name, left, right, node);
  if (types.includes('dynamic')) {
    return refuse(
      'MG003',
      'arithmetic on a dynamic value has no translation',
      node,
      'wrap it in tolong() or todouble()',
    );
  }
  const [a, b] = [left, right].map((value) =>
    value.type === 'bool' ? convertTo(value, 'long', node) : value,
  ) as [Scalar, Scalar];
  const type = widest([a.type, b.type]);
  if (!type || type === 'decimal')
    return refuse('MG003', `arithmetic on ${types.join(' and ')} has no translation`, node);
  // int with int gives long in Kusto.
  const result = type === 'int' ? 'long' : type;
  return callRow(name, [convertTo(a, result, node), convertTo(b, result, node)], node, result);
}

function timeArithmetic(name: string, left: Scalar, right: Scalar, node: SyntaxNode): Scalar {
  const form = `${left.type} ${name} ${right.type}`;
  switch (form) {
    case 'datetime add timespan':
      return callRow('datetime_plus', [left, right], node);
    case 'timespan add datetime':
      return callRow('datetime_plus', [right, left], node);
    case 'datetime subtract timespan':
      return callRow('datetime_minus', [left, right], node);
    case 'datetime subtract datetime':
      return callRow('datetime_difference', [left, right], node);
    case 'timespan add timespan':
    case 'timespan subtract timespan':
    case 'timespan modulo timespan':
      return callRow(name, [left, right], node, 'timespan');
    case 'timespan divide timespan':
      return callRow('timespan_ratio', [left, right], node);
    default:
      break;
  }
  const [span, number] = left.type === 'timespan' ? [left, right] : [right, left];
  if (span.type === 'timespan' && isNumber(number.type)) {
    const whole = number.type === 'long' || number.type === 'int';
    if (name === 'multiply' && whole)
      return callRow('multiply', [span, convertTo(number, 'long', node)], node, 'timespan');
    if (name === 'multiply') return callRow('timespan_scale', [span, number], node);
    if (name === 'divide' && span === left && whole)
      return callRow('divide', [span, convertTo(number, 'long', node)], node, 'timespan');
    if (name === 'divide' && span === left)
      return callRow(
        'timespan_scale',
        [span, callRow('divide', [literal('real', 1), number], node, 'real')],
        node,
      );
  }
  return refuse('MG003', `${left.type} ${name} ${right.type} has no translation`, node);
}

export function lowerUnary(context: Context, node: SyntaxNode): Scalar {
  const value = lowerScalar(context, node['Expression']);
  if (kindOf(node) === 'UnaryPlusExpression') return value;
  if (value.type === 'int') return callRow('negate', [convertTo(value, 'long', node)], node);
  if (!['long', 'real', 'timespan'].includes(value.type)) {
    return refuse('MG003', `the negative of a ${value.type} has no translation`, node);
  }
  return callRow('negate', [value], node);
}

export function lowerBetween(context: Context, node: SyntaxNode): Scalar {
  const value = lowerScalar(context, node['Left']);
  const low = lowerScalar(context, node['Right'].First);
  let high = lowerScalar(context, node['Right'].Second);
  if (value.type === 'datetime' && high.type === 'timespan')
    high = callRow('datetime_plus', [low, high], node);
  const types = widest([value.type, low.type, high.type]);
  const args = types
    ? [value, low, high].map((part) => convertTo(part, types, node))
    : value.type === 'dynamic'
      ? [typedDynamic(value, low.type, node), widened(low, node), widened(high, node)]
      : [value, low, high];
  if (args[0]!.type !== args[1]!.type || args[1]!.type !== args[2]!.type) {
    return refuse('MG003', `between on ${args.map((arg) => arg.type).join(', ')} has no translation`, node);
  }
  const found = callRow('between', args, node);
  return kindOf(node) === 'NotBetweenExpression' ? negated(found, node) : found;
}

/** `in`, `in~`, `has_any`, `has_all` and their negations; the right side is a list, an array or a table. */
export function lowerIn(context: Context, node: SyntaxNode): Scalar {
  const kind = kindOf(node);
  const left = lowerScalar(context, node['Left']);
  const items = elements(node['Right'].Expressions);
  const operator = kind.startsWith('Has') ? (kind === 'HasAnyExpression' ? 'has_any' : 'has_all') : 'in';
  const fold = String(node['Operator']?.Text ?? '').endsWith('~');
  const found = isInNegation(kind, node)
    ? negated(inList(context, left, items, operator, fold, node), node)
    : inList(context, left, items, operator, fold, node);
  return found;
}

const isInNegation = (kind: string, node: SyntaxNode): boolean =>
  kind.startsWith('Not') || String(node['Operator']?.Text ?? '').startsWith('!');

function inList(
  context: Context,
  left: Scalar,
  items: readonly SyntaxNode[],
  operator: 'in' | 'has_any' | 'has_all',
  fold: boolean,
  node: SyntaxNode,
): Scalar {
  const [only] = items;
  if (items.length === 1 && isTabular(context, only!))
    return inTable(context, left, only!, operator, fold, node);
  const values = items.flatMap((item) => spread(lowerScalar(context, item)));
  const arrays = values.filter((value) => value.type === 'dynamic' && value.kind !== 'literal');
  if (arrays.length > 0) {
    if (values.length > 1)
      return refuse('MG003', 'a list of arrays that the query does not spell out has no translation', node);
    return inArray(left, arrays[0]!, operator, fold, node);
  }
  if (operator !== 'in')
    return callRow(
      operator,
      [convertTo(left, 'string', node), ...values.map((value) => convertTo(value, 'string', node))],
      node,
    );
  if (fold)
    return callRow(
      'in_fold',
      [convertTo(left, 'string', node), ...values.map((value) => convertTo(value, 'string', node))],
      node,
    );
  if (values.length === 0) return literal('bool', false);
  const pairs = values.map((value) => comparable(left, value, node));
  const head = unified(
    pairs.map(([a]) => a),
    node,
  )[0]!;
  return callRow(
    'in',
    [
      head,
      ...unified(
        pairs.map(([, b]) => b),
        node,
      ),
    ],
    node,
  );
}

function inArray(left: Scalar, list: Scalar, operator: string, fold: boolean, node: SyntaxNode): Scalar {
  if (operator !== 'in') return callRow(`${operator}_array`, [convertTo(left, 'string', node), list], node);
  if (fold) return callRow('in_array_fold', [convertTo(left, 'string', node), list], node);
  return callRow('in_array', [left, list], node);
}

/** The elements of an array literal; any other value itself. */
function spread(value: Scalar): Scalar[] {
  if (value.kind !== 'literal' || value.type !== 'dynamic' || value.value === null) return [value];
  const parsed: unknown = JSON.parse(String(value.value));
  const list = Array.isArray(parsed) ? parsed : [parsed];
  return list.map((item) => {
    if (typeof item === 'string') return literal('string', item);
    if (typeof item === 'boolean') return literal('bool', item);
    if (typeof item === 'number') {
      return Number.isSafeInteger(item) ? literal('long', BigInt(item)) : literal('real', item);
    }
    return literal('dynamic', item === null ? null : JSON.stringify(item));
  });
}

function inTable(
  context: Context,
  left: Scalar,
  item: SyntaxNode,
  operator: string,
  fold: boolean,
  node: SyntaxNode,
): Scalar {
  const table = asTable(context, item);
  const first = table.columns[0];
  if (!first) return refuse('MG003', 'in needs a table with a column', item);
  const found = reference(findColumn(table, first.name)!);
  if (operator !== 'in') return refuse('MG003', `${operator} over a table has no translation`, node);
  return membership(left, table.plan, found, { fold, convert: (a, b) => comparable(a, b, node) });
}
