import { engineError } from '../engine/errors.ts';
import type { RunOptions } from '../engine/run.ts';
import { lakeClosed } from '../engine/session.ts';
import { beaconAnalysis, beaconFunction } from '../hunt/beacons.ts';
import type { Detection } from '../hunt/detection/detection.ts';
import { findDetection } from '../hunt/detection/find-detections.ts';
import { statementError } from '../hunt/detection/statement-error.ts';
import { explainHunt } from '../hunt/explain.ts';
import { rangesOf } from '../hunt/hunt-tables.ts';
import type { KqlRequest } from '../hunt/kql.ts';
import type { ParameterSettings } from '../hunt/parameters.ts';
import { type Columns, prepareHunt } from '../hunt/prepare.ts';
import { runHunt } from '../hunt/run.ts';
import { checkBounds } from '../hunt/time.ts';
import { emptyRanges } from '../hunt/time-range.ts';
import { type Proposals, proposeRules, type TuneOptions } from '../hunt/tune/tune.ts';
import type { TranslateOptions, Translation } from '../kql/translate.ts';
import { type AddressReport, compareAddressClasses } from '../lake/address-comparison.ts';
import type { LakeSource } from '../lake/find/lake-source.ts';
import { inspectTable, type TableReport } from '../lake/inspect.ts';
import { Lake, type LakeOptions } from '../lake/lake.ts';
import { runSql } from '../lake/sql.ts';
import type { SqlParameters } from '../lake/sql-parameters.ts';
import type { Column } from '../schema/kql-types.ts';
import { checkHunted, checkRules, checkTune } from './check-hunt.ts';
import { Hits } from './hits.ts';
import { controlOf, type HuntControl, type HuntOptions, suppressionsOf } from './hunt-options.ts';
import {
  checkHunt,
  KQL_REQUEST,
  LAKE_OPTIONS,
  refuseUnknown,
  SQL_CONTROL,
  TRANSLATE_OPTIONS,
} from './known-options.ts';
import { boundsOf, type SqlControl } from './sql-control.ts';

export type { AddressReport, LakeOptions, LakeSource, TableReport };

/**
 * Opens a lake: a folder with one folder or file per table, or a map from table to globs or Arrow tables.
 * Nothing but these files can be read through it. A folder without telemetry is a lake without tables.
 *
 * @throws UsageError where the folder is not there, or an option is none; LakeError where a glob matches nothing
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
    checkHunted(detection, settings);
    checkHunt({ columns, variant });
    checkRules(control.suppressions);
    return this.#explained(async () => {
      const hunt = await prepareHunt(this.#lake, detection, settings, variant, columns);
      for (const note of hunt.notes) onNote?.(note);
      const { spool, suppressed } = await runHunt(this.#lake, hunt, {
        signal,
        onProgress,
        suppressions: suppressionsOf(control, hunt.values),
      }).catch((error) => {
        throw statementError(error, detection, hunt.file);
      });
      if (suppressed !== undefined) control.onSuppressed?.(suppressed);
      if (onNote !== undefined && spool.rowCount === 0)
        for (const note of await emptyRanges(this.#lake, rangesOf(this.#lake, hunt), { signal }))
          onNote(note);
      return new Hits(spool);
    }, detection);
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
    checkHunted(detection, settings);
    return this.#explained(
      async () =>
        explainHunt(this.#lake, await prepareHunt(this.#lake, detection, settings, 'findings', columns)),
      detection,
    );
  }

  /**
   * How what DeviceNetworkEvents records as RemoteIPType compares with what RemoteIP says. For lakes opened with
   * `classifyAddresses`, whose queries get what RemoteIP says.
   */
  async compareAddressClasses(control: SqlControl = {}): Promise<AddressReport> {
    const { signal, onProgress } = control;
    const bounds = boundsOf(control);
    return this.#explained(async () => compareAddressClasses(this.#lake, bounds, { signal, onProgress }));
  }

  /** Proposes suppressions from a baseline: what a detection finds on many devices for long. */
  async tune(
    detection: Detection,
    settings: readonly ParameterSettings[],
    options: TuneOptions,
  ): Promise<Proposals> {
    checkHunted(detection, settings);
    checkTune(options);
    return this.#explained(async () => proposeRules(this.#lake, detection, settings, options), detection);
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
    const bounds = boundsOf(control);
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

  /**
   * Closes the engine. What still runs is interrupted and rejected, save what is being read of results; whatever else is
   * asked then, of the lake or of its results, is refused, save `tables`. Closing again does nothing.
   */
  async close(): Promise<void> {
    await this.#lake.close();
  }

  /** What `await using` calls: {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #explained<T>(work: () => Promise<T>, detection?: Detection): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.#lake.closed) throw lakeClosed();
      const known = detection === undefined ? error : statementError(error, detection);
      throw engineError(known, this.#options);
    }
  }
}

/** The translator is a hundred and fifty modules, which is a tenth of a second: a hunt that needs none of them does without. */
const kql = () => import('../hunt/kql.ts');
