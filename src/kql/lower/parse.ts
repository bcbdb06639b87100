/** `parse`: a pattern of texts and columns, as one regular expression with a group per column. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { callRow, convertTo } from '../functions/call.ts';
import { checkedRegex, groupCount } from '../functions/regex-check.ts';
import { elements, kindOf, type SyntaxNode } from '../parser.ts';
import { declaredType } from './datatable.ts';
import { lowerScalar } from './expression/expression.ts';
import { type Context, nameOf, parametersOf, type Relation, refuse, textOf } from './query/context.ts';
import { extended, filtered, type NamedValue, origin } from './query/relation.ts';

interface Pattern {
  readonly regex: string;
  readonly columns: readonly { name: string; type: KqlType; group: number }[];
}

type Kind = 'simple' | 'relaxed' | 'regex';

const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

const NUMBERS: Readonly<Partial<Record<KqlType, string>>> = {
  long: '\\s*-?\\d+',
  int: '\\s*-?\\d+',
  real: '\\s*-?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?',
};

function patternOf(context: Context, node: SyntaxNode, kind: Kind, flags: string): Pattern {
  const parts = elements(node.Patterns);
  const columns: { name: string; type: KqlType; group: number }[] = [];
  let regex = '';
  let groups = 0;
  parts.forEach((part, index) => {
    const last = index === parts.length - 1;
    const before = parts[index - 1];
    const partKind = kindOf(part);
    if (partKind === 'StarExpression') {
      regex += last ? '.*' : kind === 'regex' ? '.*' : '.*?';
      return;
    }
    const text = stringPart(context, part);
    if (text !== undefined) {
      if (kind === 'regex') {
        const checked = checkedRegex(literal('string', text), part);
        const source = checked.kind === 'literal' ? String(checked.value) : text;
        groups += groupCount(source);
        regex += source;
      } else regex += escaped(text);
      return;
    }
    if (before && stringPart(context, before) === undefined && kindOf(before) !== 'StarExpression') {
      refuse('MG003', 'two columns without a text between them have no translation', part);
    }
    const typed = partKind === 'NameAndTypeDeclaration';
    const type = typed ? declaredType(part.Type) : 'string';
    if (type === 'dynamic')
      refuse('MG003', 'a dynamic column of parse has no translation', part, 'use parse_json on a string');
    groups += 1;
    columns.push({ name: nameOf(typed ? part.Name : part), type, group: groups });
    regex += `(${capture(type, kind, last, !last && kindOf(parts[index + 1]!) === 'StarExpression')})`;
  });
  const anchored = kind === 'regex' ? `(?s${flags})${regex}` : `(?s)^${regex}$`;
  return { regex: anchored, columns };
}

/** What a column takes: to the next text, or a number where nothing else marks its end. */
function capture(type: KqlType, kind: Kind, last: boolean, beforeStar: boolean): string {
  const number = NUMBERS[type];
  if (kind === 'relaxed' && number && beforeStar) return `(?:${number})?`;
  if (number && kind !== 'relaxed' && (last || kind === 'regex' || beforeStar)) return number;
  return last || kind === 'regex' ? '.*' : '.*?';
}

function stringPart(context: Context, node: SyntaxNode): string | undefined {
  const kind = kindOf(node);
  if (kind === 'NameDeclaration' || kind === 'NameAndTypeDeclaration' || kind === 'StarExpression')
    return undefined;
  const value = lowerScalar(context, node);
  if (value.kind !== 'literal' || value.type !== 'string')
    return refuse('MG003', 'only a literal text has a translation here', node);
  return String(value.value);
}

function parsed(
  context: Context & { row: Relation },
  node: SyntaxNode,
): { values: NamedValue[]; matched: Scalar } {
  const parameters = parametersOf(node);
  const kind = (parameters.has('kind') ? textOf(context, parameters.get('kind')!).trim() : 'simple') as Kind;
  const flags = parameters.has('flags') ? textOf(context, parameters.get('flags')!).trim() : '';
  if (flags && !/^[imsU]+$/.test(flags))
    return refuse('MG003', `the flags ${flags} have no translation`, node);
  const { regex, columns } = patternOf(context, node, kind, flags);
  const source = convertTo(lowerScalar(context, node.Expression), 'string', node);
  const group = (index: number): Scalar =>
    callRow('extract', [literal('string', regex), literal('long', BigInt(index)), source], node);
  let matched = callRow('matches_regex', [source, literal('string', regex)], node);
  const typed = columns.map(({ name, type, group: index }) => ({
    name,
    type,
    value: convertTo(group(index), type, node),
  }));
  if (kind === 'simple') {
    for (const { value, type } of typed) {
      if (type !== 'string') matched = callRow('and', [matched, callRow('isnotnull', [value], node)], node);
    }
  }
  const strict = kind === 'simple' && typed.some(({ type }) => type !== 'string');
  const values = typed.map(({ name, type, value }) => ({
    name,
    value: strict ? callRow('case', [matched, value, literal(type, null)], node, type) : value,
  }));
  return { values, matched };
}

export function lowerParse(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  return extended(context.row, parsed(context, node).values, origin(context, 'parse', node));
}

export function lowerParseWhere(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const { values, matched } = parsed(context, node);
  const kept = filtered(context.row, matched, { label: 'parse_where' });
  return extended(kept, values, origin(context, 'parse_where', node));
}
