import { link, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScaleOptions } from '../src/sample/scale/scale.ts';
import { list } from './contenders/defaults.ts';
import { parquetBelow } from './contenders/floor.ts';
import { makeScaleLake, Session } from './project.ts';
import { sizeText } from './sizes.ts';

/** A lake to measure on. */
export interface LakeMade {
  readonly folder: string;
  /** `office, 40M + 40M rows`. */
  readonly title: string;
  /** Rows of both tables together. */
  readonly rows: number;
}

const TABLES = ['DeviceImageLoadEvents', 'DeviceNetworkEvents'] as const;

/**
 * A lake of the scale maker's, below `lakes` under a name that says how it was made; it is left there and found
 * again the next time.
 */
export async function benchLake(
  lakes: string,
  options: ScaleOptions & { readonly rows: number },
  say: (line: string) => void,
): Promise<LakeMade> {
  const knobs = Object.entries(options).map(([name, value]) => `${name}-${value}`);
  const folder = join(lakes, knobs.join('_'));
  const title = `${options.profile}, ${sizeText(options.rows)} + ${sizeText(options.rows)} rows`;
  if (!(await isMade(folder))) {
    await mkdir(lakes, { recursive: true });
    const start = performance.now();
    const { tables } = await makeScaleLake(folder, options);
    const rows = tables.DeviceImageLoadEvents.rows + tables.DeviceNetworkEvents.rows;
    const bytes = tables.DeviceImageLoadEvents.bytes + tables.DeviceNetworkEvents.bytes;
    const seconds = (performance.now() - start) / 1000;
    say(
      `made ${title}: ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s, ${Math.round(rows / seconds).toLocaleString('en-US')} rows a second`,
    );
  }
  return { folder, title, rows: await rowsOf(folder) };
}

/** A lake with the first days of another, as links to its files. */
export async function firstDays(lake: LakeMade, days: number): Promise<LakeMade> {
  const folder = `${lake.folder}_first-${days}`;
  await rm(folder, { recursive: true, force: true });
  for (const table of TABLES) {
    const partitions = (await readdir(join(lake.folder, table))).sort().slice(0, days);
    for (const partition of partitions) {
      const parts = [table, partition, 'part-0.parquet'];
      await mkdir(join(folder, table, partition), { recursive: true });
      await link(join(lake.folder, ...parts), join(folder, ...parts));
    }
  }
  return { folder, title: `${days} days of ${lake.title}`, rows: await rowsOf(folder) };
}

async function isMade(folder: string): Promise<boolean> {
  return (await readFile(join(folder, 'labels.json'), 'utf8').catch(() => '')) !== '';
}

/** Rows of both tables together, as the footers of the files say. */
async function rowsOf(folder: string): Promise<number> {
  const session = await Session.open({ threads: 1 });
  try {
    const connection = await session.connect();
    const files = list(await parquetBelow(folder));
    const reader = await connection.runAndReadAll(
      `SELECT sum(num_rows) FROM parquet_file_metadata(${files})`,
    );
    return Number(reader.getRows()[0]![0]);
  } finally {
    await session.close();
  }
}
