/** Calls: the query's own functions, aggregates, windows, forms with a meaning of their own, and the tables' rows. */

import { nearest } from '../../nearest.ts';
import { own } from '../../own.ts';
import type { Scalar } from '../../plan/scalar.ts';
import { argumentsOf, lowerScalar } from '../lower/expression/expression.ts';
import { lowerUserFunction } from '../lower/expression/user-function.ts';
import { type Context, nameOf, refuse } from '../lower/query/context.ts';
import { isKustoFunction, type SyntaxNode } from '../parser.ts';
import { addressForms } from './addresses.ts';
import { AGGREGATE_NAMES, hasAggregate, lowerAggregate } from './aggregates.ts';
import { callRow, hasRow } from './call.ts';
import { controlForms } from './control.ts';
import { conversionForms } from './conversion.ts';
import { datetimeForms } from './datetime.ts';
import { decompositionForms } from './decomposition.ts';
import { dynamicForms } from './dynamic.ts';
import { hashForms } from './hashes.ts';
import { numberForms } from './numbers.ts';
import { regexForms } from './regex.ts';
import { stringForms } from './strings.ts';
import { lowerWindow, WINDOW_NAMES } from './windows.ts';

export type Special = (context: Context, args: readonly SyntaxNode[], node: SyntaxNode) => Scalar;
export type SpecialTable = Readonly<Record<string, Special>>;

const FORMS: SpecialTable = {
  ...controlForms,
  ...conversionForms,
  ...datetimeForms,
  ...dynamicForms,
  ...numberForms,
  ...regexForms,
  ...addressForms,
  ...hashForms,
  ...stringForms,
  ...decompositionForms,
};

/** Other names of the same functions. */
const ALIASES: Readonly<Record<string, string>> = {
  iif: 'iff',
  notempty: 'isnotempty',
  notnull: 'isnotnull',
  isNull: 'isnull',
  datepart: 'datetime_part',
  trimstart: 'trim_start',
  trimend: 'trim_end',
  base64_decodestring: 'base64_decode_tostring',
  base64_encodestring: 'base64_encode_tostring',
  unicode_codepoints_to_string: 'make_string',
  to_utf8: 'unicode_codepoints_from_string',
  weekofyear: 'week_of_year',
  hash_md5: 'hash_md5',
  isnotnan: 'isfinite',
  url_encode: 'url_encode',
  floor: 'bin',
  substr: 'substring',
  bag_pack_columns: 'bag_pack_columns',
  arraylength: 'array_length',
  array_strcat: 'strcat_array',
  extractall: 'extract_all',
  parseurl: 'parse_url',
  parseurlquery: 'parse_urlquery',
};

export function canonicalName(name: string): string {
  return own(ALIASES, name) ?? name;
}

/** Whether a function, aggregate or window of Kusto has a translation, in some form of its arguments at least. */
export function isTranslated(written: string): boolean {
  const name = canonicalName(written);
  return Object.hasOwn(FORMS, name) || hasRow(name) || hasAggregate(name) || WINDOW_NAMES.has(name);
}

export function lowerCall(context: Context, node: SyntaxNode): Scalar {
  const written = nameOf(node.Name);
  const args = argumentsOf(node);
  const binding = context.scope.find(written);
  if (binding?.kind === 'function') return lowerUserFunction(context, binding, args, node);
  const name = canonicalName(written);
  if (context.aggregates && AGGREGATE_NAMES.has(name)) return lowerAggregate(context, name, args, node);
  if (AGGREGATE_NAMES.has(name) && !Object.hasOwn(FORMS, name) && !hasRow(name)) {
    return refuse('KS211', `the aggregate ${written} stands only in summarize and its like`, node);
  }
  if (WINDOW_NAMES.has(name)) return lowerWindow(context, name, args, node);
  const form = own(FORMS, name);
  if (form) return form(context, args, node);
  if (hasRow(name) && isKustoFunction(written)) {
    return callRow(
      name,
      args.map((arg) => lowerScalar(context, arg)),
      node,
    );
  }
  return unknownFunction(context, written, node);
}

const wayOut = (name: string): string | undefined =>
  /^series_(fit_2lines|periods)/.test(name)
    ? 'no page says exactly what it gives; series_stats(), series_fit_line() and series_decompose() are translated'
    : undefined;

function unknownFunction(context: Context, name: string, node: SyntaxNode): never {
  if (isKustoFunction(name))
    return refuse('MG002', `the function ${name} has no translation`, node.Name, wayOut(name));
  const close = nearest(name, context.scope.names());
  return refuse('KS211', `unknown function '${name}'`, node.Name, close && `did you mean '${close}'?`);
}

/** The literal text of an argument that must be one. */
export function literalString(context: Context, node: SyntaxNode): string {
  const value = lowerScalar(context, node);
  if (value.kind === 'literal' && value.type === 'string') return String(value.value);
  return refuse('MG003', 'only a literal string has a translation here', node);
}

export function lowered(context: Context, args: readonly SyntaxNode[]): Scalar[] {
  return args.map((arg) => lowerScalar(context, arg));
}
