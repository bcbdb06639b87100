/**
 * Slips of grammar that are known, habits of other languages and of keyboards: what stands where the parser stops tells
 * which it is.
 */
import type { BinderDiagnostic } from '../parser.ts';
import { dateMeant } from './dates.ts';
import { type Slip, type WayOut, wayOut } from './way-out.ts';
import { comparisonMeant, nullTest, OPERATORS, orderMeant, symbolMeant } from './words.ts';

/** Where the grammar ends for the parser, which guesses from there on. */
export interface SlipFound extends WayOut {
  readonly said: BinderDiagnostic;
  /** What stands from here on comes of it. */
  readonly start: number;
}

/** The slip at the first place that the grammar does not allow, where it is a known one. */
export function slipIn(diagnostics: readonly BinderDiagnostic[], text: string): SlipFound | undefined {
  const grammar = diagnostics.filter(({ Code }) => GRAMMAR.test(Code)).sort((a, b) => a.Start - b.Start);
  const [first] = grammar;
  if (first === undefined) return undefined;
  SPACE.lastIndex = first.Start;
  const place = first.Start + SPACE.exec(text)![0].length;
  const said = grammar.find(({ Code, Start }) => Code === UNEXPECTED && Start === place) ?? first;
  const found = wayOut(SLIPS, text, place, { start: said.Start, length: said.Length });
  return found && { ...found, said, start: Math.min(first.Start, found.position.start) };
}

/** Codes of the grammar, and `not` without brackets, which the parser takes for a function's name. */
const GRAMMAR = /^KS(0\d\d|117|176|198)$/;
const UNEXPECTED = 'KS002';
const SPACE = /(?:\s|\/\/.*)*/y;

const OPERATOR = `(?:${[...OPERATORS].sort((a, b) => b.length - a.length).join('|')})(?![\\w-])`;

/** What begins a statement; some of these also stand behind a pipe. */
const STATEMENT = `(?:(?!${OPERATOR})|(?=(?:union|search)\\b))\\w+`;

/** A call, a name, a number, a text. */
const OPERAND = String.raw`(?:[\w.]*\([^()|]*\)|"[^"\n]*"|'[^'\n]*'|[\w.]+)`;

/** What stands between the bounds of `between`, brackets closed. */
const BOUND = String.raw`(?:[^()|]|\([^()|]*\))+?`;

const FROM_ELSEWHERE: readonly Slip[] = [
  { at: /(?<=^\s*(?<from>select|with)\b[^;]*)/diy, hint: () => 'this is SQL, which merganser sql runs' },
  { at: /(?<!\|\s*)(?<here>group)\s+by\b/diy, hint: () => 'by stands alone: summarize … by' },
  {
    at: new RegExp(
      String.raw`(?<=(?<what>${OPERAND})\s+)(?<here>as)\s+(?<name>\w+)(?=\s*(?:[,|;]|by\b|$))`,
      'diy',
    ),
    hint: ({ what, name }) => `= gives a name, which stands first: ${name} = ${what}`,
  },
  {
    at: new RegExp(
      String.raw`(?<=(?<from>(?<what>\w+)\.))(?<here>(?<operator>contains|startswith|endswith|has)\s*\((?<text>${OPERAND})\))`,
      'dy',
    ),
    hint: ({ what, operator, text }) => `write ${what} ${operator} ${text}`,
  },
  {
    at: /(?<=(?<from>(?<what>[\w.]+)\s+))(?<here>is\s+(?<not>not\s+)?(?:null|empty)\b)/diy,
    hint: ({ what, not }) => nullTest(what!, not !== undefined),
  },
];

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

const BOUNDS: readonly Slip[] = [
  String.raw`(?<=between\s*\(\s*(?<low>${BOUND})\s+(?<from>and)\s+(?<high>${BOUND})\s*)\)`,
  String.raw`(?<=between\s*\(\s*(?<low>${BOUND})\s*)(?<here>,|to\b)\s*(?<high>${BOUND})\s*\)`,
  String.raw`(?<=between\s+)(?<here>(?<low>${OPERAND})\s+(?:and|to|\.\.)\s+(?<high>${OPERAND}))`,
].map((pattern) => ({
  at: new RegExp(pattern, 'diy'),
  hint: ({ low, high }) => `two dots stand between the bounds: (${low} .. ${high})`,
}));

const LISTS: readonly Slip[] = [
  {
    at: new RegExp(
      String.raw`(?<=\b(?:in~?|has_any|has_all)\s*)(?<here>\[(?<inside>[^\]\n]*)\]|(?<bare>${OPERAND}(?:\s*,\s*${OPERAND})*))`,
      'dy',
    ),
    hint: ({ inside, bare }) => `a list stands in round brackets: (${inside ?? bare})`,
  },
];

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
];

const SLIPS: readonly Slip[] = [
  ...FROM_ELSEWHERE,
  ...WHAT_IS_MISSING,
  ...QUOTES,
  ...BOUNDS,
  ...LISTS,
  ...BETWEEN_VALUES,
];

/** The literal with its backslashes as they are, and with each written twice. */
function escaped(literal: string): string {
  const quote = literal[0]!;
  const path = literal.slice(1, -1).replaceAll('\\\\', '\\');
  const doubled = path.replaceAll('\\', '\\\\');
  return `a backslash begins an escape: write @${quote}${path}${quote} or ${quote}${doubled}${quote}`;
}
