import { stat } from 'node:fs/promises';
import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import { all, type RunOptions } from '../engine/run.ts';
import { type Json, toJson } from '../engine/values.ts';
import type { Column, KqlType } from '../schema/kql-types.ts';
import type { Lake } from './lake.ts';

/** What one table of a lake holds. */
export interface TableReport {
  readonly table: string;
  readonly files: number;
  /** Of the files, as they lie on the disk. */
  readonly bytes: number;
  /** What its files look like: `parquet defender-xdr`, `json sysmon`, … */
  readonly shapes: readonly string[];
  readonly rows: number;
  /** First and last event, ISO-8601; null in a table without time or rows. */
  readonly from: string | null;
  readonly to: string | null;
  /** UTC days between the two that have no rows. */
  readonly daysWithoutRows: readonly string[];
  /** Rows beyond the first with the same DeviceId, ReportId and Timestamp; null where the table has no such key. */
  readonly duplicates: number | null;
  /** ConnectionSuccessAggregatedReport rows, each of which stands for many connections and is never taken for one. */
  readonly aggregatedReports: number;
  /** Documented columns that no file has: they read as null. */
  readonly absentColumns: readonly string[];
}

/** Reads the table's time and key columns, once, and says what is there. */
export async function inspectTable(
  lake: Lake,
  table: string,
  options: RunOptions = {},
): Promise<TableReport> {
  return lake.reading([table], () => inspected(lake, table, options), options);
}

async function inspected(lake: Lake, table: string, options: RunOptions): Promise<TableReport> {
  const [groups, columns] = [await lake.groups(table), await lake.columns(table)];
  const files = lake.files(table);
  const counted = await lake.connected([table], {}, (connection) =>
    all(connection, query(table, columns), undefined, options),
  );
  const row = counted[0]!;
  const filled = groups.filter((group) => group.shape !== 'empty');
  const recorded = new Set(filled.flatMap((group) => group.columns.map(({ name }) => name.toLowerCase())));
  const sizes = await Promise.all(files.map(async ({ path }) => (await stat(path)).size));
  return {
    table,
    files: files.length,
    bytes: sizes.reduce((a, b) => a + b, 0),
    shapes: [...new Set(groups.map((group) => `${group.files[0]?.format ?? 'arrow'} ${group.shape}`))].sort(),
    rows: Number(row.rows),
    from: toJson(row.first ?? null, 'datetime') as string | null,
    to: toJson(row.last ?? null, 'datetime') as string | null,
    daysWithoutRows: ((toJson(row.gaps ?? null, 'dynamic') ?? []) as Json[]).map(String),
    duplicates: row.duplicates === null ? null : Number(row.duplicates),
    aggregatedReports: Number(row.aggregated),
    absentColumns: (lake.contract(table)?.columns ?? [])
      .map(({ name }) => name)
      .filter((name) => !recorded.has(name.toLowerCase())),
  };
}

function query(table: string, columns: readonly Column[]): string {
  const has = (name: string, type: KqlType) =>
    columns.some((column) => column.name === name && column.type === type);
  // A table that no contract names may mean anything by these names.
  const time = ['Timestamp', 'TimeGenerated'].find((name) => has(name, 'datetime')) ?? 'NULL::TIMESTAMP';
  const keyed = has('DeviceId', 'string') && has('ReportId', 'long') && has('Timestamp', 'datetime');
  const duplicates = keyed
    ? `count(*) FILTER (WHERE DeviceId <> '' AND ReportId IS NOT NULL)
    - count(DISTINCT (DeviceId, ReportId, Timestamp)) FILTER (WHERE DeviceId <> '' AND ReportId IS NOT NULL)`
    : 'any_value(NULL::BIGINT)';
  const aggregated = has('ActionType', 'string')
    ? "count(*) FILTER (WHERE ActionType = 'ConnectionSuccessAggregatedReport')"
    : 'count(*) FILTER (WHERE false)';
  return `
WITH days AS (
  SELECT
    ${time}::DATE AS day,
    count(*) AS rows,
    min(${time}) AS first,
    max(${time}) AS last
  FROM ${quoteIdentifier(table)}
  GROUP BY ALL
),
events AS (
  SELECT
    ${duplicates} AS duplicates,
    ${aggregated} AS aggregated
  FROM ${quoteIdentifier(table)}
),
gaps AS (
  SELECT list(missing::DATE::VARCHAR ORDER BY missing) AS gaps
  FROM (
    SELECT unnest(generate_series(min(day), max(day), INTERVAL 1 DAY)) AS missing
    FROM days
    WHERE day BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'
  )
  WHERE missing::DATE NOT IN (SELECT day FROM days WHERE day IS NOT NULL)
)
SELECT
  coalesce(sum(rows), 0) AS rows,
  min(first) AS first,
  max(last) AS last,
  any_value(gaps) AS gaps,
  any_value(duplicates) AS duplicates,
  any_value(aggregated) AS aggregated
FROM days, events, gaps`;
}
