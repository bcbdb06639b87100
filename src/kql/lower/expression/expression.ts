/** Scalar expressions: Microsoft's syntax tree to the plan's scalars. */
import { nearest } from '../../../nearest.ts';
import { literal, type Scalar } from '../../../plan/scalar.ts';
import { stringOrDynamic } from '../../../schema/advanced-hunting.ts';
import { isKqlType } from '../../../schema/kql-types.ts';
import { Refusal } from '../../diagnostics.ts';
import { callRow } from '../../functions/call.ts';
import { lowerCall } from '../../functions/special.ts';
import { lastOfSplit } from '../../functions/strings.ts';
import { tupleValues } from '../../functions/tuples.ts';
import {
  boolLiteral,
  datetimeLiteral,
  decimalLiteral,
  guidLiteral,
  integerLiteral,
  realLiteral,
  timespanLiteral,
} from '../../literals.ts';
import { elements, kindOf, type SyntaxNode } from '../../parser.ts';
import { type Context, findColumn, nameOf, positionOf, reference, refuse, textOf } from '../query/context.ts';
import { ofBearableSize } from '../query/size.ts';
import { lowerUnary } from './arithmetic.ts';
import { lowerBetween } from './between.ts';
import { lowerBinary, lowerStar } from './binary.ts';
import { lowerDynamic } from './dynamic-literal.ts';
import { lowerIn } from './in.ts';
import { lowerSubquery } from './subquery.ts';

/** Lowers one expression; a refusal is reported, and lowering goes on with a null, so that several are found at once. */
export function lowerExpression(context: Context, node: SyntaxNode): Scalar {
  try {
    return lowerScalar(context, node);
  } catch (error) {
    // Of a query that is too large, everything after is too much as well.
    if (!(error instanceof Refusal) || error.code === 'MG008') throw error;
    context.session.report(error);
    const bound = node.ResultType?.Name ?? '';
    // A tuple, as series functions give, is taken apart as a dynamic is.
    return literal(isKqlType(bound) ? bound : bound === 'tuple' ? 'dynamic' : 'string', null);
  }
}

type Lower = (context: Context, node: SyntaxNode) => Scalar;

const literalText =
  (read: (text: string, at: ReturnType<typeof positionOf>) => Scalar): Lower =>
  (context, node) =>
    read(textOf(context, node), positionOf(node));

const LOWER: Readonly<Record<string, Lower>> = {
  LongLiteralExpression: literalText((text, at) => integerLiteral('long', text, at)),
  IntLiteralExpression: literalText((text, at) => integerLiteral('int', text, at)),
  RealLiteralExpression: literalText(realLiteral),
  DecimalLiteralExpression: literalText(decimalLiteral),
  BooleanLiteralExpression: literalText(boolLiteral),
  DateTimeLiteralExpression: literalText(datetimeLiteral),
  TimespanLiteralExpression: literalText(timespanLiteral),
  GuidLiteralExpression: literalText(guidLiteral),
  StringLiteralExpression: (_, node) => literal('string', node.LiteralValue ?? ''),
  CompoundStringLiteralExpression: (_, node) => literal('string', node.LiteralValue ?? ''),
  DynamicExpression: lowerDynamic,
  ParenthesizedExpression: (context, node) => lowerScalar(context, node.Expression),
  NameReference: lowerName,
  PathExpression: lowerPath,
  ElementExpression: lowerElement,
  FunctionCallExpression: lowerCall,
  InExpression: lowerIn,
  InCsExpression: lowerIn,
  NotInExpression: lowerIn,
  NotInCsExpression: lowerIn,
  HasAnyExpression: lowerIn,
  HasAllExpression: lowerIn,
  BetweenExpression: lowerBetween,
  NotBetweenExpression: lowerBetween,
  UnaryMinusExpression: lowerUnary,
  UnaryPlusExpression: lowerUnary,
  ToScalarExpression: lowerSubquery,
  StarExpression: lowerStar,
  SimpleNamedExpression: (context, node) => lowerScalar(context, node.Expression),
  OrderedExpression: (context, node) => lowerScalar(context, node.Expression),
};

export function lowerScalar(context: Context, node: SyntaxNode): Scalar {
  return ofBearableSize(lowerKind(context, node), context, node);
}

function lowerKind(context: Context, node: SyntaxNode): Scalar {
  const kind = kindOf(node);
  const lower = LOWER[kind];
  if (lower) return lower(context, node);
  if (node.Left && node.Right && kind.endsWith('Expression')) return lowerBinary(context, node);
  if (kind === 'NullLiteralExpression') return literal('dynamic', null);
  return refuse('MG003', `this kind of expression (${kind}) has no translation`, node);
}

function lowerName(context: Context, node: SyntaxNode): Scalar {
  const name = nameOf(node);
  const found = findColumn(context.row, name);
  if (found) return reference(found);
  const binding = context.scope.find(name);
  if (binding?.kind === 'scalar') return binding.value;
  if (binding?.kind === 'table')
    return refuse('MG003', `${name} is a table where a value is expected`, node, 'use toscalar()');
  const known = [
    ...(context.row?.columns.map((candidate) => candidate.name) ?? []),
    ...context.scope.names(),
  ];
  const close = nearest(name, known);
  const unpacked = Object.keys(context.session.discovered).some((key) => key.startsWith('bag_unpack@'));
  const hint = unpacked ? 'no bag that is unpacked has it; an output schema would name it' : undefined;
  return refuse('KS142', `unknown column '${name}'`, node, close ? `did you mean '${close}'?` : hint);
}

function lowerPath(context: Context, node: SyntaxNode): Scalar {
  const base = node.Expression as SyntaxNode;
  const selector = node.Selector as SyntaxNode;
  if (kindOf(base) === 'NameReference') {
    const step = context.steps?.get(nameOf(base));
    if (step) {
      const found = findColumn(step, nameOf(selector));
      return found ? reference(found) : refuse('KS142', `unknown column '${nameOf(selector)}'`, selector);
    }
    const side = nameOf(base) === '$left' ? 'left' : nameOf(base) === '$right' ? 'right' : undefined;
    if (side) {
      const name = nameOf(selector);
      const found = findColumn(context[side], name);
      if (!found) return refuse('KS142', `unknown column '${name}'`, selector);
      return reference(found, side);
    }
  }
  const value = asDynamic(lowerScalar(context, base), base);
  if (kindOf(selector) === 'BracketedExpression') {
    return element(value, lowerScalar(context, selector.Expression), selector);
  }
  return callRow('path', [value, literal('string', nameOf(selector))], node);
}

function lowerElement(context: Context, node: SyntaxNode): Scalar {
  const tuple = tupleValues(context, node.Expression);
  if (tuple) {
    const index = lowerScalar(context, node.Selector.Expression ?? node.Selector);
    const part = index.kind === 'literal' ? tuple[Number(index.value)] : undefined;
    return part?.value ?? refuse('MG003', 'only a literal index has a translation here', node);
  }
  if (/^array_sort_(asc|desc)$/.test(nameOf(node.Expression.Name ?? node.Expression) ?? ''))
    return refuse(
      'MG003',
      'an index right after a sort has no translation',
      node,
      'name the sorted array first',
    );
  const selector = node.Selector as SyntaxNode;
  const key = lowerScalar(context, selector.Expression ?? selector);
  const last = lastOfSplit(context, node.Expression, key);
  if (last) return last;
  return element(asDynamic(lowerScalar(context, node.Expression), node), key, selector);
}

function element(base: Scalar, key: Scalar, node: SyntaxNode): Scalar {
  return key.type === 'dynamic' ? callRow('at', [base, key], node) : callRow('path', [base, key], node);
}

function asDynamic(value: Scalar, node: SyntaxNode): Scalar {
  if (value.type === 'dynamic') return value;
  if (value.type === 'string' && value.kind === 'column' && stringOrDynamic().has(value.name))
    return callRow('parse_json', [value], node);
  if (value.type === 'string') {
    return refuse('KS207', 'a string has no properties', node, 'wrap it in parse_json()');
  }
  return refuse('MG003', `a ${value.type} has no properties`, node);
}

export const argumentsOf = (node: SyntaxNode): SyntaxNode[] => elements(node.ArgumentList?.Expressions);
