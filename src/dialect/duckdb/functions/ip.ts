/** IP addresses. IPv4 in SQL, its arithmetic vectorised; IPv6 in JavaScript, DuckDB having no 128-bit shifts of it. */
import { scalarsWithin } from '../../../plan/walk.ts';
import { type FunctionTable, literalText, literalTexts, row } from '../../function-row.ts';
import { identifier, text } from '../literals.ts';

const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';

/** An address in a text: not within a longer run of letters, digits or dots, but for the dots that end a sentence. */
function addressPattern(needle: string, prefix: boolean): string {
  const known = needle.split('.').filter((part) => part !== '').length;
  const escaped = needle.replaceAll('.', '\\.');
  const rest = prefix ? `${escaped}${Array.from({ length: 4 - known }, () => OCTET).join('\\.')}` : escaped;
  return `(?:^|[^0-9A-Za-z.])${rest}\\.*(?:$|[^0-9A-Za-z.])`;
}

const ADDRESS = '((25[0-5]|2[0-4]\\d|[01]?\\d?\\d)\\.){3}(25[0-5]|2[0-4]\\d|[01]?\\d?\\d)';

const valid = (address: string): boolean =>
  /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && address.split('.').every((part) => Number(part) < 256);
const validPrefix = (prefix: string): boolean => /^(\d{1,3}\.){1,3}$/.test(prefix) || valid(prefix);

const hasAddress =
  (prefix: boolean): Parameters<typeof row>[3] =>
  ([s], call) => {
    const needles = call.args
      .slice(1)
      .map((arg) => literalText(arg) ?? '')
      .filter(prefix ? validPrefix : valid);
    if (needles.length === 0) return 'FALSE';
    const pattern = needles.map((needle) => addressPattern(needle, prefix && !valid(needle))).join('|');
    return `regexp_matches(${s}, ${text(pattern)})`;
  };

export const ip: FunctionTable = {
  parse_ipv4: row('string', 'long?', 'parse-ipv4-function', ([s]) => `kql_ipv4(${s})`),
  ipv4_last: row('string', 'long?', 'ipv4-lookup-plugin', ([s]) => `kql_ipv4_last(${s})`),
  parse_ipv4_mask: row(
    'string long',
    'long?',
    'parse-ipv4-mask-function',
    ([s, prefix]) => `kql_ipv4_by_prefix(${s}, ${prefix})`,
  ),
  ipv4_netmask_suffix: row(
    'string',
    'long?',
    'ipv4-netmask-suffix-function',
    ([s]) => `CASE WHEN kql_ipv4(${s}) IS NOT NULL THEN kql_ipv4_prefix(${s}) END`,
  ),
  ipv4_is_private: row('string', 'bool?', 'ipv4-is-private-function', ([s]) => `kql_ipv4_is_private(${s})`),
  ipv4_is_in_range: row(
    'string string',
    'bool?',
    'ipv4-is-in-range-function',
    ([s, range]) => `(kql_ipv4_compare(${s}, ${range}, 32) = 0)`,
  ),
  ipv4_is_match: row(
    'string string long?',
    'bool?',
    'ipv4-is-match-function',
    ([a, b, prefix]) => `(kql_ipv4_compare(${a}, ${b}, ${prefix ?? '32'}) = 0)`,
  ),
  ipv4_compare: row(
    'string string long?',
    'long?',
    'ipv4-compare-function',
    ([a, b, prefix]) => `kql_ipv4_compare(${a}, ${b}, ${prefix ?? '32'})`,
  ),
  ipv4_is_in_any_range: row(
    'string string...',
    'bool?',
    'ipv4-is-in-any-range-function',
    ([s, ...ranges], call) => {
      const given = call.args.slice(1).map(literalText);
      return given.every((each) => each !== undefined)
        ? inGiven(s!, given)
        : `kql_ipv4_in_any(${s}, kql_ipv4_ranges([${ranges.join(', ')}]))`;
    },
  ),
  ipv4_is_in_any_range_array: row(
    'string dynamic',
    'bool?',
    'ipv4-is-in-any-range-function',
    ([s, ranges], call) => {
      const given = literalTexts(call.args[1]);
      if (given) return inGiven(s!, given);
      const read = `kql_ipv4_ranges(kql_texts(${ranges}))`;
      // What a `toscalar` gives is read once, in a subquery of its own, and not for each address.
      const once = [...scalarsWithin(call.args[1]!)].some(({ kind }) => kind === 'subquery');
      return `kql_ipv4_in_any(${s}, ${once ? `(SELECT ${read})` : read})`;
    },
  ),
  format_ipv4: row(
    'any long?',
    'string',
    'format-ipv4-function',
    ([s, prefix], call) =>
      `coalesce(kql_format_ipv4(${addressOf(s!, call.args[0]!.type)}, ${prefix ?? '32'}), '')`,
  ),
  format_ipv4_mask: row('any long?', 'string', 'format-ipv4-mask-function', ([s, prefix = '32'], call) => {
    const { type } = call.args[0]!;
    const size = type === 'string' ? `least(kql_ipv4_prefix(${s}), ${prefix})` : `(${prefix})`;
    return `coalesce(kql_format_ipv4(${addressOf(s!, type)}, ${prefix}) || '/' || ${size}::VARCHAR, '')`;
  }),
  geo_info: row('string string', 'dynamic?', 'geo-info-from-ip-address-function', ([s], call) => {
    const members = ['country', 'state', 'city', 'latitude', 'longitude'];
    const told = members.map((name) => `'${name}', geo.${name}`).join(', ');
    return `(SELECT json_object(${told}) FROM ${meeting(s!, identifier(literalText(call.args[1])!), members)} LIMIT 1)`;
  }),
  has_ipv4: row('string string', 'bool!', 'has-ipv4-function', hasAddress(false)),
  has_any_ipv4: row('string string...', 'bool!', 'has-any-ipv4-function', hasAddress(false)),
  has_any_ipv4_array: row(
    'string dynamic',
    'bool!',
    'has-any-ipv4-function',
    ([s, list]) =>
      `coalesce(list_has_any(regexp_split_to_array(${s}, '\\.*(?:[^0-9A-Za-z.]+|$)'), list_filter(kql_texts(${list}), lambda n: regexp_full_match(n, ${text(ADDRESS)}))), FALSE)`,
  ),
  has_ipv4_prefix: row('string string', 'bool!', 'has-ipv4-prefix-function', hasAddress(true)),
  has_any_ipv4_prefix: row('string string...', 'bool!', 'has-any-ipv4-prefix-function', hasAddress(true)),
  ipv6_compare: row(
    'string string long?',
    'long?',
    'ipv6-compare-function',
    ([a, b, prefix]) => `js_ipv6_compare(${a}, ${b}, ${prefix ?? '128'})`,
  ),
  ipv6_is_match: row(
    'string string long?',
    'bool?',
    'ipv6-is-match-function',
    ([a, b, prefix]) => `(js_ipv6_compare(${a}, ${b}, ${prefix ?? '128'}) = 0)`,
  ),
  ipv6_is_in_range: row(
    'string string',
    'bool?',
    'ipv6-is-in-range-function',
    ([a, b]) => `(js_ipv6_compare(${a}, ${b}, 128) = 0)`,
  ),
  ipv6_is_in_any_range: row('string string...', 'bool?', 'ipv6-is-in-any-range-function', ([s, ...ranges]) =>
    inAny(
      `js_ipv6_compare(${s}, ${s}, 128)`,
      ranges.map((range) => `js_ipv6_compare(${s}, ${range}, 128)`),
    ),
  ),
  ipv6_first: row('string', 'string?', 'ipv6-lookup-plugin', ([s]) => `js_ipv6_end(${s}, FALSE)`),
  ipv6_last: row('string', 'string?', 'ipv6-lookup-plugin', ([s]) => `js_ipv6_end(${s}, TRUE)`),
  parse_ipv6: row('string', 'string', 'parse-ipv6-function', ([s]) => `js_parse_ipv6(${s}, 128)`),
  parse_ipv6_mask: row(
    'string long',
    'string',
    'parse-ipv6-mask-function',
    ([s, prefix]) => `js_parse_ipv6(${s}, ${prefix})`,
  ),
};

const addressOf = (sql: string, type: string): string => (type === 'string' ? `kql_ipv4(${sql})` : sql);

/**
 * An address beside the networks of a table that hold it, `columns` of the table as `geo`: networks hold each other or lie apart,
 * so that two meet where neither ends before the other begins. Both sides come as numbers, which the engine joins by; with the
 * text of either it would test each pair.
 */
function meeting(s: string, table: string, columns: readonly string[]): string {
  const own = `(SELECT kql_ipv4(${s}) AS first, kql_ipv4_last(${s}) AS last) AS own`;
  const ends = ['kql_ipv4(network) AS first', 'kql_ipv4_last(network) AS last'];
  const networks = `(SELECT ${[...ends, ...columns].join(', ')} FROM ${table}) AS geo`;
  return `${own} JOIN ${networks} ON own.first <= geo.last AND own.last >= geo.first`;
}

/**
 * Whether one of the ranges that a query spells out holds an address; null for what is no address. Beside a column x, DuckDB
 * takes `x.first` for a field of that, and `x['first']` for the parameter's.
 */
function inGiven(s: string, ranges: readonly string[]): string {
  const tests = ranges.flatMap((range) => {
    const ends = endsOf(range);
    return ends ? [`x['first'] <= ${ends.last} AND x['last'] >= ${ends.first} /* ${range} */`] : [];
  });
  if (tests.length === 0) return `CASE WHEN kql_is_ipv4(${s}) THEN FALSE END`;
  return `list_transform(kql_ipv4_ends(${s}), lambda x: ${tests.join(' OR ')})[1]`;
}

const NETWORK = new RegExp(`^((?:${OCTET}\\.){3}${OCTET})(?:/(3[0-2]|[0-2]?\\d))?$`);

/** The first and the last address of a network, as numbers; undefined for what is none. */
function endsOf(range: string): { first: number; last: number } | undefined {
  const match = NETWORK.exec(range);
  if (!match) return undefined;
  const size = 2 ** (32 - Number(match[2] ?? 32));
  const address = match[1]!.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}

/** Of the comparisons with each range, whether one is 0; null for what is no address. */
const inAny = (address: string, compared: readonly string[]): string =>
  `CASE WHEN ${address} IS NOT NULL THEN ${compared.map((sql) => `coalesce(${sql} = 0, FALSE)`).join(' OR ') || 'FALSE'} END`;
