import { nearestFew } from '../nearest.ts';

/** What is wrong with a query, where, and what to write instead. */
export interface Diagnostic {
  /** Kusto's own code (KS…) where the meaning is Kusto's; MG… where merganser refuses. */
  readonly code: string;
  /** A `note` says what was dropped or should be known; the query translates. */
  readonly severity: 'error' | 'note';
  readonly message: string;
  /** Where in the text, in UTF-16 units from 0. */
  readonly start: number;
  readonly length: number;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
  /** A way out. */
  readonly hint?: string;
}

/** The codes of what merganser itself refuses or notes. */
const REFUSALS = {
  MG001: 'a tabular operator that has no translation',
  MG002: 'a function that has no translation',
  MG003: 'an argument or form of an operator or function that has no translation',
  MG004: 'a value that the engine cannot hold exactly',
  MG005: 'a regular expression that RE2 does not know',
  MG006: 'a control command',
  MG007: 'a plugin that has no translation',
  MG008: 'a query too large or too deeply nested',
  MG009: 'a part of the query dropped, with a note',
  MG010: 'a table or function that the user has to supply',
  MG011: 'a query that calls itself',
  MG012: 'a query that needs a JavaScript function or its own data, where only its text is asked for',
  MG013: 'a value for a parameter that the query does not declare',
} as const;

/** Kusto's own code, or one of those. */
export type DiagnosticCode = `KS${string}` | keyof typeof REFUSALS;

/** What to do about a table of another cluster, database or workspace. */
export const ELSEWHERE = 'a lake is one place: name the table alone';

export interface Position {
  readonly start: number;
  readonly length: number;
}

/** Thrown by the lowering, caught by `translate`: never seen by callers. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
  readonly code: DiagnosticCode;
  readonly position: Position;
  readonly hint: string | undefined;

  constructor(code: DiagnosticCode, message: string, position: Position, hint?: string) {
    super(message);
    this.code = code;
    this.position = position;
    this.hint = hint;
  }
}

export function diagnostic(
  text: string,
  found: { code: string; message: string; position: Position; hint?: string | undefined; note?: boolean },
): Diagnostic {
  const start = Math.max(0, Math.min(found.position.start, text.length));
  return Object.freeze({
    code: found.code,
    severity: found.note ? 'note' : 'error',
    message: found.message,
    start,
    length: found.position.length,
    ...lineAndColumn(text, start),
    ...(found.hint !== undefined && { hint: found.hint }),
  } as const);
}

/** Both from 1. */
export function lineAndColumn(text: string, start: number): { line: number; column: number } {
  const before = text.slice(0, start);
  return { line: before.split('\n').length, column: start - before.lastIndexOf('\n') };
}

/** One diagnostic as a person reads it, the source line underlined. */
export function formatDiagnostic(text: string, found: Diagnostic, file = 'query.kql'): string {
  const source = (text.split('\n')[found.line - 1] ?? '').replace(/\r$/, '');
  const gutter = ' '.repeat(String(found.line).length);
  const width = Math.max(1, Math.min(found.length, source.length - found.column + 1));
  const lead = source.slice(0, found.column - 1).replace(/[^\t]/g, ' ');
  const hint = found.hint ? ` ${found.hint}` : '';
  return [
    `${found.severity} ${found.code}: ${found.message}`,
    `${gutter} --> ${file}:${found.line}:${found.column}`,
    `${gutter} |`,
    `${found.line} | ${source}`,
    `${gutter} | ${lead}${'^'.repeat(width)}${hint}`,
  ].join('\n');
}

/** The known names nearest to one that is not known; undefined where none is near. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const close = nearestFew(
    name,
    [...known].filter((each) => each !== name),
    3,
  );
  return close.length ? `did you mean ${close.map((each) => `'${each}'`).join(' or ')}?` : undefined;
}
