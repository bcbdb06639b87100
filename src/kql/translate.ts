import type { Dialect, Printed } from '../dialect/dialect.ts';
import type { JavaScriptFunction } from '../dialect/javascript-function.ts';
import type { Plan } from '../plan/nodes.ts';
import { rewritten } from '../plan/rewrite/index.ts';
import { scansOf, type TableRead } from '../plan/scans.ts';
import { advancedHuntingTables } from '../schema/advanced-hunting.ts';
import type { Column } from '../schema/kql-types.ts';
import { bound } from './bind.ts';
import { type Diagnostic, diagnostic, type Position, Refusal } from './diagnostics.ts';
import { dialect, translatingTo } from './dialect.ts';
import { type DiscoveredRows, type Discovery, NeedsDiscovery } from './discovery.ts';
import type { Environment } from './environment.ts';
import { meaningOf } from './hints/meaning.ts';
import { javascriptRefusal } from './javascript-calls.ts';
import { type Context, type Relation, Scope } from './lower/query/context.ts';
import { lowerQuery } from './lower/query/query.ts';
import { refuseMissing } from './missing.ts';
import type { SyntaxNode, Tables } from './parser.ts';
import { asSpelled } from './spellings.ts';
import { refuseTooLarge } from './too-large.ts';

/** What a query is translated over, and with which values. */
export interface TranslateOptions {
  /** The tables that the query may name; all documented ones where left out. */
  readonly tables?: Readonly<Record<string, readonly Column[]>>;
  /** What `now()` gives, once for the whole query. */
  readonly now?: Date;
  /** Values of `declare query_parameters`. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Tables for watchlists, enrichments, external files; see `Environment`. */
  readonly environment?: Partial<Environment>;
  /** The rows of a first run's `discover`, by key. */
  readonly discovered?: Readonly<Record<string, DiscoveredRows>>;
  /** `run`: the macros are apart, in `macros`. `print`: they stand before the query, ready to paste. */
  readonly mode?: 'run' | 'print';
}

/** A clause of the query, and what became of it. */
export interface ExplainedStep {
  /** The clause as the query has it. */
  readonly kql: string;
  /** The common table expression that it became. */
  readonly cte: string;
  /** The rules of meaning applied, one sentence each. */
  readonly rules: readonly string[];
}

/** A query as SQL, or why it is none. */
export interface Translation {
  /** Empty where there are errors. */
  readonly sql: string;
  /** Statements to run once before the query. */
  readonly macros: readonly string[];
  /** Functions to register with the engine before the query; none where `mode` is `print`. */
  readonly javascript: readonly JavaScriptFunction[];
  /** The columns of the result; none where there are errors. */
  readonly columns: readonly Column[];
  /** A query to run first, its rows to be given as `discovered`: the columns depend on the data. `sql` is empty then. */
  readonly discover?: { readonly key: string; readonly sql: string };
  /** What is wrong, refused or dropped. */
  readonly diagnostics: readonly Diagnostic[];
  /** The tables that the SQL reads, and which of their columns. */
  readonly scans: readonly TableRead[];
  /** The query clause by clause. */
  readonly explain: readonly ExplainedStep[];
}

const MAX_LENGTH = 2_000_000;

/** What is wrong or refused is in `diagnostics`, and `sql` is then empty. */
export function translate(kql: string, to: Dialect, options: TranslateOptions = {}): Translation {
  return translatingTo(to, () => translation(kql, options));
}

function translation(kql: string, options: TranslateOptions): Translation {
  const found: Diagnostic[] = [];
  const report = (refusal: Refusal, note = false): void => {
    const { code, message, position, hint } = refusal;
    const meant = hint === undefined ? meaningOf(refusal, kql) : undefined;
    const next = diagnostic(kql, { code, message, position, hint, ...meant, note });
    if (
      !found.some(
        (known) => known.code === next.code && known.start === next.start && known.message === next.message,
      )
    )
      found.push(next);
  };
  try {
    const query = lowered(kql, options, report, found);
    if (query && !found.some(({ severity }) => severity === 'error'))
      return printed(kql, query, found, options.mode ?? 'run');
  } catch (error) {
    if (error instanceof NeedsDiscovery && options.mode !== 'print')
      return discovering(error.discovery, found);
    report(asRefusal(error, kql));
  }
  return {
    sql: '',
    macros: [],
    javascript: [],
    columns: [],
    scans: [],
    explain: [],
    diagnostics: Object.freeze(found),
  };
}

const beginning = (kql: string): Position => ({ start: 0, length: Math.min(kql.length, 1) });

/** A query that overflows the stack is too deeply nested for us; anything else unforeseen is our defect. */
function asRefusal(error: unknown, kql: string): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof NeedsDiscovery) {
    return new Refusal(
      'MG012',
      'the columns depend on the data, which a pasted query does not know',
      positionOf(error.discovery, kql),
      'write the output schema, or run the query with merganser',
    );
  }
  if (error instanceof RangeError && /stack/i.test(error.message)) {
    return new Refusal('MG008', 'the query is nested too deeply', beginning(kql));
  }
  throw error;
}

/** The plugin that asks, whose place its key ends in. */
function positionOf({ key }: Discovery, kql: string): Position {
  const start = Number(/\d+$/.exec(key)?.[0] ?? 0);
  return { start, length: /^\w*/.exec(kql.slice(start))![0].length || 1 };
}

function discovering({ key, plan }: Discovery, found: readonly Diagnostic[]): Translation {
  const names = plan.columns.map(({ name }) => name);
  const { sql, macros, javascript } = written(plan, names, names);
  return {
    sql: '',
    macros,
    javascript,
    columns: plan.columns.map(({ name, type }) => ({ name, type })),
    discover: { key, sql },
    diagnostics: Object.freeze([...found]),
    scans: scansOf(plan),
    explain: [],
  };
}

interface Lowered {
  readonly root: SyntaxNode;
  readonly relation: Relation;
}

let defaultTables: Tables | undefined;

function lowered(
  kql: string,
  options: TranslateOptions,
  report: (refusal: Refusal, note?: boolean) => void,
  found: readonly Diagnostic[],
): Lowered | undefined {
  const start = { start: 0, length: 1 };
  if (kql.length > MAX_LENGTH) throw new Refusal('MG008', 'the query is larger than 2 MB', start);
  if (/^\s*(\/\/[^\n]*\n\s*)*\./.test(kql))
    throw new Refusal('MG006', 'control commands are not queries', start);
  if (/^\s*$/.test(kql)) throw new Refusal('KS000', 'the query is empty', start);
  defaultTables ??= advancedHuntingTables();
  const tables = asSpelled(options.tables ?? defaultTables, kql);
  const { root, refusals } = bound(kql, tables);
  for (const refusal of refusals) report(refusal);
  if (found.some(({ severity }) => severity === 'error')) return undefined;
  const context: Context = {
    scope: new Scope(),
    session: {
      text: kql,
      tables,
      now: BigInt((options.now ?? new Date()).getTime()) * 1000n,
      parameters: options.parameters ?? {},
      report,
      calls: [],
      lowered: { steps: 0 },
      set: new Map(),
      discovered: options.discovered ?? {},
      environment: {
        watchlists: {},
        enrichments: {},
        externals: {},
        geo: undefined,
        ingestionTime: undefined,
        ...options.environment,
      },
    },
  };
  return { root, relation: lowerQuery(context, root) };
}

/** The plan rewritten, and its SQL; the result's columns are the plan's `refs`, called by `names`. */
function written(from: Plan, names: readonly string[], refs: readonly string[]): Printed & { plan: Plan } {
  const plan = rewritten(from, refs, dialect().functions);
  refuseMissing(plan);
  refuseTooLarge(plan);
  return { plan, ...dialect().print(plan, names, refs) };
}

function printed(
  kql: string,
  { root, relation }: Lowered,
  found: readonly Diagnostic[],
  mode: 'run' | 'print',
): Translation {
  const names = relation.columns.map(({ name }) => name);
  if (names.includes(''))
    throw new Refusal('MG003', 'a column whose name is empty has no translation', beginning(kql), 'name it');
  const { plan, sql, steps, macros, javascript } = written(
    relation.plan,
    names,
    relation.columns.map(({ ref }) => ref),
  );
  if (mode === 'print' && javascript.length) throw javascriptRefusal(plan, javascript, root);
  return {
    sql: mode === 'print' && macros.length ? `${macros.join('\n')}\n\n${sql}` : sql,
    macros,
    javascript,
    columns: relation.columns.map(({ name, type }) => ({ name, type })),
    diagnostics: Object.freeze([...found]),
    scans: scansOf(plan),
    explain: steps
      .filter(({ plan: step }) => step.origin.start !== undefined)
      .map(({ cte, plan: step }) => ({
        kql: kql.slice(step.origin.start!, step.origin.start! + step.origin.length!),
        cte,
        rules: step.origin.rules ?? [],
      })),
  };
}
