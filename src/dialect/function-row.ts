/** The shape of the function tables of a dialect: one row per function, with everything one has to know of it. */
import type { Aggregation, Call, Scalar, Window } from '../plan/scalar.ts';
import type { KqlType } from '../schema/kql-types.ts';

/** What an argument must be: a KQL type (values are converted to it), `number`, or `any` (taken as it is). */
export interface Parameter {
  readonly type: KqlType | 'number' | 'any';
  readonly optional: boolean;
  readonly repeated: boolean;
}

/**
 * `strict`: null exactly when an argument is null. `maybe`: null also for some arguments that are not.
 * `never`: never null. Strings never are.
 */
export type Nulls = 'strict' | 'maybe' | 'never';

export interface FunctionRow {
  readonly takes: readonly Parameter[];
  /** `argument`: the type of the first; `number`: the widest of the arguments' types. */
  readonly gives: KqlType | 'argument' | 'number';
  readonly nulls: Nulls;
  /** SQL for the arguments' SQL. */
  readonly sql: (args: readonly string[], call: Call) => string;
  /** The page that defines the meaning, under https://learn.microsoft.com/kusto/query/ */
  readonly docs: string;
}

const TYPES = 'bool|datetime|decimal|dynamic|guid|int|long|real|string|timespan|number|any';
const PARAMETER = new RegExp(`^(${TYPES})(\\?)?(\\.\\.\\.)?$`);

function parameter(text: string): Parameter {
  const match = PARAMETER.exec(text);
  if (!match) throw new TypeError(`not a parameter: ${text}`);
  return {
    type: match[1] as Parameter['type'],
    optional: match[2] !== undefined,
    repeated: match[3] !== undefined,
  };
}

/**
 * A row. `takes` is written `'string long? any...'`; `gives` is written `'long'` (strict), `'long?'` (maybe null)
 * or `'long!'` (never null).
 */
export function row(takes: string, gives: string, docs: string, sql: FunctionRow['sql']): FunctionRow {
  const mark = /[?!]$/.exec(gives)?.[0];
  return Object.freeze({
    takes: takes === '' ? [] : takes.split(' ').map(parameter),
    gives: gives.replace(/[?!]$/, '') as FunctionRow['gives'],
    nulls: mark === '?' ? 'maybe' : mark === '!' ? 'never' : 'strict',
    sql,
    docs,
  });
}

/** How an aggregate or window writes its engine function, with its own FILTER, ORDER BY and OVER put in. */
export type Write = (
  name: string,
  args: string,
  options?: { where?: string; distinct?: boolean; frame?: string },
) => string;

export interface AggregateRow {
  readonly takes: readonly Parameter[];
  readonly gives: FunctionRow['gives'];
  readonly nulls: Nulls;
  readonly sql: (args: readonly string[], write: Write, call: Aggregation | Window) => string;
  readonly docs: string;
  /** The result depends on the order of the rows. */
  readonly ordered?: boolean;
}

export function aggregateRow(
  takes: string,
  gives: string,
  docs: string,
  sql: AggregateRow['sql'],
  options: { ordered?: boolean } = {},
): AggregateRow {
  return Object.freeze({ ...row(takes, gives, docs, () => ''), sql, ...options });
}

export type FunctionTable = Readonly<Record<string, FunctionRow>>;
export type AggregateTable = Readonly<Record<string, AggregateRow>>;

/** The text of a literal string argument; undefined for any other expression. */
export function literalText(scalar: Scalar | undefined): string | undefined {
  return scalar?.kind === 'literal' && scalar.type === 'string' ? String(scalar.value ?? '') : undefined;
}

/** The texts of a literal array of strings; undefined for any other expression. */
export function literalTexts(scalar: Scalar | undefined): string[] | undefined {
  if (scalar?.kind !== 'literal' || scalar.type !== 'dynamic' || scalar.value === null) return undefined;
  const parsed: unknown = JSON.parse(String(scalar.value));
  return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string') ? parsed : undefined;
}
