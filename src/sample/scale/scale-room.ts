import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../error.ts';
import type { ScaleScope } from './scale-options.ts';
import { daysMade, rowsOfDay } from './scale-write.ts';

/** Measured, and rounded up: bytes for one row in each of the two tables, and for one file however small. */
const BYTES = {
  wide: { rows: 115, file: 60_000 },
  narrow: { rows: 56, file: 12_000 },
} as const;

/** What zstd leaves of the bytes of rows, measured and rounded up. */
const ZSTD = 0.75;

/** Bytes on disk that a lake will take, on the large side. */
export function bytesNeeded(scope: ScaleScope): number {
  const bytes = scope.wide ? BYTES.wide : BYTES.narrow;
  const made = daysMade(scope);
  let rows = scope.hotProcesses * scope.hotEvents;
  for (let day = 0; day < made; day++) rows += rowsOfDay(scope, day);
  const packed = scope.compression === 'zstd' ? ZSTD : 1;
  return Math.ceil(rows * bytes.rows * packed + 2 * made * bytes.file);
}

/** Refuses a lake that will not fit next to what its disk holds, before anything is written. @throws UsageError */
export async function requireRoom(directory: string, scope: ScaleScope): Promise<void> {
  checkRoom(directory, scope, await freeBytes(resolve(directory)));
}

/** The same, with the free bytes given. @throws UsageError when they are too few */
export function checkRoom(directory: string, scope: ScaleScope, free: number): void {
  const needed = bytesNeeded(scope);
  if (needed <= free) return;
  const rows = scope.rows.toLocaleString('en-US');
  throw new UsageError(
    `${rows} rows a table of profile ${scope.profile} need ${gigabytes(needed)}, and the disk of ${JSON.stringify(directory)} has ${gigabytes(free)} free`,
    { hint: 'name a folder on another disk, or make fewer rows with --rows, or more --copies of each day' },
  );
}

async function freeBytes(path: string): Promise<number> {
  const found = await statfs(path).catch(() => undefined);
  if (found !== undefined) return found.bavail * found.bsize;
  return dirname(path) === path ? 0 : freeBytes(dirname(path));
}

function gigabytes(bytes: number): string {
  return bytes < 1e8 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
