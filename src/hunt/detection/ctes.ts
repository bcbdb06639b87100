/** A detection's SQL as its words: enough of it to find a common table expression, in whatever layout. */
export interface Words {
  /** The SQL, its comments blank. */
  readonly code: string;
  /** The SQL, its comments, strings and quoted names blank, so that all that is left are words and brackets. */
  readonly words: string;
}

const COMMENT = String.raw`--[^\n]*|/\*[\s\S]*?\*/`;
const QUOTED = `'(?:[^']|'')*'|"(?:[^"]|"")*"`;
const EITHER = new RegExp(`${COMMENT}|${QUOTED}`, 'g');

/**
 * The words of some SQL, each in its place; undefined where it has what is not told apart here: strings with escapes
 * (`E'…'`) or between dollar signs, comments in comments.
 */
export function wordsOf(sql: string): Words | undefined {
  const isComment = (text: string) => /^[-/]/.test(text);
  const nested = Array.from(sql.matchAll(EITHER), ([text]) => text).some((text) =>
    /^\/\*[\s\S]*\/\*/.test(text),
  );
  const code = sql.replace(EITHER, (text) => (isComment(text) ? text.replace(/./g, ' ') : text));
  const words = code.replace(EITHER, (text) => `${text[0]}${'.'.repeat(text.length - 2)}${text[0]}`);
  return nested || /\$\w*\$|\b[ex]'/i.test(words) ? undefined : { code, words };
}

/** A common table expression: where its name begins, its text between the brackets, and how deep in others it stands. */
export interface Cte {
  readonly name: string;
  readonly start: number;
  readonly body: number;
  readonly end: number;
  readonly depth: number;
}

const HEAD = /(?<=\b(?:WITH|RECURSIVE)\s+|,\s*|^\s*)\b(\w+)\s+AS\s+(?:(?:NOT\s+)?MATERIALIZED\s*)?\(/gi;

/** All common table expressions, in their order. */
export function ctesOf({ words }: Words): Cte[] {
  return Array.from(words.matchAll(HEAD), (match) => {
    const body = match.index + match[0].length;
    const before = words.slice(0, match.index);
    const depth = before.split('(').length - before.split(')').length;
    return { name: match[1]!, start: match.index, body, end: closing(words, body), depth };
  });
}

/** Where the bracket closes that was opened before. */
function closing(words: string, from: number): number {
  let open = 1;
  for (let at = from; at < words.length; at++) {
    if (words[at] === '(') open++;
    else if (words[at] === ')' && --open === 0) return at;
  }
  return words.length;
}

/** Whether two names mean the same: SQL does not tell casings apart. */
export function isNamed(name: string): (cte: Cte) => boolean {
  return (cte) => cte.name.toLowerCase() === name.toLowerCase();
}
