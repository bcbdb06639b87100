/** Walks over dynamic values that have no bounded depth. */
import { javascript } from '../../javascript-function.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Half a character, which no text of the engine's holds: it marks a number, kept as the text that it is written in. */
const NUMBER = '\ud800';

/** Keys sorted at every level; numbers as they are written. */
function canonicalJson(text: string): string {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : `"${NUMBER}${token}"`,
  );
  return sorted(JSON.parse(marked) as Json);
}

function sorted(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (typeof value === 'string' && value.startsWith(NUMBER)) return value.slice(1);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${sorted(member)}`).join(',')}}`;
}

/** `[0]` stands for every element of an array. */
function paths(value: Json, base = ''): string[] {
  if (Array.isArray(value)) {
    const at = `${base}[0]`;
    return value.length ? [at, ...new Set(value.flatMap((element) => paths(element, at)))] : [];
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]) => [
    `${base}['${key}']`,
    ...paths(member, `${base}['${key}']`),
  ]);
}

export const jsonFunctions = [
  javascript('canonical_json', 'VARCHAR', 'VARCHAR', canonicalJson),
  javascript('treepath', 'VARCHAR', 'VARCHAR', (text: string) =>
    JSON.stringify(paths(JSON.parse(text) as Json)),
  ),
];
