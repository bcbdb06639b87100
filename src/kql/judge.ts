/** What the binder says, judged: syntax errors are fatal, some semantic ones are known to be false. */
import { didYouMean, ELSEWHERE, Refusal } from './diagnostics.ts';
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
const NAMES: ReadonlySet<string> = new Set(['KS142', 'KS145', 'KS211', 'KS204', 'KS210']);

/** What a wildcard of `union` matches is for the lowering to say. */
const WILDCARD = /'[^']*\*[^']*'/;

export function judged(diagnostics: readonly BinderDiagnostic[], tables: Tables, text: string): Refusal[] {
  const lenient = UNKNOWN_TO_BINDER.test(text);
  const lost = diagnostics.find(
    ({ Code, Start }) =>
      Code === OPERATOR_EXPECTED || (Code === 'KS006' && PLACEHOLDER.test(text.slice(Start))),
  );
  return diagnostics
    .filter(
      ({ Severity, Code, Message, Start }) =>
        Severity === 'Error' &&
        // Behind an operator that is none, and a placeholder, the parser guesses.
        (lost === undefined || Start <= lost.Start) &&
        !IGNORED.has(Code) &&
        !(lenient && NAMES.has(Code)) &&
        !(Code === 'KS124' && Message.includes("'schema_merge'")) &&
        // The binder knows two arguments of the four that the page has; the lowering counts them.
        !(Code === 'KS119' && Message.includes("'bag_unpack'")) &&
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

/** `<the account>`, as templates have where a value is due. */
const PLACEHOLDER = /^\s*<[^<>\n]+>/;

/** The names that may have been meant where one is not known. */
function hintFor(found: BinderDiagnostic, tables: Tables, text: string): string | undefined {
  const name = /'([^']+)'/.exec(found.Message)?.[1] ?? '';
  switch (found.Code) {
    case OPERATOR_EXPECTED:
      return didYouMean(text.slice(found.Start, found.Start + found.Length), OPERATORS);
    case 'KS142':
      return hintForName(name, tables, text);
    case 'KS006':
      return PLACEHOLDER.test(text.slice(found.Start))
        ? 'put a value in place of what < and > enclose'
        : undefined;
    case 'KS141':
      return /^[^=!<>"']*[^=!<>"'\s]\s*=[^=~]/.test(text.slice(found.Start, found.Start + found.Length))
        ? '= gives a name; == compares'
        : undefined;
    case 'KS109':
      return 'make a column of it with extend first';
    case 'KS116':
      return found.Message.includes("'dynamic'") ? 'tostring() makes a key of a dynamic value' : undefined;
    case 'KS204':
      return didYouMean(name, Object.keys(tables));
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

const OTHER_TIME: Readonly<Record<string, string>> = {
  Timestamp: 'TimeGenerated',
  TimeGenerated: 'Timestamp',
};

/** The tables that have such a column; else what is near in the tables that the query names. */
function hintForName(name: string, tables: Tables, text: string): string | undefined {
  if (/^\d+[a-z]+$/i.test(name)) return 'a timespan ends in d, h, m, s, ms, microsecond or tick';
  const words = new Set(text.match(/\w+/g));
  const named = Object.keys(tables).filter((table) => words.has(table));
  const among = named.length > 0 ? named : Object.keys(tables);
  const columns = new Set(among.flatMap((table) => tables[table]!.map((column) => column.name)));
  const other = OTHER_TIME[name];
  if (other !== undefined && columns.has(other)) return `did you mean '${other}'?`;
  columns.delete(name);
  return columnOf(name, tables) ?? didYouMean(name, [...Object.keys(tables), ...columns]);
}

/** Where a name that is not known here is one. */
function columnOf(name: string, tables: Tables): string | undefined {
  const owners = Object.keys(tables).filter((table) => tables[table]!.some((column) => column.name === name));
  if (owners.length === 0) return undefined;
  const others = owners.length > 3 ? ` and ${owners.length - 3} more` : '';
  return `it is a column of ${owners.slice(0, 3).join(', ')}${others}`;
}
