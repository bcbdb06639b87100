import { nearest } from '../../../nearest.ts';
import { type Cte, ctesOf, isNamed, type Words, wordsOf } from '../../detection/ctes.ts';

/** The table that a common table expression reads, and the condition on its rows. */
export interface WhereClause {
  readonly table: string;
  readonly condition: string;
  /** The parameters in it. */
  readonly parameters: readonly string[];
  /** The condition, its strings blank. */
  readonly words: string;
}

/** How a common table expression is written whose condition can be taken out. */
export const HOW_WRITTEN =
  'write it as name AS (SELECT … FROM Table WHERE …), with one table under its own name, and nothing after its WHERE clause';

/** The WHERE clause of a common table expression; where it cannot be taken out for certain, why not. */
export function whereClause(sql: string, name: string): WhereClause | string {
  const text = wordsOf(sql);
  if (text === undefined)
    return "the statement has a string such as E'…' or $$…$$, or a comment in a comment";
  const ctes = ctesOf(text);
  const [cte, other] = ctes.filter(isNamed(name));
  if (cte === undefined) return noSuch(name, ctes);
  if (other !== undefined) return 'there are several CTEs of that name';
  return clauseOf(text, cte, ctes);
}

export function noSuch(name: string, ctes: readonly Cte[]): string {
  const near = nearest(
    name,
    ctes.map((each) => each.name),
  );
  return `there is no CTE of that name${near === undefined ? '' : `; did you mean ${near}?`}`;
}

interface Word {
  readonly word: string;
  readonly at: number;
  readonly depth: number;
  /** What stands before it, spaces aside. */
  readonly before: string;
}

/** What can follow a WHERE clause. */
const AFTER =
  /^(GROUP|HAVING|WINDOW|QUALIFY|ORDER|LIMIT|OFFSET|FETCH|UNION|INTERSECT|EXCEPT|USING|TABLESAMPLE|SAMPLE|FOR|SELECT|FROM|WHERE|JOIN|WITH)$/;
/** What begins a query in a condition. */
const QUERY = /^(SELECT|WITH|TABLE|PIVOT|UNPIVOT|DESCRIBE|SUMMARIZE|SHOW)$/;

function clauseOf({ code, words }: Words, { body, end }: Cte, ctes: readonly Cte[]): WhereClause | string {
  const all = wordsIn(words.slice(body, end));
  const outer = all.filter(({ depth }) => depth === 0);
  if (outer[0]?.word !== 'SELECT' || outer[0].before !== '') return 'it does not begin with SELECT';
  const from = outer.find(isFrom);
  const where = outer.find(({ word }) => word === 'WHERE');
  if (from === undefined || where === undefined || where.at < from.at)
    return `it has no ${from === undefined ? 'FROM' : 'WHERE'}`;
  const table = words.slice(body + from.at + 4, body + where.at).trim();
  if (!/^\w+$/.test(table)) return 'it does not read one table under its own name';
  if (ctes.some(isNamed(table))) return `${table} is a CTE as well`;
  const after = all.filter(({ at }) => at > where.at);
  const more = after.find((each) => each.depth === 0 && AFTER.test(each.word) && !isPartOfDistinct(each));
  if (more !== undefined) return `${more.word} follows its WHERE clause`;
  const query = after.find(
    ({ word, before }) => QUERY.test(word) || (word === 'FROM' && before.endsWith('(')),
  );
  if (query !== undefined) return 'its WHERE clause has a query in it';
  const span = [body + where.at + 5, end] as const;
  return parametersIn({
    table,
    condition: code.slice(...span).trim(),
    words: words.slice(...span).trim(),
  });
}

const isFrom = (each: Word) => each.word === 'FROM' && !isPartOfDistinct(each);

/** `IS DISTINCT FROM` compares. */
function isPartOfDistinct({ word, before }: Word): boolean {
  return word === 'FROM' && /\bIS\s+(NOT\s+)?DISTINCT$/i.test(before);
}

function wordsIn(text: string): Word[] {
  let depth = 0;
  const found: Word[] = [];
  for (const { 0: piece, index: at } of text.matchAll(/[$.]\w+|\w+|[([{]|[)\]}]/g)) {
    if (/[([{]/.test(piece)) depth++;
    else if (/[)\]}]/.test(piece)) depth--;
    else if (/^\w/.test(piece))
      found.push({ word: piece.toUpperCase(), at, depth, before: text.slice(0, at).trimEnd() });
  }
  return found;
}

/** A dollar sign in a string would be taken for a parameter's. */
function parametersIn(clause: Omit<WhereClause, 'parameters'>): WhereClause | string {
  const named = (text: string) => Array.from(text.matchAll(/\$(\w+)/g), ([, name]) => name!);
  const parameters = named(clause.words);
  if (named(clause.condition).length > parameters.length)
    return 'its WHERE clause has a string with a $ in it';
  return { ...clause, parameters: [...new Set(parameters)] };
}
