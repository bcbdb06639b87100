/** Regular expressions: what RE2 lacks is refused here, by part, before the engine sees it. */
import { literal, type Scalar } from '../../plan/scalar.ts';
import { refuse } from '../lower/query/context.ts';
import type { SyntaxNode } from '../parser.ts';
import { convertTo } from './call.ts';

const MISSING: readonly [RegExp, string][] = [
  [/\(\?<?[=!]/, 'lookaround'],
  [/\(\?>/, 'an atomic group'],
  [/\\[1-9]/, 'a backreference'],
  [/(?:[*+?]|\{\d+(?:,\d*)?\})\+/, 'a possessive quantifier'],
  [/\(\?\(/, 'a conditional'],
  [/\\[GRXKZ]/, 'an escape that RE2 has not'],
];

export function checkedRegex(pattern: Scalar, node: SyntaxNode): Scalar {
  const value = convertTo(pattern, 'string', node);
  if (value.kind !== 'literal') return value;
  const text = String(value.value);
  // An escaped bracket opens no set.
  const bare = text
    .replace(/\\\\/g, '__')
    .replace(/\\.|\[(?:\\.|[^\]\\])*\]/gs, (part) => (part[0] === '[' ? '_'.repeat(part.length) : part));
  for (const [part, name] of MISSING) {
    const found = part.exec(bare);
    if (found)
      refuse(
        'MG005',
        `the regular expression uses ${name} ('${text.slice(found.index, found.index + 3)}'), which RE2 does not know`,
        node,
      );
  }
  if (!balanced(bare))
    refuse('MG005', 'the regular expression has an unmatched parenthesis or bracket', node);
  const repeated = repeatedTooOften(text);
  if (repeated)
    refuse('MG005', `the regular expression repeats more than ${MOST} times ('${repeated}')`, node);
  const wrong = syntaxError(text);
  if (wrong) refuse('MG005', `the regular expression is not valid: ${wrong}`, node);
  return literal('string', unicodeClasses(text.replace(/\(\?<([A-Za-z_]\w*)>/g, '(?P<$1>'), node));
}

/** JavaScript's parser finds what RE2 would: nothing to repeat, a range out of order. */
function syntaxError(pattern: string): string | undefined {
  const plain = pattern
    .replace(/\(\?P</g, '(?<')
    .replace(/\(\?[imsU]*(?:-[imsU]+)?\)/g, '')
    .replace(/\(\?[imsU]+(?:-[imsU]+)?:/g, '(?:');
  try {
    new RegExp(plain);
    return undefined;
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/^Invalid regular expression: /, '')
      : 'it does not parse';
  }
}

/** RE2's limit, of the counts of a group and of what stands in it taken together. */
const MOST = 1000;

function repeatedTooOften(pattern: string): string | undefined {
  // The largest product of counts within each open group, and that of the part which a count may follow.
  const within = [1];
  let part = 1;
  for (const [token, least, most] of pattern.matchAll(
    /\\[xpP]\{[^}]*\}|\\.|\[(?:\\.|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|./gs,
  )) {
    if (least !== undefined) part *= Math.max(1, Number(most || least));
    else if (token === ')') part = within.pop() ?? 1;
    else if (!/^[*+?]$/.test(token)) part = 1;
    if (part > MOST) return token;
    if (token === '(') within.push(1);
    else within.push(Math.max(within.pop() ?? 1, part));
  }
  return undefined;
}

/** Kusto's classes are of Unicode, RE2's of ASCII. */
const CLASSES: Readonly<Record<string, string>> = {
  d: '\\p{Nd}',
  w: '\\p{L}\\p{M}\\p{Nd}\\p{Pc}',
  s: '\\s\\v\\x{85}\\p{Z}',
};

function unicodeClasses(pattern: string, node: SyntaxNode): string {
  let inSet = false;
  return pattern.replace(/\\.|[[\]]/gs, (part) => {
    if (part === '[') inSet = true;
    else if (part === ']') inSet = false;
    const letter = part[1] ?? '';
    const members = CLASSES[letter.toLowerCase()];
    if (!members) return part;
    if (letter === 'd') return members;
    if (letter === 'D') return '\\P{Nd}';
    if (letter === letter.toLowerCase()) return inSet ? members : `[${members}]`;
    if (inSet) return refuse('MG005', `\\${letter} inside a set has no translation`, node);
    return `[^${members}]`;
  });
}

function balanced(bare: string): boolean {
  let depth = 0;
  for (let index = 0; index < bare.length; index += 1) {
    if (bare[index] === '\\') index += 1;
    else if (bare[index] === '(') depth += 1;
    else if (bare[index] === ')') depth -= 1;
    else if (bare[index] === '[') return false;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** How many capturing groups a pattern has. */
export function groupCount(pattern: string): number {
  const bare = pattern.replace(/\\./g, '__').replace(/\[(?:\\.|[^\]\\])*\]/g, '_');
  return [...bare.matchAll(/\((?!\?)|\(\?P?<[A-Za-z_]/g)].length;
}
