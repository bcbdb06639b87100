/** Slips of meaning that are known, told by a diagnostic's code, its message and the text at its place. */
import { isDatetimeFormat } from '../../dialect/formats.ts';
import type { Position } from '../diagnostics.ts';
import { parseTimespan } from '../literals.ts';
import { DATE, dateMeant } from './dates.ts';
import { type Slip, type WayOut, wayOut } from './way-out.ts';
import { nullTest, WHOLE } from './words.ts';

/** What was said, by the parser or by the lowering. */
interface Said {
  readonly code: string;
  readonly message: string;
  readonly position: Position;
}

interface MeaningSlip extends Slip {
  readonly code: string;
  readonly message?: RegExp;
  /** Whether to look beyond what the diagnostic underlines, as where that is an operator alone. */
  readonly beyond?: true;
}

/** The way out of what was said, where it is a known slip. */
export function meaningOf({ code, message, position }: Said, text: string): WayOut | undefined {
  const end = position.start + position.length;
  for (const slip of SLIPS) {
    if (slip.code !== code || slip.message?.test(message) === false) continue;
    const found = wayOut([slip], slip.beyond ? text : text.slice(0, end), position.start, position);
    if (found) return found;
  }
  return undefined;
}

const ALWAYS = /(?:)/dy;
const TICKS = 'a number counts ticks of 100 ns';

const TIMES: readonly MeaningSlip[] = [
  {
    code: 'KS106',
    message: /types datetime and (string|long)\.$/,
    at: new RegExp(String.raw`\W+?\s*(?<here>${DATE})`, 'dy'),
    beyond: true,
    hint: ({ here }) => dateMeant(here!),
  },
  {
    code: 'KS106',
    message: /types (string|long) and datetime\.$/,
    at: new RegExp(String.raw`(?<=(?<from>${DATE})\s*)\W`, 'dy'),
    beyond: true,
    hint: ({ from }) => dateMeant(from!),
  },
  {
    code: 'KS106',
    message: /'[-+]' .* types datetime and string\.$/,
    at: /\W+?\s*(?<here>(["'])(?<span>\d+(?:\.\d+)?[a-z]+)\2)/dy,
    beyond: true,
    hint: ({ span }) => (parseTimespan(span!) === undefined ? undefined : `write ${span}, without quotes`),
  },
  {
    code: 'KS106',
    message: /types (datetime and string|string and datetime)\.$/,
    at: ALWAYS,
    hint: () => 'convert the text first, with todatetime()',
  },
  {
    code: 'KS141',
    message: /type datetime\.$/,
    at: new RegExp(`(?<here>${DATE})`, 'dy'),
    hint: ({ here }) => dateMeant(here!),
  },
  {
    code: 'MG003',
    message: /^between on datetime/,
    at: new RegExp(String.raw`[^("']*\(\s*(?<here>${DATE})`, 'dy'),
    hint: ({ here }) => dateMeant(here!),
  },
  {
    code: 'KS106',
    message: /'[-+]' .* datetime and (long|real)\.$|types timespan and (long|real)\.$/,
    at: /\W+?\s*(?<here>(?<count>\d[\d.]*))/dy,
    beyond: true,
    hint: ({ count }) => unitMissing(count!),
  },
  {
    code: 'KS127',
    message: /'bin' .*\(datetime, (long|real)\)/,
    at: /bin\s*\([^,()]*,\s*(?<here>(?<count>\d[\d.]*))/dy,
    beyond: true,
    hint: ({ count }) => unitMissing(count!),
  },
  ...['MG003', 'MG004'].map(
    (code): MeaningSlip => ({
      code,
      message: /moved by so little|as a timespan|^datetime add (long|real) /,
      at: /(?:ago|now)\s*\(\s*(?<here>(?<count>-?\d[\d.]*))\s*\)/dy,
      hint: ({ count }) => `did you mean ${count}d? ${TICKS}`,
    }),
  ),
  {
    code: 'MG004',
    message: /moved by so little/,
    at: /ago\s*\(\s*(?<here>[a-z_]\w*)\s*\)/diy,
    hint: ({ here }) => `did you mean ${here} * 1d? ${TICKS}`,
  },
  { code: 'KS142', at: /\d+[a-z]+/diy, hint: () => 'a timespan ends in d, h, m, s, ms, microsecond or tick' },
  {
    code: 'MG003',
    message: /^the format '/,
    at: /["'](?<format>[^"']*)/dy,
    hint: ({ format }) => formatMeant(format!),
  },
];

const OTHERS: readonly MeaningSlip[] = [
  { code: 'KS142', at: /(?<=(?<from>--\s*))\w/dy, beyond: true, hint: () => 'a comment begins with //' },
  {
    code: 'KS106',
    message: /'(and|or)' .* types (bool and|(string|long) and bool)/,
    at: ALWAYS,
    hint: () => WHOLE,
  },
  {
    code: 'KS191',
    at: /(?<=(?<from>count\s*\(\s*))(?<here>\*\s*\))/dy,
    beyond: true,
    hint: () => 'write count()',
  },
  {
    code: 'KS142',
    at: /(?<=(?<from>(?<what>[\w.]+)\s*(?<operator>==|!=|<>|=~|!~)\s*))(?<here>null\b)/dy,
    hint: ({ what, operator }) => nullTest(what!, /[!<]/.test(operator!)),
  },
  {
    code: 'KS141',
    at: /[^=!<>"']*[^=!<>"'\s]\s*=[^=~]/dy,
    hint: () => '= gives a name; == compares',
  },
  { code: 'KS109', at: ALWAYS, hint: () => 'make a column of it with extend first' },
  {
    code: 'KS116',
    message: /'dynamic'/,
    at: ALWAYS,
    hint: () => 'tostring() makes a key of a dynamic value',
  },
  {
    code: 'KS144',
    at: ALWAYS,
    hint: () => 'aggregates stand in summarize, which makes a column of each, such as count_ of count()',
  },
  {
    code: 'MG003',
    message: /^the operator (not)?like /,
    at: /[\s\S]*?(?<here>\b(?<not>not)?like\s+["'](?<pattern>[^"'\n]*)["'])/dy,
    hint: ({ not, pattern }) => likeMeant(pattern!, not ? '!' : ''),
  },
];

const SLIPS: readonly MeaningSlip[] = [...TIMES, ...OTHERS];

const unitMissing = (count: string): string =>
  `a number is no timespan: write ${count}d, ${count}h or ${count}m`;

/** `YYYY-MM-DD HH:MM:SS` and `%Y-%m-%d` as .NET has them. */
function formatMeant(format: string): string | undefined {
  const meant = format
    .replace(/%([YmdHMS])/g, (_, letter: string) => STRFTIME[letter]!)
    .replace(/[YDS]/g, (letter) => letter.toLowerCase())
    .replace(/(?<=[Hh]:)MM/, 'mm');
  return meant !== format && isDatetimeFormat(meant) ? `did you mean '${meant}'?` : undefined;
}

const STRFTIME: Readonly<Record<string, string>> = { Y: 'yyyy', m: 'MM', d: 'dd', H: 'HH', M: 'mm', S: 'ss' };

/** SQL's patterns with nothing but % at their ends are operators of KQL. */
function likeMeant(pattern: string, not: string): string {
  const [, before, text, after] = /^(%?)([^%_]+)(%?)$/.exec(pattern) ?? [];
  if (text === undefined) return 'write contains, startswith, endswith or matches regex';
  const operator = before ? (after ? 'contains' : 'endswith') : after ? 'startswith' : undefined;
  if (operator === undefined) return `write ${not || '='}~ "${text}"`;
  return `write ${not}${operator} "${text}"`;
}
