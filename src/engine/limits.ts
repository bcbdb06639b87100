import { UsageError } from '../error.ts';

/** What the engine may use. Absent values are DuckDB's own defaults: 80 % of memory, all cores. */
export interface EngineLimits {
  /** As DuckDB writes sizes: `4GB`, `512MiB`. */
  readonly memory?: string | undefined;
  readonly threads?: number | undefined;
  /** Where to spill what does not fit in memory; a folder of its own is made inside and removed at close. */
  readonly temp?: string | undefined;
}

/** A size as DuckDB takes it: a number and a unit of bytes. */
const SIZE = /^\s*(\d+(?:\.\d+)?)\s*(B|bytes?|[KMGT]i?B?)\s*$/i;

/** The engine starts every thread it is given, at once: 100,000 of them were all the processes of a machine. */
const MOST_THREADS = 1_024;

/**
 * The limits as settings of the engine. They are judged here: the engine says nothing but `Failed to set config`,
 * and takes a negative memory limit for none.
 *
 * @throws UsageError naming the limit
 */
export function limitSettings({ memory, threads }: EngineLimits): Record<string, string> {
  if (memory !== undefined && !(Number(SIZE.exec(String(memory))?.[1] ?? 0) > 0)) {
    throw new UsageError(`memory limit '${memory}' is not a size`, {
      hint: 'write it as a number and a unit, such as 4GB or 512MB',
    });
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    const got = typeof threads === 'string' ? JSON.stringify(threads) : String(threads);
    throw new UsageError(`threads: expected a whole number from 1 to ${MOST_THREADS}, got ${got}`, {
      hint: 'without a number the engine uses every core',
    });
  }
  return {
    ...(memory === undefined ? {} : { memory_limit: memory.trim() }),
    ...(threads === undefined ? {} : { threads: String(threads) }),
  };
}
