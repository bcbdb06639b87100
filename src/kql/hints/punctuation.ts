/** What is missing, misspelt or wrongly quoted, where the parser stops. */
import { dateMeant } from './dates.ts';
import { OPERAND, OPERATOR, STATEMENT } from './patterns.ts';
import type { Slip } from './way-out.ts';
import { comparisonMeant, orderMeant, symbolMeant, WHOLE } from './words.ts';

const WHAT_IS_MISSING: readonly Slip[] = [
  {
    at: /(?<=(?<from>\d{4}-\d{1,2}-\d{1,2}T[\d:]+))(?<here>:[\d:.]*Z?)/dy,
    hint: ({ from, here }) => dateMeant(`${from}${here}`),
  },
  { at: /(?<here><[^<>\n]+>)/dy, hint: () => 'put a value in place of what < and > enclose' },
  { at: /(?<=(?<from>;)\s*)\|/dy, hint: () => 'a ; ends the query: leave it out before a pipe' },
  {
    at: new RegExp(String.raw`(?<=(?:^|[;\n])\s*let\s[^;]*\n\s*)${STATEMENT}`, 'dy'),
    hint: () => 'a let statement ends in ;',
  },
  {
    at: new RegExp(String.raw`(?<!\|\s*)(?<here>(?<operator>${OPERATOR}))`, 'diy'),
    hint: ({ operator }) => `a pipe is missing before ${operator}: | ${operator!.toLowerCase()}`,
  },
];

const QUOTES: readonly Slip[] = [
  ...['"', "'"].flatMap((quote): Slip[] => [
    {
      at: new RegExp(String.raw`(?<=(?<from>${quote}[^${quote}\n]*))(?<here>\\[^${quote}\n]*${quote})`, 'dy'),
      hint: ({ from, here }) => escaped(`${from}${here}`),
    },
    {
      // A path that ends in a backslash, which takes the quote with it, and so the text up to the next quote.
      at: new RegExp(
        String.raw`(?<=(?<from>${quote}(?:[A-Za-z]:|\\)(?:[^${quote}\n]*[^${quote}\n\\])?\\${quote})(?:\s*|[^${quote}\n]*${quote}))`,
        'dy',
      ),
      hint: ({ from }) => escaped(from!),
    },
  ]),
  {
    at: /(?<here>[“”„«»‘’‚](?<inside>[^“”„«»‘’‚"'\n]*)[“”«»‘’]?)/dy,
    hint: ({ inside = '' }) => `write plain quotes: ${inside.includes('\\') ? '@' : ''}"${inside}"`,
  },
  { at: /(?<here>[–—])/dy, hint: () => 'write a plain -' },
];

/** The literal with its backslashes as they are, and with each written twice. */
function escaped(literal: string): string {
  const quote = literal[0]!;
  const path = literal.slice(1, -1).replaceAll('\\\\', '\\');
  const doubled = path.replaceAll('\\', '\\\\');
  return `a backslash begins an escape: write @${quote}${path}${quote} or ${quote}${doubled}${quote}`;
}

const NOT = 'not(…) encloses what it negates';

const BETWEEN_VALUES: readonly Slip[] = [
  {
    at: /(?<=\b(?:(?:order|sort)\s+by|top\s+\w+\s+by)\s[^|;]*)(?<here>(?<word>\w+))/dy,
    hint: ({ word }) => orderMeant(word!),
  },
  {
    at: /(?<here>(?:not\s+|!\s+)(?<operator>in~?|(?:has|contains|startswith|endswith|between)\w*))(?!\w)/diy,
    hint: ({ operator }) => `write !${operator!.toLowerCase()}`,
  },
  { at: /(?<here>not)\s/diy, hint: () => NOT },
  { at: /(?<here>!)(?![=~])/dy, hint: () => NOT },
  {
    at: new RegExp(String.raw`(?<=(?<from>\|))(?<here>\|)(?=\s*${OPERATOR})`, 'dy'),
    hint: () => 'one | stands before an operator',
  },
  {
    at: /(?<=(?<from>[=!<>~&|]*))(?<here>[=!<>~&|]+)/dy,
    hint: ({ from, here }) => symbolMeant(`${from}${here}`),
  },
  {
    at: /(?<!\|\s*)(?<here>(?<word>[a-z]\w*))(?=\s*["'@\w([])/diy,
    hint: ({ word }) => comparisonMeant(word!),
  },
  {
    at: new RegExp(String.raw`(?<!\|\s*)(?<here>(?<name>ago|(?:is|to)[a-z]\w+)\s+(?<what>${OPERAND}))`, 'dy'),
    hint: ({ name, what }) => `write ${name}(${what})`,
  },
  {
    at: /(?<=\b(?:and|or)\s+)(?<here>(?:has|contains|startswith|endswith)\w*)/dy,
    hint: () => WHOLE,
  },
  { at: /(?<=\|\s*(?:where|filter)\s[^|;]*)(?<here>,)/dy, hint: () => 'write and' },
];

export const PUNCTUATION: readonly Slip[] = [...WHAT_IS_MISSING, ...QUOTES, ...BETWEEN_VALUES];
