import { all, type Bindings, type RunOptions } from '../engine/run.ts';
import type { Spool } from '../engine/spool.ts';
import { UsageError } from '../error.ts';
import type { Lake } from '../lake/lake.ts';
import type { TimeBounds } from '../lake/view.ts';
import { type Detection, detectionVariant, macroText } from './detection.ts';
import {
  bindParameters,
  type ParameterSettings,
  type ParameterValues,
  resolveParameters,
} from './parameters.ts';
import { checkBounds } from './time.ts';

/** What a detection's statement can answer besides its findings; each is a file `<name>.<variant>.sql` beside it. */
export type Variant = 'findings' | 'activity' | 'evidence' | 'stages';

/** A hunt that is ready to run on a lake: its values are resolved, its statement is chosen. */
export interface PreparedHunt {
  readonly detection: Detection;
  readonly values: ParameterValues;
  readonly sql: string;
  readonly bindings: Bindings;
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
): Promise<PreparedHunt> {
  const values = valuesFrom(detection, settings);
  for (const table of Object.keys(detection.tables)) lake.files(table);
  const recorded = await recordedColumns(lake, detection);
  const sql = variant === 'findings' ? detection.sql : detectionVariant(detection, variant);
  const bindings = usedIn(sql, bindParameters(detection.parameters, values, recorded.bindings));
  return { detection, values, sql, bindings, bounds: timeBounds(values), notes: recorded.notes };
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
  const bindings: Record<string, boolean> = {};
  const lacking: string[] = [];
  for (const [name, path] of Object.entries(detection.recorded)) {
    const [table, column] = path.split('.') as [string, string];
    bindings[name] = await lake.recorded(table, column);
    if (!bindings[name]) lacking.push(path);
  }
  const notes =
    lacking.length === 0
      ? []
      : [`this lake has no ${lacking.join(' and no ')}: what is computed from them is null`];
  return { bindings, notes };
}

/** The engine refuses a value for a parameter that the statement does not have. */
export function usedIn(sql: string, { values, types }: Bindings): Bindings {
  const used = new Set(Array.from(sql.matchAll(/\$(\w+)/g), ([, name]) => name));
  const only = <T>(all: Record<string, T>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
  return { values: only(values), types: only(types) };
}

/** Runs a prepared hunt to its end. */
export async function runHunt(lake: Lake, hunt: PreparedHunt, options: RunOptions = {}): Promise<Spool> {
  const tables = Object.keys(hunt.detection.tables);
  const keep = { sql: hunt.sql, bindings: hunt.bindings };
  return lake.spool(
    tables,
    hunt.bounds,
    async (connection) => {
      for (const macro of hunt.detection.macros) await all(connection, macroText(macro));
      return keep;
    },
    options,
  );
}

/** Throws a UsageError where bounds or spans of time make no sense. */
export function checkTimes(values: ParameterValues): void {
  const { since, until, window, lookback } = values as Record<string, bigint | null | undefined>;
  checkBounds({ since, until });
  for (const [name, value] of Object.entries({ window, lookback })) {
    if (value != null && value <= 0n) {
      throw new UsageError(`parameter ${name}: expected a timespan greater than zero`, {
        hint: `for example ${name}=15m`,
      });
    }
  }
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
