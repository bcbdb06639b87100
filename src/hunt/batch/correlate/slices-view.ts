import { quoteIdentifier, quoteStrings } from '../../../dialect/duckdb/quote.ts';
import { absent } from '../../../lake/convert.ts';
import { literalPath } from '../../../lake/find/paths.ts';
import { contractOf } from '../../../lake/tables/contract.ts';
import { EVENT_KEY, tableView } from '../../../lake/view.ts';
import type { Detection } from '../../detection/detection.ts';
import type { Manifest, SliceRecord } from '../state/manifest.ts';
import type { WorkDirectory } from '../state/work-directory.ts';
import type { OwnRows } from './own-rows.ts';

/**
 * A SELECT of the columns that a detection reads of a table, over slices of it. Slices of one extract have the same
 * columns, and a column that they were made without is one that the findings do not need. `own` leaves out rows that other
 * detections alone need.
 */
export function slicesSelect(
  work: WorkDirectory,
  { extracts }: Manifest,
  slices: readonly SliceRecord[],
  detection: Detection,
  table: string,
  own: OwnRows = new Map(),
): string {
  const alike = new Map<string, SliceRecord[]>();
  for (const slice of slices) alike.set(slice.extract, [...(alike.get(slice.extract) ?? []), slice]);
  if (alike.size === 0) return emptySelect(table);
  const types = new Map(contractOf(table)?.columns.map(({ name, type }) => [name, type]));
  const columns = new Set([...detection.tables[table]!, ...EVENT_KEY]);
  return [...alike]
    .map(([extract, group]) => {
      const has = extracts[extract]!.columns;
      const outputs = [...columns].map((column) => {
        const name = quoteIdentifier(column);
        return has.includes(column) ? name : `${absent(types.get(column) ?? 'string')} AS ${name}`;
      });
      const names = group.map(({ name }) => name);
      const where = own.has(extract) ? `\nWHERE ${own.get(extract)}` : '';
      return `SELECT ${outputs.join(', ')}\nFROM ${readStored(work, names)}${where}`;
    })
    .join('\nUNION ALL\n');
}

/** Files of the work directory as a relation. */
export function readStored(work: WorkDirectory, names: readonly string[]): string {
  const paths = names.map((name) => literalPath(work.at(name)));
  return `read_parquet(${quoteStrings(paths)}, hive_partitioning = false)`;
}

function emptySelect(table: string): string {
  return tableView({ table, contract: contractOf(table), groups: [], bounds: {} }).sql;
}
