import { engineError } from '../engine/errors.ts';
import type { RunOptions } from '../engine/run.ts';
import { UsageError } from '../error.ts';
import { beaconAnalysis, beaconFunction } from '../hunt/beacons.ts';
import type { Detection } from '../hunt/detection/detection.ts';
import { findDetection } from '../hunt/detection/find-detections.ts';
import { explainHunt } from '../hunt/explain.ts';
import type { KqlRequest } from '../hunt/kql.ts';
import type { ParameterSettings, ParameterValues } from '../hunt/parameters.ts';
import { type Columns, prepareHunt, presentOf, runHunt, type Variant } from '../hunt/run.ts';
import type { SuppressionReport, SuppressionRequest } from '../hunt/suppress/suppress.ts';
import type { SuppressionRule } from '../hunt/suppress/suppressions.ts';
import { checkBounds, parseInstant } from '../hunt/time.ts';
import { emptyRanges } from '../hunt/time-range.ts';
import { type Proposals, proposeRules, type TuneOptions } from '../hunt/tune/tune.ts';
import type { TranslateOptions, Translation } from '../kql/translate.ts';
import { type AddressReport, compareAddressClasses } from '../lake/address-class.ts';
import type { LakeSource } from '../lake/find/sources.ts';
import { inspectTable, type TableReport } from '../lake/inspect.ts';
import { Lake, type LakeOptions } from '../lake/lake.ts';
import { runSql } from '../lake/sql.ts';
import type { SqlParameters } from '../lake/sql-parameters.ts';
import type { Column } from '../schema/kql-types.ts';
import { Hits } from './hits.ts';
import {
  checkColumns,
  KQL_REQUEST,
  LAKE_OPTIONS,
  refuseUnknown,
  SQL_CONTROL,
  TRANSLATE_OPTIONS,
} from './known-options.ts';

export type { AddressReport, LakeOptions, LakeSource, TableReport };

/** How a hunt runs; everything else in the options is a parameter of the detection. */
export interface HuntControl extends RunOptions {
  /** The findings (default), or every matched pair behind them (`evidence`), or what each stage kept (`stages`). */
  readonly variant?: Variant | undefined;
  /** `all` adds columns to the right that say which process it was and count each connection once. */
  readonly columns?: Columns | undefined;
  /** Rules that hide findings; see {@link readSuppressions}. */
  readonly suppressions?: readonly SuppressionRule[] | undefined;
  /** Keep what rules hide, with the column SuppressedBy. */
  readonly showSuppressed?: boolean | undefined;
  /** Told, after the run, what the rules did. */
  readonly onSuppressed?: ((report: SuppressionReport) => void) | undefined;
  /** Told, in one line each, what to know about this lake and this hunt, such as a column that it lacks. */
  readonly onNote?: ((note: string) => void) | undefined;
}

/** A parameter by its name; a list also as `name+` (extend) and `name-` (reduce). */
export type HuntOptions = HuntControl & ParameterSettings;

/** Bounds on the event time of every table that a query reads: `since` included, `until` not. */
export interface SqlControl extends RunOptions {
  /** Only events at or after this; a bare date is UTC midnight. */
  readonly since?: string | Date | undefined;
  /** Only events before this. */
  readonly until?: string | Date | undefined;
}

/**
 * Opens a lake: a folder with one folder or file per table, or a map from table to globs or Arrow tables.
 * Nothing but these files can be read through it. Throws a LakeError where there is nothing to read.
 */
export async function openLake(source: LakeSource, options: LakeOptions = {}): Promise<TelemetryLake> {
  refuseUnknown(options, LAKE_OPTIONS);
  return new TelemetryLake(await Lake.open(source, options), options);
}

/** Telemetry that can be hunted. Close it when done, or declare it with `await using`. */
export class TelemetryLake {
  readonly #lake: Lake;
  readonly #options: LakeOptions;

  /** Use {@link openLake}. */
  constructor(lake: Lake, options: LakeOptions) {
    this.#lake = lake;
    this.#options = options;
  }

  /** The tables that the lake has, in order of their names. */
  get tables(): string[] {
    return this.#lake.tables;
  }

  /** A table's columns: its contract, then what else its files have. */
  async columns(table: string): Promise<readonly Column[]> {
    return this.#explained(() => this.#lake.columns(table));
  }

  /**
   * Runs a shipped detection, `t1573.001` or by its full id.
   * @example const found = await lake.hunt('t1573.001', { since: '2026-01-01', window: '15m' })
   */
  async hunt(detection = 't1573.001', options: HuntOptions = {}): Promise<Hits> {
    const [control, settings] = controlOf(options);
    return this.huntLayers(findDetection(detection), [settings], control);
  }

  /** The same, with settings in layers, later ones over earlier ones: a parameter file, then single options. */
  async huntLayers(
    detection: Detection,
    settings: readonly ParameterSettings[],
    control: HuntControl = {},
  ): Promise<Hits> {
    const { signal, onProgress, variant, columns, onNote } = control;
    checkColumns(columns);
    return this.#explained(async () => {
      const hunt = await prepareHunt(this.#lake, detection, settings, variant, columns);
      for (const note of hunt.notes) onNote?.(note);
      const { spool, suppressed } = await runHunt(this.#lake, hunt, {
        signal,
        onProgress,
        suppressions: suppressionsOf(control, hunt.values),
      });
      if (suppressed !== undefined) control.onSuppressed?.(suppressed);
      if (onNote !== undefined && spool.rowCount === 0)
        for (const note of await emptyRanges(this.#lake, hunt, { signal })) onNote(note);
      return new Hits(spool);
    });
  }

  /**
   * Who talks to whom at regular intervals, on any lake with DeviceNetworkEvents: one row per process and destination,
   * by BeaconScore. The parameters are those of `sql/beacon/beacons.sql`; rules that hide false positives cover it as they
   * cover hunts.
   * @example const found = await lake.beacons({ since: '2026-01-01', min_score: 0.7 })
   */
  async beacons(options: HuntOptions = {}): Promise<Hits> {
    const [control, settings] = controlOf(options);
    return this.huntLayers(beaconAnalysis(), [settings], {
      ...control,
      variant: undefined,
      columns: undefined,
    });
  }

  /** The hunt as a script that runs pasted into any DuckDB shell, and the engine's plan for it. Reads no rows. */
  async explainHunt(
    detection: Detection,
    settings: readonly ParameterSettings[],
    columns?: Columns,
  ): Promise<{ script: string; plan: string }> {
    return this.#explained(async () =>
      explainHunt(this.#lake, await prepareHunt(this.#lake, detection, settings, 'findings', columns)),
    );
  }

  /**
   * How what DeviceNetworkEvents records as RemoteIPType compares with what RemoteIP says. For lakes opened with
   * `classifyAddresses`, whose queries get what RemoteIP says.
   */
  async compareAddressClasses(control: SqlControl = {}): Promise<AddressReport> {
    const { signal, onProgress } = control;
    const bounds = { since: bound('since', control.since), until: bound('until', control.until) };
    return this.#explained(async () => compareAddressClasses(this.#lake, bounds, { signal, onProgress }));
  }

  /** Proposes suppressions from a baseline: what a detection finds on many devices for long. */
  async tune(
    detection: Detection,
    settings: readonly ParameterSettings[],
    options: TuneOptions,
  ): Promise<Proposals> {
    return this.#explained(async () => proposeRules(this.#lake, detection, settings, options));
  }

  /** What is in each table: files, rows, time range, days without rows, rows delivered twice. Reads the key columns. */
  async inspect(control: RunOptions = {}): Promise<TableReport[]> {
    return this.#explained(async () => {
      const reports: TableReport[] = [];
      for (const table of this.#lake.tables) {
        const report = await inspectTable(this.#lake, table, control).catch((error: unknown) => {
          if (this.#lake.hasNothingLeft(table)) return undefined;
          throw error;
        });
        if (report !== undefined) reports.push(report);
      }
      return reports;
    });
  }

  /**
   * Runs one SQL query (DuckDB's dialect) over the lake's tables; `$name` parameters are bound. The beacon analysis
   * can be called in it: `SELECT * FROM beacons(min_score := 0.8)`.
   * @example await lake.sql('SELECT count(*) AS n FROM DeviceNetworkEvents WHERE RemotePort = $port', { port: 4444 })
   */
  async sql(query: string, parameters?: SqlParameters, control: SqlControl = {}): Promise<Hits> {
    refuseUnknown(control, SQL_CONTROL);
    const { signal, onProgress } = control;
    const bounds = { since: bound('since', control.since), until: bound('until', control.until) };
    checkBounds(bounds);
    return this.#explained(
      async () =>
        new Hits(
          await runSql(this.#lake, query, {
            parameters,
            bounds,
            signal,
            onProgress,
            functions: /\bbeacons\s*\(/i.test(query) ? [beaconFunction()] : [],
          }),
        ),
    );
  }

  /**
   * Runs one KQL query with the meaning that Kusto gives it. Throws a KqlError that names code, line and column
   * where the query is wrong, or where something in it has no translation: nothing is approximated.
   * @example await lake.kql('DeviceNetworkEvents | where RemotePort == 4444 | take 10')
   */
  async kql(query: string, request: KqlRequest = {}): Promise<Hits> {
    refuseUnknown(request, KQL_REQUEST);
    return this.#explained(async () => {
      const { runKql } = await kql();
      return new Hits(await runKql(this.#lake, query, request));
    });
  }

  /** The same query as SQL over this lake, nothing run. */
  async translate(
    query: string,
    options: Omit<TranslateOptions, 'tables' | 'environment'> = {},
    ingestionTime?: string,
  ): Promise<Translation> {
    refuseUnknown(options, TRANSLATE_OPTIONS);
    return this.#explained(async () => {
      const { translateOver } = await kql();
      return translateOver(this.#lake, query, options, ingestionTime);
    });
  }

  /** Closes the engine. Closing again does nothing; whatever else is asked then is refused. */
  async close(): Promise<void> {
    await this.#lake.close();
  }

  /** What `await using` calls: {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw engineError(error, this.#options);
    }
  }
}

/** The translator is a hundred and fifty modules, which is a tenth of a second: a hunt that needs none of them does without. */
const kql = () => import('../hunt/kql.ts');

/** What says how to run apart from what is a parameter. */
function controlOf(options: HuntOptions): [HuntControl, ParameterSettings] {
  const { signal, onProgress, variant, columns, onNote, ...others } = options;
  const { suppressions, showSuppressed, onSuppressed, ...settings } = others;
  return [
    { signal, onProgress, variant, columns, onNote, suppressions, showSuppressed, onSuppressed },
    settings,
  ];
}

/** Rules expire by the hunt's own now, so that a run of the past can be repeated. */
function suppressionsOf(
  { suppressions, showSuppressed }: HuntControl,
  values: ParameterValues,
): SuppressionRequest | undefined {
  if (suppressions === undefined) return undefined;
  return { rules: suppressions, now: presentOf(values), show: showSuppressed };
}

function bound(name: string, value: string | Date | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  const micros = parseInstant(value);
  if (micros !== undefined) return micros;
  throw new UsageError(
    `${name}: expected a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z, got '${value}'`,
  );
}
