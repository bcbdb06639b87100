/** What the binder says, judged: syntax errors are fatal, some semantic ones are known to be false. */
import { didYouMean, ELSEWHERE, Refusal } from './diagnostics.ts';
import { meaningOf } from './hints/meaning.ts';
import { isOfGrammar, type SlipFound, slipIn } from './hints/slips.ts';
import { hintForName } from './hints/unknown-name.ts';
import { operatorMeant } from './hints/words.ts';
import { type BinderDiagnostic, kustoFunctions, type Parsed, type Tables } from './parser.ts';

/** Codes that the real engine is known not to raise, or that say nothing about meaning. */
const IGNORED: ReadonlySet<string> = new Set<string>([
  'KS107', // a bool expected: said of `count(x)` and of terms in `search`; conditions are checked in the lowering
  'KS147', // a dynamic expected before []: said of what column_ifexists gives; the lowering checks every path
  'KS134', // an integer expected: said of seconds in make_timespan
  'KS234', // a dynamic array expected: said of bags
]);

const OPERATOR_EXPECTED = 'KS176';

/**
 * What the binder does not know (functions, views that a wildcard names), so that it cannot follow the columns:
 * the lowering checks all names itself.
 */
const UNKNOWN_TO_BINDER = /\b(_GetWatchlist|invoke|externaldata|schema_merge)\b|\bview\s*\(/;
const NAMES: ReadonlySet<string> = new Set(['KS142', 'KS145', 'KS211', 'KS204', 'KS210']);

/** What a wildcard of `union` matches is for the lowering to say. */
const WILDCARD = /'[^']*\*[^']*'/;

/** A way out is looked for of as many as a person reads. */
const MOST_HINTS = 50;

export function judged(parsed: Parsed, tables: Tables, text: string): Refusal[] {
  const lenient = UNKNOWN_TO_BINDER.test(text);
  const counting = parsed.diagnostics.filter(
    ({ Severity, Code, Message }) =>
      Severity === 'Error' &&
      !IGNORED.has(Code) &&
      !(lenient && NAMES.has(Code)) &&
      !(Code === 'KS124' && Message.includes("'schema_merge'")) &&
      // The binder knows two arguments of the four that the page has; the lowering counts them.
      !(Code === 'KS119' && Message.includes("'bag_unpack'")) &&
      !(Code === 'KS142' && WILDCARD.test(Message)),
  );
  const slip = slipIn(counting, text);
  const lost = counting.find(({ Code }) => Code === OPERATOR_EXPECTED);
  const broken = Math.min(...counting.filter(isOfGrammar).map(({ Start }) => Start));
  const refusals = counting
    // Behind an operator that is none the parser guesses, and where the grammar is broken it loses the row.
    .filter((found) => lost === undefined || found.Start <= lost.Start)
    .filter((found) => found.Start < broken || isOfGrammar(found))
    .map((found, index) => refusalOf(found, index < MOST_HINTS ? { ...parsed, tables, text } : undefined));
  return slip === undefined ? refusals : withSlip(slip, refusals, text);
}

/** The slip, and what stands before it that does not come of it. */
function withSlip(slip: SlipFound, refusals: readonly Refusal[], text: string): Refusal[] {
  const { said, position, hint } = slip;
  const before = refusals.filter(({ code, position: { start, length }, hint: way }) => {
    if (start >= slip.start) return false;
    const isHalf = code === 'KS141' && way === undefined;
    return !(isHalf && /^[\s)]*$/.test(text.slice(start + length, position.start)));
  });
  return [...before, new Refusal(said.Code, said.Message, position, hint)];
}

type Asked = Parsed & { readonly tables: Tables; readonly text: string };

function refusalOf(found: BinderDiagnostic, asked: Asked | undefined): Refusal {
  const { Code: code, Message: message } = found;
  const position = { start: found.Start, length: found.Length };
  const meant = asked && meaningOf({ code, message, position }, asked.text);
  return meant
    ? new Refusal(code, message, meant.position, meant.hint)
    : new Refusal(code, message, position, asked && hintFor(found, asked));
}

/** What may have been meant where a name is not known. */
function hintFor({ Code, Message, Start, Length }: BinderDiagnostic, asked: Asked): string | undefined {
  const name = /'([^']+)'/.exec(Message)?.[1] ?? '';
  switch (Code) {
    case OPERATOR_EXPECTED:
      return operatorMeant(asked.text.slice(Start, Start + Length));
    case 'KS142':
      return hintForName(name, Start, asked);
    case 'KS204':
      return didYouMean(name, Object.keys(asked.tables));
    case 'KS211': {
      if (name === 'workspace') return ELSEWHERE;
      const { functions, aggregates } = kustoFunctions();
      const known = new Set([...functions, ...aggregates].filter((each) => !each.startsWith('_')));
      return didYouMean(name, known) ?? 'define it with let';
    }
    default:
      return undefined;
  }
}
