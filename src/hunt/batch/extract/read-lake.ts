import { availableParallelism } from 'node:os';
import { counted } from '../../../counted.ts';
import type { Lake } from '../../../lake/lake.ts';
import type { BatchContext } from '../context.ts';
import type { RunReport } from '../report/run-report.ts';
import { digestOf } from '../work/digest.ts';
import type { FailedFile, SliceRecord } from '../work/manifest.ts';
import { extractTable } from './extract.ts';
import { extractionsOf } from './extraction.ts';
import { type InputFile, lookIn } from './input-file.ts';
import { tellMissing } from './missing-table.ts';
import { planExtraction, type TablePlan } from './plan.ts';

/** What came of reading the lake. The slices themselves are in the ledger. */
export interface Reading extends Pick<RunReport, 'bytesRead' | 'rows'> {
  readonly files: Omit<RunReport['files'], 'failed'>;
  readonly failed: readonly FailedFile[];
}

/** Brings the slices up to date with the lake: those of files that are as they were stay, others are made. */
export async function readLake(context: BatchContext, lake: Lake): Promise<Reading> {
  const { job, work, ledger, clock } = context;
  const extractions = extractionsOf(
    context.hunts.map(({ hunted }) => hunted),
    { keys: job.dedupe },
  );
  const files = new Map([...extractions.keys()].map((table) => [table, filesOf(lake, table)]));
  for (const [table, each] of files) if (each.length === 0) tellMissing(context, table, lake.tables);
  const paths = [...files.values()].flatMap((each) => each.map(({ path }) => path));
  const look = lookIn(lake, job.contentHash ?? false);
  const inputs = await clock.time('list', () => look(paths));
  const plans = await clock.time('plan', () =>
    planExtraction({
      manifest: ledger.manifest,
      files,
      inputs,
      needs: new Map([...extractions].map(([table, { extract }]) => [table, extract])),
      isIntact: (slice) => work.isIntact(slice, job.verify ?? false),
    }),
  );
  const vanished = vanishedFiles(ledger.manifest.slices, new Set(extractions.keys()), inputs);
  announce(context, plans, vanished);
  ledger.keepOnly(plans.flatMap(({ reuse, slice }) => [...reuse, ...(slice === undefined ? [] : [slice])]));
  for (const { extract } of extractions.values()) await ledger.prepare(digestOf(extract), extract);
  const tally = new Tally(context, plans, inputs);
  // Files that could not even be told to be of a table.
  const failed: FailedFile[] = lake.skipped.map(({ file, problem }) => ({ table: '', path: file, problem }));
  const gone: string[] = [];
  await clock.time('extract', async () => {
    try {
      for (const plan of plans) {
        const outcome = await extractTable({
          lake,
          work,
          extraction: extractions.get(plan.table)!,
          plan,
          inputs,
          look,
          strict: job.strict ?? false,
          atOnce: filesAtOnce(job.limits?.threads),
          signal: context.signal,
          onFile: async (file, slice) => {
            if (slice !== undefined) await ledger.add(slice);
            tally.add(file, slice);
          },
        });
        failed.push(...outcome.failed);
        gone.push(...outcome.gone);
        forgetOtherTogether(context, plan, outcome.together);
      }
      ledger.set({ failed });
    } finally {
      await ledger.write();
    }
  });
  tellFailures(context, failed, gone);
  return {
    files: {
      listed: inputs.size,
      read: tally.read.size,
      reused: inputs.size - tally.read.size - new Set([...failed.map(({ path }) => path), ...gone]).size,
      vanished: vanished.length + gone.length,
    },
    failed,
    bytesRead: tally.bytes,
    rows: { read: tally.rowsRead, uncounted: tally.uncounted, kept: tally.rowsKept },
  };
}

function filesOf(lake: Lake, table: string) {
  return lake.tables.includes(table) ? lake.files(table) : [];
}

/** One more than the engine's threads, so that one file's planning and syncing goes on beside another's reading. */
function filesAtOnce(threads = availableParallelism()): number {
  return Math.min(threads + 1, 16);
}

/** The files that slices of these tables were made of and that are there no more. */
function vanishedFiles(
  slices: readonly SliceRecord[],
  tables: ReadonlySet<string>,
  there: ReadonlyMap<string, unknown>,
): string[] {
  const known = slices
    .filter(({ table }) => tables.has(table))
    .flatMap(({ files }) => files.map(({ path }) => path));
  return [...new Set(known)].filter((path) => !there.has(path));
}

/** Of the files that are extracted together, one slice counts: the last that was made. */
function forgetOtherTogether(
  { ledger }: BatchContext,
  { table }: TablePlan,
  kept: SliceRecord | undefined,
): void {
  const { slices } = ledger.manifest;
  ledger.keepOnly(
    slices.filter((each) => each.table !== table || !each.together || each.name === kept?.name),
  );
}

/** Says what will be read, and why what was read before is to be read again, before it begins. */
function announce({ tell }: BatchContext, plans: readonly TablePlan[], vanished: readonly string[]): void {
  for (const { table, again } of plans) {
    for (const [reason, count] of again) {
      const message = `${counted(count, 'file')} of ${table} must be read again: ${reason}`;
      tell({ level: 'warning', event: 'reading-again', message, details: { table, files: count, reason } });
    }
  }
  const read = plans.reduce((sum, plan) => sum + plan.read.length, 0);
  const reuse = plans.reduce((sum, plan) => sum + plan.reuse.length, 0);
  const message = `${read} files to read, ${reuse} slices reused, ${vanished.length} files gone`;
  tell({ level: 'info', event: 'plan', message, details: { read, reuse, vanished: vanished.length } });
}

function tellFailures({ tell }: BatchContext, failed: readonly FailedFile[], gone: readonly string[]): void {
  for (const { table, path, problem } of failed) {
    const message = `cannot read ${path}: ${problem}; it is tried again next run`;
    tell({ level: 'error', event: 'file-failed', message, details: { table, path, problem } });
  }
  for (const path of gone) {
    tell({
      level: 'warning',
      event: 'file-gone',
      message: `${path} disappeared before it was read`,
      details: { path },
    });
  }
}

/** Counts what is read, and says how far it is. */
class Tally {
  readonly read = new Set<string>();
  bytes = 0;
  rowsRead = 0;
  rowsKept = 0;
  uncounted = 0;
  #done = 0;
  #bytesDone = 0;
  readonly #files: number;
  readonly #bytes: number;
  readonly #began = performance.now();
  readonly #context: BatchContext;

  constructor(context: BatchContext, plans: readonly TablePlan[], inputs: ReadonlyMap<string, InputFile>) {
    this.#context = context;
    const files = plans.flatMap(({ read }) => read.map(({ path }) => inputs.get(path)!));
    this.#files = files.length;
    this.#bytes = files.reduce((sum, { size }) => sum + size, 0);
  }

  add(file: InputFile, slice: SliceRecord | undefined): void {
    this.#done = Math.min(this.#done + 1, this.#files);
    this.#bytesDone = Math.min(this.#bytesDone + file.size, this.#bytes);
    if (slice !== undefined) {
      for (const { path } of slice.files) this.read.add(path);
      this.bytes += slice.files.reduce((sum, { size }) => sum + size, 0);
      this.rowsRead += slice.rowsRead ?? 0;
      this.uncounted += slice.rowsRead === null ? slice.files.length : 0;
      this.rowsKept += slice.rowsKept;
    }
    this.#context.onProgress?.({
      files: this.#files,
      filesDone: this.#done,
      bytes: this.#bytes,
      bytesDone: this.#bytesDone,
      rowsKept: this.rowsKept,
      seconds: (performance.now() - this.#began) / 1000,
    });
  }
}
