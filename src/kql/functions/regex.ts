/** Functions that take a regular expression, checked at translation. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { refuse } from '../lower/query/context.ts';
import type { SyntaxNode } from '../parser.ts';
import { elements } from '../parser.ts';
import { callRow, convertTo } from './call.ts';
import { checkedRegex, groupCount } from './regex-check.ts';
import type { SpecialTable } from './special.ts';

const TYPE_FUNCTIONS: Readonly<Record<string, string>> = {
  long: 'tolong',
  int: 'toint',
  real: 'toreal',
  double: 'toreal',
  bool: 'tobool',
  datetime: 'todatetime',
  timespan: 'totimespan',
  guid: 'toguid',
  string: 'tostring',
  dynamic: 'todynamic',
};

export function typeofType(node: SyntaxNode): KqlType {
  const [type] = elements(node.Types);
  const name = String(type?.Type?.ValueText ?? type?.Type?.Text ?? '');
  const canonical =
    { double: 'real', boolean: 'bool', time: 'timespan', date: 'datetime', uuid: 'guid' }[name] ?? name;
  if (!TYPE_FUNCTIONS[canonical]) return refuse('MG003', `typeof(${name}) has no translation`, node);
  return canonical as KqlType;
}

const text = (value: Scalar, node: SyntaxNode): Scalar => convertTo(value, 'string', node);

export const regexForms: SpecialTable = {
  extract: (context, args, node) => {
    const [pattern, group, source] = args.slice(0, 3).map((arg) => lowerScalar(context, arg)) as [
      Scalar,
      Scalar,
      Scalar,
    ];
    if (group.kind !== 'literal' || (group.type !== 'long' && group.type !== 'int'))
      return refuse('MG003', 'only a literal number of the group has a translation', args[1]!);
    const checked = checkedRegex(pattern, args[0]!);
    const index = Number(group.value);
    if (index < 0) return refuse('MG003', 'a negative group has no translation', args[1]!);
    if (checked.kind !== 'literal' && index > 9)
      return refuse(
        'MG003',
        'a group beyond 9 of a pattern that differs by row has no translation',
        args[1]!,
      );
    const found =
      checked.kind === 'literal' && index > groupCount(String(checked.value))
        ? literal('string', '')
        : callRow('extract', [checked, group, text(source, node)], node);
    const type = args[3] ? typeofType(args[3]) : 'string';
    if (type === 'dynamic')
      return refuse('MG003', 'extract to dynamic has no translation', args[3]!, 'wrap it in todynamic()');
    return convertTo(found, type, node);
  },
  extract_all: (context, args, node) => {
    const values = args.map((arg) => lowerScalar(context, arg));
    const pattern = checkedRegex(values[0]!, args[0]!);
    if (pattern.kind !== 'literal')
      return refuse('MG003', 'only a literal pattern has a translation here', args[0]!);
    const text_ = text(values.at(-1)!, node);
    const count = groupCount(String(pattern.value));
    if (count === 0) return refuse('KS119', 'extract_all needs a pattern with a capturing group', args[0]!);
    const groups =
      values.length === 3
        ? chosenGroups(values[1]!, String(pattern.value), args[1]!)
        : Array.from({ length: count }, (_, index) => index + 1);
    return callRow('extract_groups', [pattern, text_, literal('dynamic', JSON.stringify(groups))], node);
  },
  replace_regex: (context, args, node) => {
    const [source, pattern, to] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, Scalar, Scalar];
    return callRow('replace_regex', [text(source, node), checkedRegex(pattern, args[1]!), to], node);
  },
  // The older name takes the text last.
  replace: (context, [pattern, to, source, ...more], node) =>
    regexForms.replace_regex!(context, [source!, pattern!, to!, ...more], node),
  indexof_regex: (context, args, node) => {
    const [source, pattern, ...rest] = args.map((arg) => lowerScalar(context, arg)) as [
      Scalar,
      Scalar,
      ...Scalar[],
    ];
    const checked = checkedRegex(pattern, args[1]!);
    if (rest.length === 0) return callRow('indexof_regex', [text(source, node), checked], node);
    const [start = 0n, count = -1n, nth = 1n] = rest.map((value, index) =>
      value.kind === 'literal' && value.value !== null && (value.type === 'long' || value.type === 'int')
        ? BigInt(value.value as bigint)
        : refuse('MG003', 'only a literal has a translation here', args[index + 2]!),
    );
    if (start < 0n || count < -1n || nth < 0n) return literal('long', null);
    if (
      checked.kind !== 'literal' ||
      /[\^$]|\\[bBAz]|\(\?[imsU]/.test(String(checked.value)) ||
      matchesEmpty(String(checked.value)) ||
      nth < 1n
    )
      return refuse('MG003', 'this pattern has no translation beside a start or an occurrence', args[1]!);
    return callRow(
      'indexof_regex_nth',
      [text(source, node), checked, ...[start, count, nth].map((n) => literal('long', n))],
      node,
    );
  },
  trim: trim('trim'),
  trim_start: trim('trim_start'),
  trim_end: trim('trim_end'),
  countof: (context, args, node) => {
    const values = args.map((arg) => lowerScalar(context, arg));
    if (values[2]?.kind === 'literal' && values[2].value === 'regex')
      values[1] = checkedRegex(values[1]!, args[1]!);
    return callRow('countof', values, node);
  },
};

/** Whether the pattern finds the empty text, also where JavaScript cannot say. */
function matchesEmpty(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test('');
  } catch {
    return true;
  }
}

/** Capture groups given by number or by name. */
function chosenGroups(value: Scalar, pattern: string, node: SyntaxNode): number[] {
  const names = [...pattern.matchAll(/\((?!\?)|\(\?P?<([A-Za-z_]\w*)>/g)].map((found) => found[1]);
  const given: unknown =
    value.kind === 'literal' && value.value !== null ? JSON.parse(String(value.value)) : undefined;
  if (!Array.isArray(given) || given.length === 0)
    return refuse('MG003', 'only a literal array of groups has a translation', node);
  return given.map((group) => {
    const index = typeof group === 'number' ? group : names.indexOf(String(group)) + 1;
    return index >= 1 && index <= names.length ? index : refuse('KS119', `there is no group ${group}`, node);
  });
}

function trim(name: string): SpecialTable[string] {
  return (context, args, node) => {
    const [pattern, source] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, Scalar];
    return callRow(name, [checkedRegex(pattern, args[0]!), text(source, node)], node);
  };
}
