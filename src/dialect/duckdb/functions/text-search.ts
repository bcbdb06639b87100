/** `has`, `contains`, `startswith` and their like. Patterns are built here, once, never per row. */
import type { Call } from '../../../plan/scalar.ts';
import { type FunctionRow, type FunctionTable, literalText, row } from '../../function-row.ts';
import { listSql, text } from '../literals.ts';

const OPERATORS = 'datatypes-string-operators';
/** What is no part of a term: all but letters and digits. Underscore is a delimiter. */
const DELIMITER = '[^\\p{L}\\p{N}]';
const TERM_CHARACTER = /[\p{L}\p{N}]/u;

const escaped = (needle: string): string => needle.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** A pattern for the needle as whole terms; a side that is itself a delimiter needs no boundary. */
function termPattern(needle: string, side: 'both' | 'start' | 'end' = 'both'): string {
  const characters = [...needle];
  const starts = side !== 'end' && TERM_CHARACTER.test(characters[0] ?? '');
  const ends = side !== 'start' && TERM_CHARACTER.test(characters.at(-1) ?? '');
  return `${starts ? `(?:^|${DELIMITER})` : ''}${escaped(needle)}${ends ? `(?:$|${DELIMITER})` : ''}`;
}

type Side = 'both' | 'start' | 'end';

const has =
  (fold: boolean, side: Side = 'both') =>
  ([haystack, needle]: readonly string[], call: Call): string => {
    const known = literalText(call.args[1]);
    if (known === undefined) return `kql_has_${side}(${folded(haystack!, fold)}, ${folded(needle!, fold)})`;
    if (known === '') return 'TRUE';
    const whole = holds(haystack!, termPattern(known, side), fold);
    // What does not hold the needle at all, as most does not, is done with in half the time.
    return foldsAlike(known, fold)
      ? `(${plain('contains', fold)([haystack!, needle!], call)} AND ${whole})`
      : whole;
  };

/** Whether lower() leaves nothing out that the pattern takes for the needle: of ΟΔΟΣ it makes οδοσ, not οδος. */
const foldsAlike = (needle: string, fold: boolean): boolean => !fold || /^\p{ASCII}*$/u.test(needle);

/**
 * Whether the pattern is somewhere in the text. As a full match, since DuckDB takes that for a function that cannot fail, unlike
 * `regexp_matches`, and so looks at the entries of a dictionary in a file instead of at each row: a tenth of the time.
 */
const holds = (haystack: string, pattern: string, fold: boolean): string =>
  `regexp_full_match(${haystack}, ${text(`${fold ? '(?i)' : ''}(?s:.*)${pattern}(?s:.*)`)})`;

const folded = (sql: string, fold: boolean): string => (fold ? `lower(${sql})` : sql);

/** A literal needle is folded here, not on every row. */
const needleSql = (call: Call, sql: string, fold: boolean, at = 1): string => {
  const known = literalText(call.args[at]);
  return known !== undefined && fold ? text(known.toLowerCase()) : folded(sql, fold);
};

const plain =
  (name: string, fold: boolean) =>
  ([haystack, needle]: readonly string[], call: Call): string =>
    `${name}(${folded(haystack!, fold)}, ${needleSql(call, needle!, fold)})`;

const hasAny = (fold: boolean) => (args: readonly string[], call: Call) => {
  const needles = call.args.slice(1).map(literalText);
  if (args.length === 1) return 'FALSE';
  if (needles.some((needle) => needle === undefined)) {
    return `(${args
      .slice(1)
      .map((needle) => `kql_has_both(${folded(args[0]!, fold)}, ${folded(needle, fold)})`)
      .join(' OR ')})`;
  }
  if (needles.includes('')) return 'TRUE';
  const each = `(?:${needles.map((needle) => termPattern(needle!)).join('|')})`;
  const whole = holds(args[0]!, shared(needles as string[]) ?? each, fold);
  const plainly = needles.length <= FEW && needles.every((needle) => foldsAlike(needle!, fold));
  return plainly ? `(${holdsOneOf(args[0]!, needles as string[], fold)} AND ${whole})` : whole;
};

/** Up to so many needles are sought faster as they are than by a regular expression. */
const FEW = 8;

/** Whether the text holds a needle, as a term or not; it is folded once for all of them. */
function holdsOneOf(haystack: string, needles: readonly string[], fold: boolean): string {
  const sought = needles.map((needle) => `contains(t, ${text(fold ? needle.toLowerCase() : needle)})`);
  return `list_transform([${folded(haystack, fold)}], lambda t: ${sought.join(' OR ')})[1]`;
}

/** Needles that begin and end in term characters share their boundaries. */
function shared(needles: readonly string[]): string | undefined {
  const simple = needles.every((needle) => {
    const characters = [...needle];
    return TERM_CHARACTER.test(characters[0]!) && TERM_CHARACTER.test(characters.at(-1)!);
  });
  return simple ? `(?:^|${DELIMITER})(?:${needles.map(escaped).join('|')})(?:$|${DELIMITER})` : undefined;
}

/** A list that is the same for all rows is made ready once. */
export const needleList = (list: string, call: Call): string =>
  call.args[1]!.kind === 'subquery' ? `(SELECT kql_needles(${list}))` : `kql_needles(${list})`;

/** The needles of a subquery are made once, those of a column for every row. */
const inList =
  (macro: string): FunctionRow['sql'] =>
  ([haystack, list], call) =>
    call.args[1]!.kind === 'column'
      ? `${macro}_listed(${haystack}, ${list})`
      : `${macro}(${haystack}, ${needleList(list!, call)})`;

export const textSearch: FunctionTable = {
  has: row('string string', 'bool!', OPERATORS, has(true)),
  has_cs: row('string string', 'bool!', OPERATORS, has(false)),
  hasprefix: row('string string', 'bool!', OPERATORS, has(true, 'start')),
  hasprefix_cs: row('string string', 'bool!', OPERATORS, has(false, 'start')),
  hassuffix: row('string string', 'bool!', OPERATORS, has(true, 'end')),
  hassuffix_cs: row('string string', 'bool!', OPERATORS, has(false, 'end')),
  contains: row('string string', 'bool!', OPERATORS, plain('contains', true)),
  contains_cs: row('string string', 'bool!', OPERATORS, plain('contains', false)),
  startswith: row('string string', 'bool!', OPERATORS, plain('starts_with', true)),
  startswith_cs: row('string string', 'bool!', OPERATORS, plain('starts_with', false)),
  endswith: row('string string', 'bool!', OPERATORS, plain('ends_with', true)),
  endswith_cs: row('string string', 'bool!', OPERATORS, plain('ends_with', false)),
  equal_fold: row(
    'string string',
    'bool!',
    OPERATORS,
    ([a, b], call) => `(lower(${a}) = ${needleSql(call, b!, true)})`,
  ),
  in_fold: row('string string...', 'bool!', 'in-operator', ([value, ...items], call) =>
    items.length === 0
      ? 'FALSE'
      : `(lower(${value}) IN ${listSql(
          items.map((item, index) => needleSql(call, item, true, index + 1)),
          call.args.slice(1),
        )})`,
  ),
  has_any: row('string string...', 'bool!', 'has-any-operator', hasAny(true)),
  has_all: row('string string...', 'bool!', 'has-all-operator', ([haystack, ...needles], call) =>
    needles.length === 0
      ? 'TRUE'
      : `(${needles
          .map((needle, index) =>
            has(true)([haystack!, needle], { ...call, args: [call.args[0]!, call.args[index + 1]!] }),
          )
          .join(' AND ')})`,
  ),
  has_any_array: row('string dynamic', 'bool!', 'has-any-operator', inList('kql_has_any')),
  has_all_array: row('string dynamic', 'bool!', 'has-all-operator', inList('kql_has_all')),
  matches_regex: row(
    'string string',
    'bool!',
    'regex-operator',
    ([value, pattern]) => `regexp_matches(${value}, ${pattern})`,
  ),
};
