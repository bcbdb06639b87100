/** Habits of SQL and other languages, where the parser stops. */
import { BOUND, OPERAND } from './patterns.ts';
import type { Slip } from './way-out.ts';
import { nullTest } from './words.ts';

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
  {
    at: new RegExp(
      String.raw`(?<=(?<from>count\s*\(\s*distinct\s+))(?<here>(?<what>${OPERAND})\s*\))`,
      'diy',
    ),
    hint: ({ what }) => `write dcount(${what}), or count_distinct(${what}), which is exact`,
  },
  {
    at: /(?<=\bkind\s*=\s*)(?<here>(?<kind>left|right|full|outer))(?!\w)/dy,
    hint: ({ kind }) => `write ${kind === 'outer' ? 'full' : kind}outer`,
  },
  {
    at: /(?<here>case)\s+when\b/diy,
    hint: () => 'write iff(condition, value, otherwise), or case() of several',
  },
  {
    at: /(?<=(?<from>(?<count>\d+)\s+))(?<here>(?<unit>d|day|h|hour|m|min|minute|s|sec|second)s?)(?!\w)/dy,
    hint: ({ count, unit }) => `write ${count}${unit![0]}`,
  },
  {
    at: new RegExp(
      String.raw`(?<=let\s+\w+\s*=\s*(?<from>[([])\s*(?<first>${OPERAND})\s*)(?<here>(?<rest>(?:\s*,\s*${OPERAND})+)\s*[)\]])`,
      'dy',
    ),
    hint: ({ first, rest }) => `write dynamic([${first}${rest}])`,
  },
  { at: /(?<here>#)/dy, hint: () => 'a comment begins with //' },
  { at: /(?<=(?<from>\/))(?<here>\*)/dy, hint: () => 'a comment begins with //' },
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

export const HABITS: readonly Slip[] = [...FROM_ELSEWHERE, ...BOUNDS, ...LISTS];
