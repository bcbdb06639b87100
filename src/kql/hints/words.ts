/** The words of KQL that may stand in a place, and what other languages call them. */
import { nearest } from '../../nearest.ts';
import { didYouMean } from '../diagnostics.ts';

/** The operators that may stand behind a pipe. https://learn.microsoft.com/kusto/query/tabular-operators */
export const OPERATORS: readonly string[] = `
  as consume count distinct evaluate extend facet filter fork getschema invoke join limit lookup make-series mv-apply
  mv-expand order parse parse-kv parse-where partition project project-away project-keep project-rename project-reorder
  reduce render sample sample-distinct scan search serialize sort summarize take top top-hitters top-nested union where`
  .trim()
  .split(/\s+/);

/** What stands between two values. https://learn.microsoft.com/kusto/query/scalar-operators */
const COMPARISONS: readonly string[] = `
  and or between in has has_cs has_any has_all hasprefix hasprefix_cs hassuffix hassuffix_cs contains contains_cs
  startswith startswith_cs endswith endswith_cs`
  .trim()
  .split(/\s+/);

/** Operators of SQL, Splunk's SPL and others. */
const OTHER_OPERATORS: Readonly<Record<string, string>> = {
  select: 'project',
  fields: 'project',
  table: 'project',
  drop: 'project-away',
  rename: 'project-rename',
  having: 'where',
  group: 'summarize … by',
  groupby: 'summarize … by',
  stats: 'summarize',
  aggregate: 'summarize',
  eval: 'extend',
  orderby: 'order by',
  head: 'take',
  dedup: 'distinct',
  rex: 'parse, or extend with extract()',
};

const OTHER_COMPARISONS: Readonly<Record<string, string>> = {
  contains_any: 'has_any',
  contains_all: 'has_all',
  includes: 'contains',
  ilike: 'has, contains or matches regex',
  rlike: 'matches regex',
  regex: 'matches regex',
  regexp: 'matches regex',
  matches: 'matches regex',
  begins_with: 'startswith',
  beginswith: 'startswith',
  xor: '!=',
  eq: '==',
  equals: '==',
  is: '==',
  ne: '!=',
  gt: '>',
  gte: '>=',
  ge: '>=',
  lt: '<',
  lte: '<=',
  le: '<=',
};

const SYMBOLS: Readonly<Record<string, string>> = {
  '&&': 'and',
  '&': 'and',
  '||': 'or',
  '===': '==',
  '!==': '!=',
  '=>': '>=',
  '=<': '<=',
  '=!': '!=',
  '~=': '=~',
};

/** Whether the word can only stand behind a pipe. */
export const needsPipe = (word: string): boolean => OPERATORS.includes(word) && !BEGINNING.has(word);

const BEGINNING: ReadonlySet<string> = new Set(['search', 'union']);

export const operatorMeant = (word: string): string | undefined =>
  called(OTHER_OPERATORS, word) ?? didYouMean(word, OPERATORS);

export const comparisonMeant = (word: string): string | undefined =>
  called(OTHER_COMPARISONS, word) ?? theNearest(word, COMPARISONS);

/** `descending`, `DESC`, `dsc`. */
export function orderMeant(word: string): string | undefined {
  const written = /^(asc|desc)ending$/i.exec(word)?.[1];
  return written ? `write ${written.toLowerCase()}` : theNearest(word, ['desc', 'asc']);
}

function called(names: Readonly<Record<string, string>>, word: string): string | undefined {
  return Object.hasOwn(names, word.toLowerCase()) ? `write ${names[word.toLowerCase()]}` : undefined;
}

function theNearest(word: string, known: readonly string[]): string | undefined {
  const meant = nearest(word, known);
  return meant === undefined || meant === word ? undefined : `did you mean '${meant}'?`;
}

export const symbolMeant = (symbol: string): string | undefined =>
  Object.hasOwn(SYMBOLS, symbol) ? `write ${SYMBOLS[symbol]}` : undefined;

/** Null in a string is the empty text. */
export function nullTest(operand: string, negated: boolean): string {
  const is = negated ? 'isnot' : 'is';
  return `write ${is}empty(${operand}) of a string, ${is}null(${operand}) of any other type`;
}

/** Of `a has "x" or has "y"`, `a has "x" or "y"`. */
export const WHOLE = 'and, or take whole conditions: a has "x" or a has "y"';
