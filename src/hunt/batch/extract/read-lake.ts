import { availableParallelism } from 'node:os';
import type { Lake } from '../../../lake/lake.ts';
import type { BatchContext } from '../context.ts';
import type { RunReport } from '../report/run-report.ts';
import { digestOf } from '../state/digest.ts';
import type { FailedFile, SliceRecord } from '../state/manifest.ts';
import { announce, tellFailures } from './announce.ts';
import { extractTable } from './extract.ts';
import { type Extraction, extractionsOf } from './extraction.ts';
import { type InputFile, type LookAt, lookIn } from './input-file.ts';
import { tellMissing } from './missing-table.ts';
import { planExtraction, type TablePlan } from './plan.ts';
import { Tally } from './tally.ts';

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
  const { failed, gone } = await clock.time('extract', () =>
    extractTables(context, { lake, extractions, plans, inputs, look, tally }),
  );
  tellFailures(context, failed, gone);
  return readingOf({ inputs, vanished, failed, gone, tally });
}

interface Extracting {
  readonly lake: Lake;
  readonly extractions: ReadonlyMap<string, Extraction>;
  readonly plans: readonly TablePlan[];
  readonly inputs: ReadonlyMap<string, InputFile>;
  readonly look: LookAt;
  readonly tally: Tally;
}

/** Makes the slices that the plans lack, table by table; whatever happens, those that were made are written down. */
async function extractTables(
  context: BatchContext,
  { lake, extractions, plans, inputs, look, tally }: Extracting,
): Promise<{ failed: FailedFile[]; gone: string[] }> {
  const { job, work, ledger, signal } = context;
  // Files that could not even be told to be of a table.
  const failed: FailedFile[] = lake.skipped.map(({ file, problem }) => ({ table: '', path: file, problem }));
  const gone: string[] = [];
  const onFile = async (file: InputFile, slice: SliceRecord | undefined) => {
    if (slice !== undefined) await ledger.add(slice);
    tally.add(file, slice);
  };
  try {
    for (const plan of plans) {
      const extraction = extractions.get(plan.table)!;
      const atOnce = filesAtOnce(job.limits?.threads);
      const strict = job.strict ?? false;
      const request = { lake, work, extraction, plan, inputs, look, strict, atOnce, signal, onFile };
      const outcome = await extractTable(request);
      failed.push(...outcome.failed);
      gone.push(...outcome.gone);
      forgetOtherTogether(context, plan, outcome.together);
    }
    ledger.set({ failed });
  } finally {
    await ledger.write();
  }
  return { failed, gone };
}

function readingOf({
  inputs,
  vanished,
  failed,
  gone,
  tally,
}: {
  readonly inputs: ReadonlyMap<string, InputFile>;
  readonly vanished: readonly string[];
  readonly failed: readonly FailedFile[];
  readonly gone: readonly string[];
  readonly tally: Tally;
}): Reading {
  const unread = new Set([...failed.map(({ path }) => path), ...gone]);
  return {
    files: {
      listed: inputs.size,
      read: tally.read.size,
      reused: [...inputs.keys()].filter((path) => !tally.read.has(path) && !unread.has(path)).length,
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
