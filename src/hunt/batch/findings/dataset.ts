import { copyFile, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asideOf, syncFile, syncFolder } from '../../../engine/durable.ts';
import type { ResultStream } from '../../../engine/result.ts';
import type { Spool } from '../../../engine/spool.ts';
import type { Manifest } from '../state/manifest.ts';

/** The formats that findings are kept in, which are the endings of their files. */
export type DatasetFormat = 'parquet' | 'jsonl';

/** Writes rows to a file, which appears whole or not at all. */
export type WriteRows = (rows: ResultStream, format: DatasetFormat, path: string) => Promise<unknown>;

/** The folder in `current/` of what lies behind the findings. */
const EVIDENCE = 'evidence';

/** The folders that a job's findings are written to, in the one that it names. */
export const DATASET_FOLDERS = ['current', 'runs'];

/** The folder that a job's findings go to: `runs/<run>/` for each run, `current/` as the last one left it. */
export class Dataset {
  readonly path: string;
  readonly #format: DatasetFormat;

  constructor(path: string, format: DatasetFormat) {
    this.path = path;
    this.#format = format;
  }

  /** The name of a detection's file. */
  fileName(name: string): string {
    return `${name}.${this.#format}`;
  }

  folder(run: string): string {
    return join(this.path, 'runs', run);
  }

  current(name: string): string {
    return join(this.path, 'current', this.fileName(name));
  }

  /** The path below `current/` of a detection's evidence, whose columns are others than the findings'. */
  evidenceName(name: string): string {
    return `${EVIDENCE}/${this.fileName(name)}`;
  }

  /** Writes what lies behind one detection's findings, as it is now. */
  async writeEvidence(
    name: string,
    spool: Spool,
    writeRows: WriteRows,
    signal?: AbortSignal,
  ): Promise<string> {
    const path = join(this.path, 'current', this.evidenceName(name));
    await mkdir(dirname(path), { recursive: true });
    await writeRows(spool.stream({ signal }), this.#format, path);
    await syncFolder(join(this.path, 'current'));
    return path;
  }

  /** Writes one detection's findings of a run, and puts them into `current/`. */
  async write(
    run: string,
    name: string,
    spool: Spool,
    writeRows: WriteRows,
    signal?: AbortSignal,
  ): Promise<void> {
    await mkdir(this.folder(run), { recursive: true });
    await mkdir(join(this.path, 'current'), { recursive: true });
    const path = join(this.folder(run), this.fileName(name));
    await writeRows(spool.stream({ signal }), this.#format, path);
    const aside = asideOf(this.current(name));
    await copyFile(path, aside);
    await syncFile(aside);
    await rename(aside, this.current(name));
    for (const folder of ['current', 'runs', '.']) await syncFolder(join(this.path, folder));
  }
}

/** Removes what a run that died had begun to write, and nothing else: the folder may hold others' findings too. */
export async function removeUnfinished({ writing, last }: Manifest): Promise<void> {
  if (writing === undefined || writing.run === last?.run) return;
  await rm(join(writing.output, 'runs', writing.run), { recursive: true, force: true }).catch((error) => {
    // Where a file has taken the folder's place, nothing of the run is left.
    if (error.code !== 'ENOTDIR') throw error;
  });
  for (const folder of ['current', `current/${EVIDENCE}`]) {
    const path = join(writing.output, folder);
    for (const name of await readdir(path).catch(() => [])) {
      if (/^\..+\.partial$/.test(name)) await rm(join(path, name), { force: true });
    }
  }
}

/** Removes from `current/` what the last run put there and this one did not. */
export async function removeStale(
  before: Manifest['last'],
  now: NonNullable<Manifest['last']>,
): Promise<void> {
  for (const name of before?.current ?? []) {
    if (before!.output === now.output && !now.current.includes(name)) {
      await rm(join(now.output, 'current', name), { force: true });
    }
  }
  // A folder with something in it stays.
  await rmdir(join(now.output, 'current', EVIDENCE)).catch(() => undefined);
}
