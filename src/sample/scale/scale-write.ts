import { link, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteString } from '../../dialect/duckdb/quote.ts';
import { all, type RunOptions } from '../../engine/run.ts';
import { Session } from '../../engine/session.ts';
import type { TableName } from '../events.ts';
import { DAY, dateText } from '../time.ts';
import type { Written } from '../write.ts';
import { scaleColumns } from './scale-columns.ts';
import { connectionsSelect } from './scale-connections.ts';
import { loadsSelect } from './scale-loads.ts';
import type { ScaleOptions, ScaleScope } from './scale-options.ts';
import { plantedIn } from './scale-planted.ts';
import { processesStatement } from './scale-processes.ts';
import { type ScaleLabel, type Subject, scaleLabel } from './scale-texts.ts';
import { worldStatements } from './scale-world.ts';

export type ScaleWritten = Readonly<Record<TableName, Written>>;

/**
 * Writes both tables, one file a day and table, and says what must be found in them. Several days are made at
 * once, each by one thread, so that the order of rows, and with it every byte, is the same however many there are.
 */
export async function writeScale(
  directory: string,
  scope: ScaleScope,
  { signal, onProgress }: ScaleOptions,
): Promise<{ tables: ScaleWritten; labels: ScaleLabel[] }> {
  const tables = { DeviceImageLoadEvents: nothing(), DeviceNetworkEvents: nothing() };
  const labels: ScaleLabel[][] = [];
  const session = await Session.open({ threads: 1 });
  try {
    const connection = await session.connect();
    await connection.run("SET GLOBAL TimeZone = 'UTC'");
    // Joins stay as they are written, events streaming past what they are joined with: a join built of the events
    // gives those of one key in an order that was seen to differ from run to run.
    await connection.run("SET GLOBAL disabled_optimizers = 'join_order,build_side_probe_side'");
    for (const statement of worldStatements(scope)) await connection.run(statement);
    let done = 0;
    await eachDay(session, scope, async (own, day) => {
      signal?.throwIfAborted();
      labels[day] = await writeDay(own, directory, scope, day, tables, { signal });
      onProgress?.((100 * ++done) / daysMade(scope));
    });
    return { tables, labels: labels.flat() };
  } finally {
    await session.close();
  }
}

/** Works through the days, several at once, each on a connection of its own; after a failure no other day begins. */
async function eachDay(
  session: Session,
  scope: ScaleScope,
  work: (connection: DuckDBConnection, day: number) => Promise<void>,
): Promise<void> {
  const days = daysMade(scope);
  let next = 0;
  const worker = async () => {
    const connection = await session.connect();
    try {
      while (next < days) await work(connection, next++);
    } catch (error) {
      next = days;
      throw error;
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: Math.min(scope.threads, days) }, worker));
  for (const outcome of workers) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Days that have files of their own; the others are links to them. */
export function daysMade(scope: ScaleScope): number {
  return Math.ceil(scope.days / scope.copies);
}

/** Rows of each table on a day, before planted ones. */
export function rowsOfDay({ rows, days, copies }: ScaleScope, day: number): number {
  if (copies > 1) return Math.round(rows / days);
  return Math.floor((rows * (day + 1)) / days) - Math.floor((rows * day) / days);
}

function nothing(): Written {
  return { rows: 0, files: 0, bytes: 0 };
}

async function writeDay(
  connection: DuckDBConnection,
  directory: string,
  scope: ScaleScope,
  day: number,
  written: Record<TableName, Written>,
  run: RunOptions,
): Promise<ScaleLabel[]> {
  const rows = rowsOfDay(scope, day);
  await all(connection, processesStatement(scope, day), undefined, run);
  const selects = {
    DeviceImageLoadEvents: loadsSelect(scope, day, rows),
    DeviceNetworkEvents: connectionsSelect(scope, day, rows),
  };
  for (const table of TABLES) {
    const columns = scaleColumns(scope, table, day).join(',\n  ');
    const file = await dayFile(directory, scope, table, day);
    const copy = `COPY (\nSELECT\n  ${columns}\nFROM (${selects[table]}\n)\n)
TO ${quoteString(file)} (FORMAT parquet, COMPRESSION ${scope.compression})`;
    const [copied] = await all(connection, copy, undefined, run);
    const copies = await linkCopies(directory, scope, table, day, file);
    const { size } = await stat(file);
    written[table].rows += Number(copied!.Count) * copies;
    written[table].files += copies;
    written[table].bytes += size;
  }
  return labelsOf(connection, scope, day);
}

const TABLES = ['DeviceImageLoadEvents', 'DeviceNetworkEvents'] as const;

/** Who the planted processes of the day at hand are, from the rows that describe them. */
async function labelsOf(connection: DuckDBConnection, scope: ScaleScope, day: number): Promise<ScaleLabel[]> {
  const described = await all(
    connection,
    `SELECT process, ${Object.entries(SUBJECT)
      .map(([name, column]) => `${column} AS ${name}`)
      .join(', ')}
FROM processes
WHERE process < 0`,
  );
  return plantedIn(scope)
    .filter((planted) => planted.day === day)
    .map((planted) => {
      const { process: _, ...subject } = described.find((row) => Number(row.process) === planted.process)!;
      return scaleLabel(planted, subject as unknown as Subject, scope.copies);
    });
}

const SUBJECT: Readonly<Record<keyof Subject, string>> = {
  DeviceName: 'DeviceName',
  ProcessName: 'InitiatingProcessFileName',
  ProcessCmd: 'InitiatingProcessCommandLine',
  AccountName: 'InitiatingProcessAccountName',
  ProcessSHA256: 'InitiatingProcessSHA256',
};

async function dayFile(directory: string, scope: ScaleScope, table: TableName, day: number): Promise<string> {
  const folder = join(directory, table, `date=${dateText(scope.start + day * DAY)}`);
  await mkdir(folder, { recursive: true });
  return join(folder, 'part-0.parquet');
}

/** How many days the file stands for. */
async function linkCopies(
  directory: string,
  scope: ScaleScope,
  table: TableName,
  day: number,
  file: string,
): Promise<number> {
  let copies = 1;
  for (let later = day + daysMade(scope); later < scope.days; later += daysMade(scope)) {
    await link(file, await dayFile(directory, scope, table, later));
    copies += 1;
  }
  return copies;
}
