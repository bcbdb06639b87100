/** `parse-kv`: pairs of keys and values in a text, told apart by delimiters or by a regular expression. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { checkedRegex, groupCount } from '../functions/regex-check.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { declaredColumns } from './datatable.ts';
import { lowerScalar } from './expression/expression.ts';
import {
  type Delimiters,
  escaped,
  greedyPattern,
  plainPattern,
  type Quotes,
  quotedPattern,
} from './parse-kv-patterns.ts';
import { type Context, nameOf, type Relation, refuse } from './query/context.ts';
import { extended, origin } from './query/relation.ts';

/** What gives the text of a key's first value, or an empty one. */
type Member = (source: Scalar, key: string) => Scalar;

const FORMS: readonly (readonly string[])[] = [
  ['regex'],
  ['pair_delimiter', 'kv_delimiter'],
  ['pair_delimiter', 'kv_delimiter', 'quote'],
  ['pair_delimiter', 'kv_delimiter', 'quote', 'escape'],
  ['pair_delimiter', 'kv_delimiter', 'greedy'],
];

export function lowerParseKv(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const source = convertTo(lowerScalar(context, node.Expression), 'string', node);
  const keys = declaredColumns(node.Keys);
  const member = memberOf(
    context,
    node,
    keys.map(({ name }) => name),
  );
  const values = keys.map(({ name, type }) => {
    if (type === 'dynamic')
      refuse('MG003', 'a dynamic key of parse-kv has no translation', node, 'use parse_json on a string');
    return { name, value: convertTo(member(source, name), type, node) };
  });
  return extended(context.row, values, origin(context, 'parse_kv', node));
}

function memberOf(context: Context, node: SyntaxNode, keys: readonly string[]): Member {
  const options = optionsOf(context, node);
  const regex = options.get('regex');
  if (regex !== undefined) return ofRegex(regex, node);
  const delimiters = { pair: options.get('pair_delimiter')!, between: options.get('kv_delimiter')! };
  const quote = options.get('quote');
  if (quote !== undefined)
    return quoted(
      delimiters,
      { open: quote[0]!, close: quote.slice(1) || quote, escape: options.get('escape') },
      node,
    );
  if (options.get('greedy') === 'true') return greedy(delimiters, keys, node);
  return (source, key) =>
    callRow('trimmed_blank', [group(plainPattern(delimiters, key), 1, source, node)], node);
}

function optionsOf(context: Context, node: SyntaxNode): Map<string, string> {
  const options = new Map<string, string>();
  for (const property of elements(node.WithClause?.Properties)) {
    const value = lowerScalar(context, property.Expression);
    const name = nameOf(property.Name);
    if (value.kind !== 'literal') return refuse('MG003', 'only a literal has a translation here', property);
    if (options.has(name)) return refuse('MG003', `several of ${name} have no translation`, property);
    if (value.value === '') return refuse('MG003', `an empty ${name} has no translation`, property);
    options.set(name, String(value.value));
  }
  const form = FORMS.find(
    (names) => names.length === options.size && names.every((each) => options.has(each)),
  );
  return form
    ? options
    : refuse(
        'MG003',
        'this form of parse-kv has no translation',
        node,
        'give pair_delimiter and kv_delimiter, with quote, quote and escape, or greedy; or a regex',
      );
}

const group = (pattern: string, index: number, source: Scalar, node: SyntaxNode): Scalar =>
  callRow('extract', [literal('string', pattern), literal('long', BigInt(index)), source], node);

function quoted(delimiters: Delimiters, quotes: Quotes, node: SyntaxNode): Member {
  const single = [delimiters.pair, delimiters.between, quotes.close, quotes.escape ?? ' '];
  if (single.some((text) => text.length !== 1))
    return refuse(
      'MG003',
      'quotes have a translation as one or two characters, with an escape and delimiters of one character',
      node,
    );
  return (source, key) => {
    const pattern = quotedPattern(delimiters, quotes, key);
    const bare = callRow('trimmed_blank', [group(pattern, 2, source, node)], node);
    const held = group(pattern, 1, source, node);
    const whole = quotes.escape === undefined ? held : unescaped(held, quotes, quotes.escape, node);
    return callRow('strcat', [whole, bare], node);
  };
}

/** What an escape makes of a character that needs none no page says, so that none may stand there. */
function unescaped(value: Scalar, { open, close }: Quotes, by: string, node: SyntaxNode): Scalar {
  const [e, special] = [escaped(by), [open, close, by].map(escaped).join('')];
  const patterns = [`(?s)${e}([${special}])`, `(?s)^(?:[^${e}]|${e}[${special}])*${e}[^${special}]`];
  return callRow('unescaped_value', [value, ...patterns.map((each) => literal('string', each))], node);
}

/** A value goes to the next key. Whether a key that is not listed ends it no page says, so that none may stand in it. */
function greedy(delimiters: Delimiters, keys: readonly string[], node: SyntaxNode): Member {
  if ([delimiters.pair, delimiters.between].some((text) => text.length !== 1))
    return refuse('MG003', 'greedy has a translation with delimiters of one character', node);
  const [pair, between] = [escaped(delimiters.pair), escaped(delimiters.between)];
  const another = literal('string', `${pair}\\s*[^${pair}${between}]+${between}`);
  return (source, key) => {
    const found = group(greedyPattern(delimiters, keys, key), 1, source, node);
    return callRow('greedy_value', [found, another], node);
  };
}

function ofRegex(regex: string, node: SyntaxNode): Member {
  const pattern = checkedRegex(literal('string', regex), node);
  if (pattern.kind !== 'literal' || groupCount(String(pattern.value)) !== 2)
    return refuse('KS119', 'the regex of parse-kv has two groups, for the key and for the value', node);
  return (source, key) =>
    callRow('trimmed_blank', [callRow('pair_value', [source, pattern, literal('string', key)], node)], node);
}
