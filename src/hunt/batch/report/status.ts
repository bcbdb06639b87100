import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../../../error.ts';
import { type Holder, lockHolder } from '../state/lock.ts';
import { type FailedFile, type Manifest, readManifest } from '../state/manifest.ts';
import type { RunReport } from './run-report.ts';

/** What is in a work directory. */
export interface BatchStatus {
  readonly work: string;
  /** The run that is going on. */
  readonly running: Holder | null;
  readonly tables: readonly TableStatus[];
  /** Files that could not be read in the last run, which the next one tries again. */
  readonly failed: readonly FailedFile[];
  /** The report of the last run that finished. */
  readonly last: RunReport | null;
}

/** What the slices of a table hold. */
export interface TableStatus {
  readonly table: string;
  readonly files: number;
  readonly slices: number;
  readonly bytes: number;
  readonly rows: number;
  /** The earliest and latest event in its slices, in microseconds since the epoch. */
  readonly first: string | null;
  readonly last: string | null;
}

/** Looks at a work directory and changes nothing. Throws where it is none. */
export async function batchStatus(folder: string): Promise<BatchStatus> {
  const work = resolve(folder);
  const path = join(work, 'manifest.json');
  const [holder, there] = await Promise.all([
    lockHolder(work).catch(() => undefined),
    stat(path).catch(() => undefined),
  ]);
  if (there === undefined && holder === undefined) throw await noManifest(work);
  const manifest = await readManifest(path);
  return {
    work,
    running: holder ?? null,
    tables: tableStatuses(manifest),
    failed: manifest.failed,
    last: await lastReport(work, manifest),
  };
}

async function noManifest(work: string): Promise<UsageError> {
  const begun = await stat(join(work, 'slices')).catch(() => undefined);
  if (begun !== undefined) {
    return new UsageError(`${work} has no manifest.json: its first run was cut off before it wrote one`, {
      hint: 'run the batch again',
    });
  }
  return new UsageError(`${work} is no work directory: it has no manifest.json`, {
    hint: 'name the folder that was given to a batch with --work',
  });
}

function tableStatuses({ slices }: Manifest): TableStatus[] {
  const tables = [...new Set(slices.map(({ table }) => table))].sort();
  return tables.map((table) => {
    const own = slices.filter((slice) => slice.table === table);
    const instants = own
      .flatMap(({ first, last }) => [first, last])
      .filter((each) => each !== null)
      .sort((a, b) => Number(BigInt(a) - BigInt(b)));
    return {
      table,
      files: own.reduce((sum, { files }) => sum + files.length, 0),
      slices: own.length,
      bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
      rows: own.reduce((sum, { rowsKept }) => sum + rowsKept, 0),
      first: instants[0] ?? null,
      last: instants.at(-1) ?? null,
    };
  });
}

/** The report lies beside the findings: that of the run which the manifest says was the last. */
async function lastReport(work: string, { last }: Manifest): Promise<RunReport | null> {
  if (last === undefined) return null;
  for (const path of [join(last.output, 'runs', last.run, 'report.json'), join(work, 'report.json')]) {
    const text = await readFile(path, 'utf8').catch(() => undefined);
    const report = text === undefined ? undefined : (JSON.parse(text) as RunReport);
    if (report?.run === last.run) return report;
  }
  return null;
}
