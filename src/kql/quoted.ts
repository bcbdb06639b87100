/** What a query has in quotes, told from its text before it is parsed: parsing needs the columns of the tables it names. */
import { stringValue } from './parser.ts';

/** Strings and comments, whichever begins first. */
export const QUOTED =
  /@"(?:[^"]|"")*"|@'(?:[^']|'')*'|```[\s\S]*?```|~~~[\s\S]*?~~~|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*/g;

/** Its strings, their escapes resolved; strings that stand side by side are also one. */
export function quotedTexts(query: string): string[] {
  const texts: string[] = [];
  let whole = '';
  let end = -1;
  for (const { 0: token, index } of query.matchAll(QUOTED)) {
    const between = end < 0 ? ';' : query.slice(end, index);
    if (token.startsWith('//')) {
      // A comment parts no strings.
      if (between.trim() === '') end = index + token.length;
      continue;
    }
    const text = PLAIN.test(token) ? token.slice(1, -1) : stringValue(token);
    // A string that is hidden in logs has an h before it.
    const goesOn = /^\s*h?$/i.test(between);
    whole = goesOn ? whole + text : text;
    texts.push(...(goesOn ? [text, whole] : [text]));
    end = index + token.length;
  }
  return texts;
}

/** The most, without the parser. */
const PLAIN = /^(?:"[^\\]*"|'[^\\]*')$/;
