/** What the binder says, judged: syntax errors are fatal, some semantic ones are known to be false. */
import { nearestFew } from '../nearest.ts';
import { Refusal } from './diagnostics.ts';
import type { BinderDiagnostic, Tables } from './parser.ts';

/** Codes that the real engine is known not to raise, or that say nothing about meaning. */
const IGNORED: ReadonlySet<string> = new Set<string>([
  'KS107', // a bool expected: said of `count(x)` and of terms in `search`; conditions are checked in the lowering
  'KS134', // an integer expected: said of seconds in make_timespan
  'KS234', // a dynamic array expected: said of bags
]);

/** Functions that the binder does not know, whose columns it cannot follow: the lowering checks all names itself. */
const UNKNOWN_TO_BINDER = /\b(_GetWatchlist|invoke|externaldata|schema_merge)\b/;
const NAMES: ReadonlySet<string> = new Set(['KS142', 'KS211', 'KS204', 'KS210']);

/** What a wildcard of `union` matches is for the lowering to say. */
const WILDCARD = /'[^']*\*[^']*'/;

export function judged(diagnostics: readonly BinderDiagnostic[], tables: Tables, text: string): Refusal[] {
  const lenient = UNKNOWN_TO_BINDER.test(text);
  return diagnostics
    .filter(
      ({ Severity, Code, Message }) =>
        Severity === 'Error' &&
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
          hintFor(found, tables),
        ),
    );
}

function hintFor({ Code, Message }: BinderDiagnostic, tables: Tables): string | undefined {
  if (Code !== 'KS142' && Code !== 'KS204') return undefined;
  const name = /'([^']+)'/.exec(Message)?.[1];
  if (!name) return undefined;
  if (Code === 'KS204') return suggestion(nearestFew(name, Object.keys(tables), 3));
  const columns = new Set(Object.values(tables).flatMap((list) => list.map((column) => column.name)));
  const close = nearestFew(name, [...Object.keys(tables), ...columns], 3);
  return suggestion(close);
}

const suggestion = (close: readonly string[]): string | undefined =>
  close.length ? `did you mean ${close.map((known) => `'${known}'`).join(' or ')}?` : undefined;
