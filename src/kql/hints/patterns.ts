/** Parts of regular expressions that know slips. */
import { OPERATORS } from './words.ts';

/** What may stand behind a pipe, the longer first. */
export const OPERATOR: string = `(?:${[...OPERATORS].sort((a, b) => b.length - a.length).join('|')})(?![\\w-])`;

/** What begins a statement; some of these also stand behind a pipe. */
export const STATEMENT: string = `(?:(?!${OPERATOR})|(?=(?:union|search)\\b))\\w+`;

/** A call, a name, a number, a text. */
export const OPERAND: string = String.raw`(?:[\w.]*\([^()|]*\)|"[^"\n]*"|'[^'\n]*'|[\w.]+)`;

/** What stands between the bounds of `between`, brackets closed. */
export const BOUND: string = String.raw`(?:[^()|]|\([^()|]*\))+?`;
