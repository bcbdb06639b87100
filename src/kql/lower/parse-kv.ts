/** `parse-kv`: pairs of keys and values in a text. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { elements, type SyntaxNode } from '../parser.ts';
import { type Context, nameOf, type Relation, refuse } from './context.ts';
import { declaredColumns } from './datatable.ts';
import { lowerScalar } from './expression.ts';
import { extended, origin } from './relation.ts';

const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}-]/g, '\\$&');

export function lowerParseKv(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const options = new Map<string, string>();
  for (const property of elements(node.WithClause?.Properties)) {
    const value = lowerScalar(context, property.Expression);
    if (value.kind !== 'literal') return refuse('MG003', 'only a literal has a translation here', property);
    options.set(nameOf(property.Name), String(value.value));
  }
  const known = ['pair_delimiter', 'kv_delimiter', 'quote'];
  const pair = options.get('pair_delimiter');
  const between = options.get('kv_delimiter');
  if (!pair || !between || [...options.keys()].some((name) => !known.includes(name))) {
    return refuse(
      'MG003',
      'this form of parse-kv has no translation',
      node,
      'give pair_delimiter and kv_delimiter',
    );
  }
  const quote = options.get('quote');
  const source = convertTo(lowerScalar(context, node.Expression), 'string', node);
  const values = declaredColumns(node.Keys).map(({ name, type }) => {
    if (type === 'dynamic')
      refuse('MG003', 'a dynamic key of parse-kv has no translation', node, 'use parse_json on a string');
    const text = member(source, name, pair, between, quote, node);
    return { name, value: convertTo(text, type, node) };
  });
  return extended(context.row, values, origin(context, 'parse_kv', node));
}

/** The value after the first occurrence of the key. */
function member(
  source: Scalar,
  key: string,
  pair: string,
  between: string,
  quote: string | undefined,
  node: SyntaxNode,
): Scalar {
  const delimiter = escaped(pair);
  const blank = pair.trim() === '' ? '' : '\\s*';
  const plain = pair.length === 1 ? `[^${delimiter}]*` : '.*?';
  const value = quote
    ? `(?:${escaped(quote)}([^${escaped(quote)}]*)${escaped(quote)}|(${plain}))`
    : `(${plain})`;
  const regex = `(?s)(?:^|${delimiter})\\s*${escaped(key)}\\s*${escaped(between)}\\s*${value}${blank}(?:${delimiter}|$)`;
  const group = (index: number): Scalar =>
    callRow('extract', [literal('string', regex), literal('long', BigInt(index)), source], node);
  const found = quote ? callRow('strcat', [group(1), group(2)], node) : group(1);
  return quote ? found : callRow('trimmed_blank', [found], node);
}
