import type { DuckDBConnection } from '@duckdb/node-api';
import { macroText } from '../../../dialect/duckdb/macro-text.ts';
import { quoteIdentifier } from '../../../dialect/duckdb/quote.ts';
import { all, type Bindings } from '../../../engine/run.ts';
import { onceEach } from '../../../lake/view.ts';
import type { Detection } from '../../detection/detection.ts';
import { bindParameters } from '../../parameters.ts';
import { JUDGING, suppress } from '../../suppress/suppress.ts';
import { isExpired } from '../../suppress/suppressions.ts';
import { timeBounds, usedIn } from '../../values.ts';
import { fileKey } from '../extract/input-file.ts';
import { absentTables } from '../findings/coverage.ts';
import type { Hunted } from '../hunted.ts';
import { byProcess, evidenceStatementOf, statementOf, tellingProcesses, withIds } from '../hunted.ts';
import { digestOf } from '../state/digest.ts';
import type { Manifest, NearbyRecord, ResultRecord, SliceRecord } from '../state/manifest.ts';
import { store } from '../state/store.ts';
import type { WorkDirectory } from '../state/work-directory.ts';
import type { CorrelateRequest } from './correlate-request.ts';
import { evidenceInto } from './evidence.ts';
import { lookingUp } from './facts.ts';
import { nearbyRows } from './nearby.ts';
import { checkProcesses } from './processes.ts';
import { readStored, slicesSelect } from './slices-view.ts';

export interface Correlated {
  readonly result: ResultRecord;
  /** Whether the result of the last run was taken, since neither slices nor values have changed. */
  readonly reused: boolean;
  /** The rows that it was found in, for the next run. */
  readonly nearby?: NearbyRecord | undefined;
}

/**
 * The detection's own statement over the slices instead of the lake. Since a slice holds every row that the
 * statement's filters can keep, and the statement filters again, the answer is that of the whole lake.
 */
export async function correlate(request: CorrelateRequest): Promise<Correlated> {
  const { work, manifest, name, hunted } = request;
  const inputs = inputsOf(request);
  const absent = absentTables(manifest, hunted.detection);
  const before = manifest.last?.results[name];
  if (before?.inputs === inputs && (await isIntact(work, before)))
    return { result: { ...before, absent }, reused: true };
  return request.lake.connected([], {}, async (connection) => {
    for (const macro of hunted.detection.macros) await all(connection, macroText(macro));
    const nearby = await nearbyRows(connection, request);
    await makeViews(connection, request, nearby);
    const result = await findInto(connection, `results/${name}-${inputs}`, request);
    return { result: { ...result, inputs, absent }, reused: false, nearby };
  });
}

async function isIntact(work: WorkDirectory, { evidence, ...result }: ResultRecord): Promise<boolean> {
  return (
    (await work.isIntact(result, false)) && (evidence === undefined || (await work.isIntact(evidence, false)))
  );
}

/** All that decides what a result is. */
function inputsOf(request: CorrelateRequest): string {
  const { manifest, hunted, dedupe, name, rules, today, lookedInto } = request;
  const { detection, values } = hunted;
  // The present matters only to a span that ends in it.
  const { now, ...others } = values;
  const decisive = values.lookback == null ? others : { ...others, now };
  return digestOf([
    [
      name,
      detection.id,
      statementOf(hunted),
      detection.finding?.identity,
      detection.macros.map(macroText),
      dedupe,
    ],
    Object.entries(decisive).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.map(String) : String(value),
    ]),
    Object.entries(recordedColumns(manifest, detection)),
    Object.keys(detection.tables).map((table) =>
      inReach(manifest, hunted, table).map((slice) => slice.sha256),
    ),
    ...(rules === undefined
      ? []
      : [JUDGING, rules.map((rule) => [rule.name, rule.match, isExpired(rule, today)])]),
    ...(lookedInto.length === 0 ? [] : [lookedInto.map(fileKey)]),
    ...(hunted.evidence ? [evidenceStatementOf(hunted)] : []),
  ]);
}

/** Which of the optional columns that the detection asks about the lake has. */
export function recordedColumns(manifest: Manifest, detection: Detection): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(detection.recorded).map(([name, path]) => {
      const [table, column] = path.split('.') as [string, string];
      return [
        name,
        manifest.slices.some((slice) => slice.table === table && slice.recorded.includes(column)),
      ];
    }),
  );
}

/** The slices of a table that hold events between the bounds, in the order of their names. */
function inReach(manifest: Manifest, { values }: Hunted, table: string): SliceRecord[] {
  const { since, until } = timeBounds(values);
  return manifest.slices
    .filter((slice) => slice.table === table && slice.rowsKept > 0)
    .filter(({ last }) => since === undefined || last === null || BigInt(last) >= since)
    .filter(({ first }) => until === undefined || first === null || BigInt(first) < until)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The detection's tables: over the rows that lie near each other where it can do with them, else over the slices. */
async function makeViews(
  connection: DuckDBConnection,
  { work, manifest, hunted, dedupe }: CorrelateRequest,
  nearby: NearbyRecord | undefined,
): Promise<void> {
  for (const [table, columns] of Object.entries(hunted.detection.tables)) {
    const near = nearby?.files[table];
    const rows =
      near === undefined
        ? slicesSelect(work, manifest, inReach(manifest, hunted, table), hunted.detection, table)
        : `FROM ${readStored(work, [near.name])}`;
    await all(
      connection,
      `CREATE OR REPLACE TEMP VIEW ${quoteIdentifier(table)} AS\n${dedupe ? onceEach(rows, columns) : rows}`,
    );
  }
}

/**
 * Runs the statement and writes what it finds, each with its id, in its own order; where there are rules, also what
 * they hide, with the name of the rule. Where it is wanted, what lies behind the findings too.
 */
async function findInto(
  connection: DuckDBConnection,
  name: string,
  request: CorrelateRequest,
): Promise<Omit<ResultRecord, 'inputs' | 'absent'>> {
  const { rules, today, manifest, work, hunted } = request;
  const { parameters } = hunted.detection;
  const statement = statementOf(hunted);
  const bound = bindParameters(parameters, hunted.values, recordedColumns(manifest, hunted.detection));
  const bindings = usedIn(statement, bound);
  const telling = tellingProcesses(hunted);
  if (telling !== undefined) await checkProcesses(connection, hunted, telling, manifest, bound, request);
  let hunt: { readonly sql: string; readonly bindings?: Bindings } = { sql: statement, bindings };
  let hidden: ResultRecord['hidden'];
  if (rules !== undefined) {
    const { sql, report } = await lookingUp(connection, request, (makeTables) =>
      suppress(connection, { sql: statement, bindings }, { rules, now: today, show: true, makeTables }),
    );
    hunt = { sql };
    hidden = Object.fromEntries(report.rules.map((each) => [each.rule.name, each.hidden]));
  }
  await all(connection, `CREATE TEMP TABLE found AS\n${hunt.sql}`, hunt.bindings, request);
  const { file, rows } = await store(connection, work, `${name}.parquet`, withIds(hunted), request);
  const behind = { hunted, bindings: bound, judged: rules !== undefined };
  const evidence = hunted.evidence
    ? await evidenceInto(connection, work, `${name}.evidence.parquet`, behind, request)
    : undefined;
  return {
    ...file,
    rows,
    ...(evidence === undefined ? {} : { evidence }),
    ...(byProcess(hunted) ? { identity: 'process' } : {}),
    ...(hidden === undefined ? {} : { hidden }),
  };
}
