import type { Scalar } from '../../../plan/scalar.ts';
import { callRow, convertTo } from '../../functions/call.ts';
import { checkedRegex } from '../../functions/regex-check.ts';
import { kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, reference, refuse } from '../query/context.ts';
import { arithmetic } from './arithmetic.ts';
import { comparable } from './comparable.ts';
import { lowerScalar } from './expression.ts';

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
  if (!form) return refuse('MG003', `the operator ${node.Operator?.Text} has no translation`, node);
  if (kindOf(node.Left) === 'StarExpression') return overColumns(context, node, form);
  return form(lowerScalar(context, node.Left), lowerScalar(context, node.Right), node);
}

/** `* has "x"`: true of any column of the row. */
function overColumns(context: Context, node: SyntaxNode, form: Form): Scalar {
  const right = lowerScalar(context, node.Right);
  const [positive, negative] = positiveForm(kindOf(node), form);
  const parts = (context.row?.columns ?? []).map((candidate) => positive(reference(candidate), right, node));
  const any = parts.reduce((left, next) => callRow('or', [left, next], node));
  return negative ? negated(any, node) : any;
}

/** `* !has "x"` is not `* has "x"`. */
function positiveForm(kind: string, form: Form): [Form, boolean] {
  if (kind === 'BangTildeExpression') return [FORMS.EqualTildeExpression!, true];
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
