/** Which tables a query may mean, told from its text before it is parsed: parsing needs their columns. */
import { QUOTED, quotedTexts } from '../kql/quoted.ts';

/** A call whose arguments hold no pipe. */
const CALL = /\b[\w-]+\([^()|;]*\)/g;

/**
 * Says of a table's name whether the query may mean it: it stands there, be it in quotes (`['a b']`, `['it\'s']`), or
 * the query goes through tables by no name.
 */
export function tablesMeant(query: string): (table: string) => boolean {
  const text = query.replace(QUOTED, (token) => (token.startsWith('//') ? '' : token));
  const words = new Set(text.match(/\w+/g));
  const wild = goesThroughTables(query.replace(QUOTED, (token) => (token.startsWith('//') ? '' : '""')));
  const quoted = new Set(quotedTexts(query));
  const stands = (table: string) => quoted.has(table) || (!/^\w+$/.test(table) && query.includes(table));
  return (table) => wild || words.has(table) || stands(table);
}

/** `search`, `find`, and `union` with a wildcard, which is no star in the arguments of a call. */
function goesThroughTables(text: string): boolean {
  if (/\b(search|find)\b/.test(text)) return true;
  if (!/\bunion\b/.test(text)) return false;
  let before: string;
  let rest = text;
  do {
    before = rest;
    rest = rest.replace(CALL, (call) => (/\bunion\b|^in\(/.test(call) ? call : ''));
  } while (rest !== before);
  return rest.includes('*');
}
