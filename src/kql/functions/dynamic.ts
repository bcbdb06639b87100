/** Functions that build dynamic values from values of any type. */
import { literalTexts } from '../../dialect/function-row.ts';
import { literal, type Scalar } from '../../plan/scalar.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { type Context, nameOf, reference, refuse } from '../lower/query/context.ts';
import { kindOf, type SyntaxNode } from '../parser.ts';
import { callRow, convertTo, widest } from './call.ts';
import { typeofType } from './regex.ts';
import type { Special, SpecialTable } from './special.ts';
import { literalString } from './special.ts';

const json = (value: Scalar, node: SyntaxNode): Scalar => convertTo(value, 'dynamic', node);

function pairs(names: readonly string[], values: readonly Scalar[], node: SyntaxNode): Scalar {
  return callRow(
    'bag_pack',
    names.flatMap((name, index) => [literal('string', name), json(values[index]!, node)]),
    node,
  );
}

const bagPack: Special = (context, args, node) => {
  if (args.length % 2 !== 0) return refuse('KS119', 'bag_pack takes names and values in pairs', node);
  const values = args.map((arg, index) => {
    const value = lowerScalar(context, arg);
    return index % 2 === 0 ? convertTo(value, 'string', node) : json(value, node);
  });
  return callRow('bag_pack', values, node);
};

/** A comparison keeps the element's own type: an int literal must find a JSON number. */
const withElement =
  (name: string): Special =>
  (context, args, node) =>
    callRow(
      name,
      args.map((arg, index) =>
        index === 0 ? convertTo(lowerScalar(context, arg), 'dynamic', node) : lowerScalar(context, arg),
      ),
      node,
    );

export const dynamicForms: SpecialTable = {
  pack: bagPack,
  bag_pack: bagPack,
  pack_dictionary: bagPack,
  bag_pack_columns: (context, args, node) => {
    const values = args.map((arg) => lowerScalar(context, arg));
    return pairs(
      args.map((arg) => nameOf(arg)),
      values,
      node,
    );
  },
  pack_all: (context, args, node) => {
    const columns = context.row?.columns ?? [];
    const packed = pairs(
      columns.map(({ name }) => name),
      columns.map((column) => reference(column)),
      node,
    );
    const [ignoreEmpty] = args.map((arg) => lowerScalar(context, arg));
    if (!ignoreEmpty) return packed;
    if (ignoreEmpty.kind !== 'literal')
      return refuse('MG003', 'only a literal true or false has a translation', args[0]!);
    return ignoreEmpty.value ? callRow('bag_without_empty', [packed], node) : packed;
  },
  pack_array: (context, args, node) => {
    if (args.length === 1 && kindOf(args[0]!) === 'StarExpression') {
      return callRow(
        'pack_array',
        (context.row?.columns ?? []).map((column) => json(reference(column), node)),
        node,
      );
    }
    return callRow(
      'pack_array',
      args.map((arg) => json(lowerScalar(context, arg), node)),
      node,
    );
  },
  set_has_element: withElement('set_has_element'),
  array_index_of: withElement('array_index_of'),
  array_iff: withElement('array_iff'),
  array_iif: withElement('array_iff'),
  bag_set_key: (context, args, node) => {
    const [bag, key, value] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, Scalar, Scalar];
    if (key.kind !== 'literal') return refuse('MG003', 'only a literal key has a translation', args[1]!);
    const names = namesOfPath(String(key.value), args[1]!);
    return names ? withKey(bag, names, value, node) : callRow('bag_set_key', [bag, key, value], node);
  },
  bag_has_key: (context, args, node) => {
    const [bag, key] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, Scalar];
    const names = key.kind === 'literal' ? namesOfPath(String(key.value), args[1]!) : undefined;
    return names
      ? callRow('bag_has_path', [bag, literal('string', ['$', ...names].join('.'))], node)
      : callRow('bag_has_key', [bag, key], node);
  },
  bag_remove_keys: (context, args, node) => {
    const [bag, keys] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, Scalar];
    const known = literalTexts(keys);
    if (known === undefined) return callRow('bag_remove_given_keys', [bag, keys], node);
    const paths = known.filter((key) => key.startsWith('$'));
    return paths.reduce(
      (rest, path) => withoutPath(rest, path, namesOfPath(path, args[1]!)!, node),
      callRow('bag_remove_keys', [bag, keys], node),
    );
  },
  range: (context, args, node) => {
    const values = args.map((arg) => lowerScalar(context, arg));
    const [from, to, step] = values as [Scalar, Scalar, Scalar | undefined];
    const day = literal('timespan', 36_000_000_000n);
    if (from.type === 'datetime') return callRow('range_datetime', [from, to, step ?? day], node);
    if (from.type === 'timespan') return callRow('range_timespan', [from, to, step ?? day], node);
    const type = widest(values.map((value) => value.type));
    if (type === 'decimal')
      return refuse('MG003', 'range of decimals has no translation', node, 'wrap them in todouble()');
    const name = type === 'real' ? 'range_real' : 'range_long';
    return callRow(name, [from, to, step ?? literal('long', 1n)], node);
  },
  array_sort_asc: sortOne('array_sort_asc'),
  array_sort_desc: sortOne('array_sort_desc'),
  replace_strings: (context, args, node) => {
    const values = args.map((arg) => lowerScalar(context, arg));
    const [from, to] = values.slice(1).map(literalTexts);
    if (!from || !to || from.length !== to.length || from.includes(''))
      return refuse('MG003', 'only literal arrays of the same length have a translation here', node);
    return callRow('replace_strings', values, node);
  },
  extract_json: extractJson,
  extractjson: extractJson,
  dynamic_to_json: (context, args, node) =>
    callRow('dynamic_to_json', [json(lowerScalar(context, args[0]!), node)], node),
  array_split: (context, args, node) => {
    const [list, at] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, Scalar];
    return callRow(
      'array_split',
      [list, at.type === 'dynamic' ? at : callRow('pack_array', [json(at, node)], node)],
      node,
    );
  },
};

/** The names of a path such as `$.a.b`; undefined for a plain key. */
function namesOfPath(key: string, node: SyntaxNode): string[] | undefined {
  if (!key.startsWith('$')) return undefined;
  if (!/^\$(\.[A-Za-z_]\w*)+$/.test(key)) return refuse('MG003', 'this path has no translation', node);
  return key.split('.').slice(1);
}

function withoutPath(bag: Scalar, path: string, names: readonly string[], node: SyntaxNode): Scalar {
  const patch = names.reduceRight((inner, name) => `{${JSON.stringify(name)}:${inner}}`, 'null');
  return callRow('bag_remove_path', [bag, literal('string', path), literal('string', patch)], node);
}

/** A bag with the value under these keys, one in the other; bags that are missing on the way are made. */
function withKey(bag: Scalar, [key, ...deeper]: readonly string[], value: Scalar, node: SyntaxNode): Scalar {
  const name = literal('string', key!);
  if (deeper.length === 0) return callRow('bag_set_key', [bag, name, value], node);
  const found = callRow('bag_on_path', [callRow('path', [bag, name], node)], node);
  return callRow('bag_set_key', [bag, name, withKey(found, deeper, value, node)], node);
}

/** Several arrays, sorted together, give several columns. */
function sortOne(name: string): Special {
  return (context, args, node) => {
    const values = args.map((arg) => lowerScalar(context, arg));
    if (values.slice(1).some(({ type }) => type !== 'bool'))
      return refuse('MG003', 'sorting several arrays together has no translation', node);
    return callRow(name, values, node);
  };
}

function extractJson(context: Context, args: readonly SyntaxNode[], node: SyntaxNode): Scalar {
  const path = literalString(context, args[0]!);
  if (!/^\$(\.[A-Za-z_]\w*|\[\d+\]|\['[^']*'\])*$/.test(path))
    return refuse('MG003', 'this path has no translation', args[0]!);
  const duck = path.replace(/\['([^']*)'\]/g, '."$1"');
  const found = callRow(
    'extract_json',
    [literal('string', duck), convertTo(lowerScalar(context, args[1]!), 'string', node)],
    node,
  );
  if (!args[2]) return found;
  const type = typeofType(args[2]);
  return type === 'dynamic' ? callRow('parse_json', [found], node) : convertTo(found, type, node);
}
