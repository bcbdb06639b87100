import { quoteIdentifier } from '../dialect/duckdb/quote.ts';
import { LakeError } from '../error.ts';
import type { Lake } from '../lake/lake.ts';
import type { TimeBounds } from '../lake/view.ts';
import type { Detection } from './detection/detection.ts';
import type { TableRange } from './time-range.ts';

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

/** What a bounded hunt looks at. */
export const rangesOf = (
  lake: Lake,
  { detection, bounds }: { readonly detection: Detection; readonly bounds: TimeBounds },
): TableRange[] => tablesOf(lake, detection).present.map((table) => ({ table, bounds }));

/** Throws a LakeError where the lake lacks a table that the detection needs, or all of which it can do without each. */
export function checkTables(lake: Lake, detection: Detection): void {
  const tables = Object.keys(detection.tables);
  for (const table of tables) if (!detection.optionalTables.includes(table)) lake.files(table);
  if (tables.some((table) => lake.tableNamed(table) !== undefined)) return;
  throw new LakeError(`the lake has none of the tables that ${detection.id} reads: ${tables.join(', ')}`, {
    hint: 'one of them is enough: a folder of its name in the lake, or --table NAME=FILES, brings it in',
  });
}
