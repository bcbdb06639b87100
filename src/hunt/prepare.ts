import type { Bindings } from '../engine/run.ts';
import { UsageError } from '../error.ts';
import type { Lake } from '../lake/lake.ts';
import type { TimeBounds } from '../lake/view.ts';
import type { Detection } from './detection/detection.ts';
import { checkOwnStatements } from './detection/own-statements.ts';
import { fileOf } from './detection/statement-error.ts';
import { detectionVariant, hasVariant, variantFile } from './detection/variants.ts';
import { checkTables, tablesOf } from './hunt-tables.ts';
import { type Judged, judgedOf } from './judged.ts';
import { bindParameters, type ParameterSettings, type ParameterValues } from './parameters.ts';
import { timeBounds, usedIn, valuesFrom } from './values.ts';

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
  /** The path of the file that the statement is from. */
  readonly file: string;
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
  const { sql, file } = sqlFor(variant);
  const judged =
    variant === 'evidence'
      ? judgedOf(detection, values, sqlFor('findings').sql, sql)
      : judgedOf(detection, values, sql, undefined);
  await checkOwnStatements(lake, detection, [sql, judged.findings, judged.evidence ?? sql], file);
  const notes =
    columns === 'all' && !hasVariant(detection, 'identity')
      ? [...recorded.notes, `${detection.id} has no columns beyond those that it always gives`]
      : recorded.notes;
  return {
    detection,
    values,
    file,
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

/** The detection's statement for what is asked; `activity` is an extra that not every detection has. */
function statementFor(
  detection: Detection,
  variant: Variant,
  identified: boolean,
): { readonly sql: string; readonly file: string } {
  const base = identified && hasVariant(detection, 'identity') ? ['identity'] : [];
  const whole = variant === 'findings' || (variant === 'activity' && !hasVariant(detection, variant));
  if (!whole && !hasVariant(detection, variant)) {
    throw new UsageError(`${detection.id} has no variant '${variant}'`, {
      hint: 'its findings are all that it says',
    });
  }
  const names = [...base, ...(whole ? [] : [variant])];
  if (names.length === 0) return { sql: detection.sql, file: fileOf(detection) };
  const name = names.join('.');
  return { sql: detectionVariant(detection, name), file: variantFile(detection, name) };
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
