import { macroText } from '../dialect/duckdb/macro-text.ts';
import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import { all, type Bindings, type RunOptions } from '../engine/run.ts';
import type { Spool } from '../engine/spool.ts';
import { LakeError, UsageError } from '../error.ts';
import type { Lake } from '../lake/lake.ts';
import type { TimeBounds } from '../lake/view.ts';
import type { Detection } from './detection/detection.ts';
import { checkOwnStatements } from './detection/own-statements.ts';
import { detectionVariant, hasVariant } from './detection/variants.ts';
import { groupOf, type Judged, judgedOf } from './judged.ts';
import {
  bindParameters,
  type ParameterSettings,
  type ParameterValues,
  resolveParameters,
} from './parameters.ts';
import {
  type SuppressionReport,
  type SuppressionRequest,
  suppress,
  tablesForRules,
} from './suppress/suppress.ts';
import { suppressEvidence } from './suppress/suppress-evidence.ts';
import { checkBounds } from './time.ts';
import type { TableRange } from './time-range.ts';

/** What a detection's statement can answer besides its findings; each is a file `<name>.<variant>.sql` beside it. */
export type Variant = 'findings' | 'activity' | 'evidence' | 'stages';

/** The reference's columns, or also those that say which process it was and count each connection once. */
export type Columns = 'reference' | 'all';

interface Statement {
  readonly sql: string;
  readonly bindings: Bindings;
}

/** What rules judge, and what of it the result does not have; of a hunt for evidence, also that. */
interface JudgedHunt extends Pick<Judged, 'besides'> {
  readonly findings: Statement;
  readonly evidence?: Statement | undefined;
}

/** A hunt that is ready to run on a lake: its values are resolved, its statement is chosen. */
export interface PreparedHunt {
  readonly detection: Detection;
  readonly values: ParameterValues;
  readonly sql: string;
  readonly bindings: Bindings;
  /** What rules judge instead of the statement. */
  readonly judged: JudgedHunt;
  readonly bounds: TimeBounds;
  /** What the user should know about this lake and this hunt, one line each. */
  readonly notes: readonly string[];
}

/**
 * Resolves the parameters, later layers of settings over earlier ones, against the lake. Throws where they make no sense,
 * or the lake lacks a table, before any row is read.
 */
export async function prepareHunt(
  lake: Lake,
  detection: Detection,
  settings: readonly ParameterSettings[] = [],
  variant: Variant = 'findings',
  columns: Columns = 'reference',
): Promise<PreparedHunt> {
  const values = valuesFrom(detection, settings);
  checkTables(lake, detection);
  const recorded = await recordedColumns(lake, detection);
  const sqlFor = (which: Variant) =>
    statementFor(detection, which, columns === 'all' || values.identity === 'process');
  const bound = (sql: string, among: ParameterValues = values) => ({
    sql,
    bindings: usedIn(sql, bindParameters(detection.parameters, among, recorded.bindings)),
  });
  const sql = sqlFor(variant);
  const judged =
    variant === 'evidence'
      ? judgedOf(detection, values, sqlFor('findings'), sql)
      : judgedOf(detection, values, sql, undefined);
  await checkOwnStatements(lake, detection, [sql, judged.findings, judged.evidence ?? sql]);
  const notes =
    columns === 'all' && !hasVariant(detection, 'identity')
      ? [...recorded.notes, `${detection.id} has no columns beyond those that it always gives`]
      : recorded.notes;
  return {
    detection,
    values,
    ...bound(sql),
    judged: {
      // What is folded is folded of what rules leave.
      findings: bound(judged.findings, { ...values, fold_keys: false }),
      evidence: judged.evidence === undefined ? undefined : bound(judged.evidence),
      besides: judged.besides,
    },
    bounds: timeBounds(values),
    notes,
  };
}

/** Throws a LakeError where the lake lacks a table that the detection needs, or all of which it can do without each. */
function checkTables(lake: Lake, detection: Detection): void {
  const tables = Object.keys(detection.tables);
  for (const table of tables) if (!detection.optionalTables.includes(table)) lake.files(table);
  if (tables.some((table) => lake.tableNamed(table) !== undefined)) return;
  throw new LakeError(`the lake has none of the tables that ${detection.id} reads: ${tables.join(', ')}`, {
    hint: 'one of them is enough: a folder of its name in the lake, or --table NAME=FILES, brings it in',
  });
}

/** The detection's statement for what is asked; `activity` is an extra that not every detection has. */
function statementFor(detection: Detection, variant: Variant, identified: boolean): string {
  const base = identified && hasVariant(detection, 'identity') ? ['identity'] : [];
  const whole = variant === 'findings' || (variant === 'activity' && !hasVariant(detection, variant));
  if (!whole && !hasVariant(detection, variant)) {
    throw new UsageError(`${detection.id} has no variant '${variant}'`, {
      hint: 'its findings are all that it says',
    });
  }
  const names = [...base, ...(whole ? [] : [variant])];
  return names.length === 0 ? detection.sql : detectionVariant(detection, names.join('.'));
}

/**
 * The values of a detection's parameters, later layers of settings over earlier ones. Throws a UsageError where
 * they make no sense, by themselves or together.
 */
export function valuesFrom(detection: Detection, settings: readonly ParameterSettings[]): ParameterValues {
  const startOfRun = detection.parameters.some(({ name }) => name === 'now') ? [{ now: new Date() }] : [];
  const values = resolveParameters(detection.parameters, [...startOfRun, ...settings]);
  checkTimes(values);
  return values;
}

/** Which of the optional columns that the detection asks about this lake has. */
async function recordedColumns(lake: Lake, detection: Detection) {
  await readFooters(lake, detection);
  const bindings: Record<string, boolean> = {};
  const lacking: string[] = [];
  for (const [name, path] of Object.entries(detection.recorded)) {
    const [table, column] = path.split('.') as [string, string];
    bindings[name] = await lake.recorded(table, column);
    if (!bindings[name]) lacking.push(path);
  }
  const without = detection.optionalTables.filter((table) => lake.tableNamed(table) === undefined);
  const notes =
    lacking.length === 0
      ? []
      : [`this lake has no ${lacking.join(' and no ')}: what is computed from them is null`];
  const absentSaid = without.map((table) => `this lake has no ${table}: ${detection.id} goes without`);
  return { bindings, notes: [...notes, ...absentSaid] };
}

/**
 * Looks into the Parquet files of all tables at once, which takes a core for each; other formats are read then, not only
 * looked into, and one at a time takes less memory. Waits for all, also where one fails: the lake can be closed then.
 */
async function readFooters(lake: Lake, detection: Detection): Promise<void> {
  const parquet = tablesOf(lake, detection).present.filter((table) => {
    const files = lake.files(table);
    return files.length > 0 && files.every(({ format }) => format === 'parquet');
  });
  const looks = await Promise.allSettled(parquet.map((table) => lake.groups(table)));
  const failed = looks.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
}

/** The engine refuses a value for a parameter that the statement does not have. */
export function usedIn(sql: string, { values, types }: Bindings): Bindings {
  const used = new Set(Array.from(sql.matchAll(/\$(\w+)/g), ([, name]) => name));
  const only = <T>(all: Record<string, T>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
  return { values: only(values), types: only(types) };
}

/** Runs a prepared hunt to its end. */
export async function runHunt(
  lake: Lake,
  hunt: PreparedHunt,
  options: RunOptions & { readonly suppressions?: SuppressionRequest | undefined } = {},
): Promise<{ spool: Spool; suppressed?: SuppressionReport | undefined }> {
  const { present, absent } = tablesOf(lake, hunt.detection);
  const { suppressions } = options;
  const more = suppressions === undefined ? [] : tablesForRules(lake, suppressions.rules);
  let suppressed: SuppressionReport | undefined;
  const { findings, evidence, besides } = hunt.judged;
  const spool = await lake.spool(
    [...new Set([...present, ...more])],
    hunt.bounds,
    async (connection) => {
      for (const sql of absent) await all(connection, sql);
      for (const macro of hunt.detection.macros) await all(connection, macroText(macro));
      if (suppressions === undefined) return { sql: hunt.sql, bindings: hunt.bindings };
      const fold = hunt.values.fold_keys === true;
      const { sql, report } = await suppress(connection, { ...findings, besides, fold }, suppressions);
      suppressed = report;
      if (evidence === undefined) return { sql };
      const group = groupOf(hunt.detection, hunt.values, besides);
      return { sql: await suppressEvidence(connection, evidence, { ...suppressions, group, besides }) };
    },
    // Rules look into the tables by themselves, and know no nulls.
    { ...options, nullStrings: suppressions === undefined ? hunt.detection.nullStrings : undefined },
  );
  return { spool, suppressed };
}

/** What a bounded hunt looks at. */
export const rangesOf = (
  lake: Lake,
  { detection, bounds }: Pick<PreparedHunt, 'detection' | 'bounds'>,
): TableRange[] => tablesOf(lake, detection).present.map((table) => ({ table, bounds }));

/** The tables that the detection reads of the lake, and statements that make those that it can do without. */
export function tablesOf(lake: Lake, detection: Detection): { present: string[]; absent: string[] } {
  const isAbsent = (table: string) =>
    detection.optionalTables.includes(table) && lake.tableNamed(table) === undefined;
  const tables = Object.keys(detection.tables);
  return {
    present: tables.filter((table) => !isAbsent(table)),
    absent: tables
      .filter(isAbsent)
      .map(
        (table) => `CREATE OR REPLACE TEMP VIEW ${quoteIdentifier(table)} AS\n${lake.emptyView(table).sql}`,
      ),
  };
}

/** Throws a UsageError where bounds or spans of time make no sense. */
export function checkTimes(values: ParameterValues): void {
  const { since, until, window, lookback, identity_gap } = values as Record<
    string,
    bigint | null | undefined
  >;
  checkBounds({ since, until });
  if (values.tolerance != null && (values.tolerance as bigint) < 0n) {
    throw new UsageError('parameter tolerance: expected a timespan of zero or more', {
      hint: 'for example tolerance=5s',
    });
  }
  for (const [name, value] of Object.entries({ window, lookback, identity_gap })) {
    if (value != null && value <= 0n) {
      throw new UsageError(`parameter ${name}: expected a timespan greater than zero`, {
        hint: `for example ${name}=15m`,
      });
    }
  }
}

/** The present, as a hunt's parameters have it: rules that hide findings expire by it. */
export function presentOf({ now }: ParameterValues): Date {
  return typeof now === 'bigint' ? new Date(Number(now / 1000n)) : new Date();
}

/** The bounds that reach the files: what the statement's own filters let through lies within them. */
export function timeBounds(values: ParameterValues): TimeBounds {
  const { since, until, lookback, now } = values as Record<string, bigint | null | undefined>;
  const from = since ?? undefined;
  const afterLookback = lookback != null && now != null ? now - lookback : undefined;
  return {
    since: from === undefined || (afterLookback !== undefined && afterLookback > from) ? afterLookback : from,
    until: until ?? undefined,
  };
}
