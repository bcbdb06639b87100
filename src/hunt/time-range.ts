import { stat } from 'node:fs/promises';
import { all, type RunOptions } from '../engine/run.ts';
import { toJson } from '../engine/values.ts';
import type { Lake } from '../lake/lake.ts';
import type { TimeBounds } from '../lake/view.ts';

/** A table, and the times that a hunt or a query looks at. */
export interface TableRange {
  readonly table: string;
  readonly bounds: TimeBounds;
}

/**
 * Where a bounded hunt found nothing: the tables that have no event at all between their bounds, one line each. `--lookback`
 * on a lake whose last event is older looks like a clean fleet. Reads one row of a table that has some there, and the
 * times of one that has none; a large table whose files do not tell their times without being read is not asked.
 */
export async function emptyRanges(
  lake: Lake,
  ranges: readonly TableRange[],
  options: RunOptions = {},
): Promise<string[]> {
  const notes: string[] = [];
  for (const { table, bounds } of ranges) {
    if (bounds.since === undefined && bounds.until === undefined) continue;
    const columns = await lake.columns(table);
    const time = TIMES.find((name) => columns.some((each) => each.name === name && each.type === 'datetime'));
    if (time === undefined || !(await isQuickToAsk(lake, table, time))) continue;
    const [some] = await rows(lake, table, bounds, 'SELECT 1 AS some', options);
    if (some !== undefined) continue;
    const times = `SELECT min(${time}) AS first, max(${time}) AS last`;
    const [range] = await rows(lake, table, {}, times, options);
    notes.push(
      range?.first == null
        ? `${table} holds no events`
        : `no event of ${table} lies in that time range: its events are from ${shown(range.first)} to ${shown(range.last)}`,
    );
  }
  return notes;
}

const TIMES = ['Timestamp', 'TimeGenerated'];

/** More is not read once more, only to say why nothing was found. */
const MOST_BYTES = 256 * 1024 * 1024;

/** Whether the files' statistics tell where no event lies, or the table is small. */
async function isQuickToAsk(lake: Lake, table: string, time: string): Promise<boolean> {
  const groups = (await lake.groups(table)).filter(({ shape }) => shape !== 'empty');
  const told = groups.every(
    ({ files, columns }) =>
      files.every(({ format }) => format === 'parquet') &&
      columns.some(({ name, type }) => name.toLowerCase() === time.toLowerCase() && /^TIMESTAMP/.test(type)),
  );
  if (told) return true;
  const sizes = await Promise.all(lake.files(table).map(({ path }) => stat(path).catch(() => undefined)));
  return sizes.reduce((sum, each) => sum + (each?.size ?? Infinity), 0) <= MOST_BYTES;
}

/** One row of the table as it was delivered: to drop the copies of events, all would have to be compared. */
async function rows(lake: Lake, table: string, bounds: TimeBounds, select: string, options: RunOptions) {
  const ask = async () => {
    const { sql } = await lake.deliveredView(table, bounds);
    return lake.connected([], {}, (connection) =>
      all(connection, `${select}\nFROM (\n${sql}\n) AS delivered\nLIMIT 1`, undefined, options),
    );
  };
  return lake.reading([table], ask, options);
}

function shown(time: unknown): string {
  return String(toJson((time ?? null) as Parameters<typeof toJson>[0], 'datetime'));
}
