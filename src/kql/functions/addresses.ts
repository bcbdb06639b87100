/** Functions of IP addresses that take lists: spelled out where the query does. */
import { literalTexts } from '../../dialect/function-row.ts';
import { literal, type Scalar } from '../../plan/scalar.ts';
import { GEO_COLUMNS, supplyAs } from '../environment.ts';
import { lowerScalar } from '../lower/expression/expression.ts';
import { refuse } from '../lower/query/context.ts';
import type { SyntaxNode } from '../parser.ts';
import { callRow, convertTo } from './call.ts';
import type { Special, SpecialTable } from './special.ts';

/** The elements of literal arrays; undefined where a list is not spelled out. */
function spelled(values: readonly Scalar[], node: SyntaxNode): Scalar[] | undefined {
  const lists = values.map((value) => {
    if (value.type !== 'dynamic') return [convertTo(value, 'string', node)];
    return literalTexts(value)?.map((text) => literal('string', text));
  });
  return lists.every((list) => list !== undefined) ? lists.flat() : undefined;
}

/** `literal`: the needles must be literals, for their pattern is built at translation. */
const listed =
  (name: string, options: { array?: string; literals?: boolean }): Special =>
  (context, args, node) => {
    const [source, ...rest] = args.map((arg) => lowerScalar(context, arg)) as [Scalar, ...Scalar[]];
    const items = spelled(rest, node);
    if (items && (!options.literals || items.every(({ kind }) => kind === 'literal')))
      return callRow(name, [source, ...items], node);
    if (options.array && rest.length === 1 && rest[0]!.type === 'dynamic')
      return callRow(options.array, [source, rest[0]!], node);
    return refuse('MG003', `${name} of values that the query does not spell out has no translation`, node);
  };

const formatted =
  (name: string): Special =>
  (context, args, node) => {
    const values = args.map((arg) => lowerScalar(context, arg));
    if (!['string', 'long', 'int'].includes(values[0]!.type))
      return refuse('MG003', `${name} of a ${values[0]!.type} has no translation`, node);
    return callRow(name, values, node);
  };

export const addressForms: SpecialTable = {
  format_ipv4: formatted('format_ipv4'),
  format_ipv4_mask: formatted('format_ipv4_mask'),
  geo_info_from_ip_address: (context, args, node) => {
    const { geo } = context.session.environment;
    if (geo === undefined)
      return refuse(
        'MG010',
        'there is no table of networks for geo_info_from_ip_address()',
        node,
        `${supplyAs('geo_info_from_ip_address')}, of ${GEO_COLUMNS.join(', ')}`,
      );
    return callRow('geo_info', [lowerScalar(context, args[0]!), literal('string', geo)], node);
  },
  ipv4_is_in_any_range: listed('ipv4_is_in_any_range', { array: 'ipv4_is_in_any_range_array' }),
  ipv6_is_in_any_range: listed('ipv6_is_in_any_range', {}),
  has_ipv4: listed('has_ipv4', { literals: true }),
  has_any_ipv4: listed('has_any_ipv4', { array: 'has_any_ipv4_array', literals: true }),
  has_ipv4_prefix: listed('has_ipv4_prefix', { literals: true }),
  has_any_ipv4_prefix: listed('has_any_ipv4_prefix', { literals: true }),
};
