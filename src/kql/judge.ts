/** What the binder says, judged: syntax errors are fatal, some semantic ones are known to be false. */
import { didYouMean, Refusal } from './diagnostics.ts';
import { type BinderDiagnostic, kustoFunctions, type Tables } from './parser.ts';

/** Codes that the real engine is known not to raise, or that say nothing about meaning. */
const IGNORED: ReadonlySet<string> = new Set<string>([
  'KS107', // a bool expected: said of `count(x)` and of terms in `search`; conditions are checked in the lowering
  'KS147', // a dynamic expected before []: said of what column_ifexists gives; the lowering checks every path
  'KS134', // an integer expected: said of seconds in make_timespan
  'KS234', // a dynamic array expected: said of bags
]);

const OPERATOR_EXPECTED = 'KS176';

/** The operators that may stand behind a pipe. https://learn.microsoft.com/kusto/query/tabular-operators */
const OPERATORS: readonly string[] = [
  ...[
    'as',
    'consume',
    'count',
    'distinct',
    'evaluate',
    'extend',
    'facet',
    'fork',
    'getschema',
    'invoke',
    'join',
  ],
  ...['limit', 'lookup', 'make-series', 'mv-apply', 'mv-expand', 'order', 'parse', 'parse-kv', 'parse-where'],
  ...['partition', 'project', 'project-away', 'project-keep', 'project-rename', 'project-reorder', 'reduce'],
  ...[
    'render',
    'sample',
    'sample-distinct',
    'scan',
    'search',
    'serialize',
    'sort',
    'summarize',
    'take',
    'top',
  ],
  ...['top-hitters', 'top-nested', 'union', 'where'],
];

/**
 * What the binder does not know (functions, views that a wildcard names), so that it cannot follow the columns:
 * the lowering checks all names itself.
 */
const UNKNOWN_TO_BINDER = /\b(_GetWatchlist|invoke|externaldata|schema_merge)\b|\bview\s*\(/;
const NAMES: ReadonlySet<string> = new Set(['KS142', 'KS211', 'KS204', 'KS210']);

/** What a wildcard of `union` matches is for the lowering to say. */
const WILDCARD = /'[^']*\*[^']*'/;

export function judged(diagnostics: readonly BinderDiagnostic[], tables: Tables, text: string): Refusal[] {
  const lenient = UNKNOWN_TO_BINDER.test(text);
  const lost = diagnostics.find(({ Code }) => Code === OPERATOR_EXPECTED);
  return diagnostics
    .filter(
      ({ Severity, Code, Message, Start }) =>
        Severity === 'Error' &&
        // Behind an operator that is none, the parser guesses.
        (lost === undefined || Start <= lost.Start) &&
        !IGNORED.has(Code) &&
        !(lenient && NAMES.has(Code)) &&
        !(Code === 'KS124' && Message.includes("'schema_merge'")) &&
        !(Code === 'KS142' && WILDCARD.test(Message)),
    )
    .map(
      (found) =>
        new Refusal(
          found.Code,
          found.Message,
          { start: found.Start, length: found.Length },
          hintFor(found, tables, text),
        ),
    );
}

/** The names that may have been meant where one is not known. */
function hintFor(found: BinderDiagnostic, tables: Tables, text: string): string | undefined {
  const name = /'([^']+)'/.exec(found.Message)?.[1] ?? '';
  switch (found.Code) {
    case OPERATOR_EXPECTED:
      return didYouMean(text.slice(found.Start, found.Start + found.Length), OPERATORS);
    case 'KS142': {
      const columns = new Set(Object.values(tables).flatMap((list) => list.map((column) => column.name)));
      return didYouMean(name, [...Object.keys(tables), ...columns]);
    }
    case 'KS116':
      return found.Message.includes("'dynamic'") ? 'cast it, as in tostring(…)' : undefined;
    case 'KS204':
      return didYouMean(name, Object.keys(tables));
    case 'KS211': {
      const { functions, aggregates } = kustoFunctions();
      return didYouMean(name, new Set([...functions, ...aggregates].filter((each) => !each.startsWith('_'))));
    }
    default:
      return undefined;
  }
}
