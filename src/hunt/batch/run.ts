import { join, resolve } from 'node:path';
import { writeDurably } from '../../engine/durable.ts';
import { MerganserError } from '../../error.ts';
import { fileProblem } from '../../file-problem.ts';
import { Lake } from '../../lake/lake.ts';
import { tablesForRules } from '../suppress/suppress.ts';
import { isExpired } from '../suppress/suppressions.ts';
import { presentOf } from '../values.ts';
import { noEvidenceOf, withoutEvidence } from '../without-evidence.ts';
import type { BatchContext, BatchControl } from './context.ts';
import { correlateAll } from './correlate/correlate-all.ts';
import { readLake } from './extract/read-lake.ts';
import { removeUnfinished, type WriteRows } from './findings/dataset.ts';
import { outputOf, writeFindings } from './findings/write-findings.ts';
import { type BatchJob, huntsOf } from './job/job.ts';
import { checkFolders, refuseOwnFiles } from './job/job-folders.ts';
import type { BatchEvent } from './report/events.ts';
import { metricsText } from './report/metrics.ts';
import { type RunReport, reportLine, StageClock } from './report/run-report.ts';
import { nextRun } from './run-id.ts';
import { Ledger } from './state/ledger.ts';
import { takeLock } from './state/lock.ts';
import { type Manifest, readManifest, storedFiles } from './state/manifest.ts';
import { WorkDirectory } from './state/work-directory.ts';

/**
 * Runs a job: reads what is new in the lake into slices, correlates all slices, writes the findings. One run at a
 * time works in a work directory; one that dies, at any instant, is made good by the next.
 *
 * @param writeRows writes findings to a file
 * @throws MerganserError where the work directory is in use, or its manifest newer or damaged
 */
export async function runBatch(
  job: BatchJob,
  writeRows: WriteRows,
  control: BatchControl = {},
): Promise<RunReport> {
  const started = control.now?.() ?? new Date();
  const hunts = huntsOf(job, started);
  const withNone = job.evidence ? withoutEvidence(hunts.map(({ hunted }) => hunted.detection)) : [];
  await checkFolders(job);
  const work = await WorkDirectory.open(job.work);
  const lock = await takeLock(work.path);
  try {
    const manifest = await readManifest(work.manifest);
    await removeUnfinished(manifest);
    await work.emptyTemp();
    await work.tidy(manifest);
    const notes: string[] = [];
    const tell = (event: BatchEvent) => {
      if (event.level !== 'info') notes.push(event.message);
      control.onEvent?.(event);
    };
    const ledger = new Ledger(work, manifest);
    const context = { ...control, job, work, hunts, ledger, clock: new StageClock(), notes, tell };
    tellNotDone(context, withNone);
    return await runIn(context, manifest, started, writeRows);
  } finally {
    await lock.release();
  }
}

async function runIn(
  context: BatchContext,
  before: Manifest,
  started: Date,
  writeRows: WriteRows,
): Promise<RunReport> {
  const { job, work, clock, tell } = context;
  const { run, clockWentBack } = nextRun(started, before.last?.run);
  if (clockWentBack) {
    tell({
      level: 'warning',
      event: 'clock-went-back',
      message: `the clock went back: this run is called ${run}`,
    });
  }
  tell({ level: 'info', event: 'started', message: `run ${run}`, details: { run, work: work.path } });
  const lake = await clock.time('list', () => openLake(context));
  try {
    await refuseOwnFiles(lake, job);
    tablesForRules(lake, job.suppressions ?? []);
    const reading = await readLake(context, lake);
    const { correlated, failed, ...read } = await correlateAll(context, lake, reading);
    const written = await clock.time('write', () =>
      writeFindings({ ...context, writeRows }, lake, before, run, correlated),
    );
    const report: RunReport = {
      run,
      started: started.toISOString(),
      work: work.path,
      output: outputOf(job, work),
      files: { ...read.files, failed },
      bytesRead: read.bytesRead,
      rows: read.rows,
      findings: written.findings,
      seconds: clock.seconds(),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      diskBytes: diskBytes(context.ledger.manifest),
      notes: context.notes,
    };
    await writeReports(context, report);
    tell({ level: 'info', event: 'finished', message: reportLine(report), details: { report } });
    for (const [name, result] of written.fresh)
      await context.onNew?.(name, result.stream({ signal: context.signal }));
    return report;
  } finally {
    await lake.close();
  }
}

/** Says what the job names and does not do: evidence of detections without, expired rules. */
function tellNotDone({ job, hunts, tell }: BatchContext, noEvidence: readonly string[]): void {
  for (const id of noEvidence) {
    const message = noEvidenceOf(id);
    tell({ level: 'warning', event: 'no-evidence', message, details: { detection: id } });
  }
  for (const rule of job.suppressions ?? []) {
    if (!hunts.some(({ hunted }) => isExpired(rule, presentOf(hunted.values)))) continue;
    const message = `${rule.at}: rule ${rule.name} expired on ${rule.expires} and is not applied`;
    tell({
      level: 'warning',
      event: 'rule-expired',
      message,
      details: { rule: rule.name, expires: rule.expires },
    });
  }
}

async function openLake({ job, work, tell }: BatchContext): Promise<Lake> {
  const limits = { ...job.limits, temp: job.limits?.temp ?? work.at('temp') };
  const onWarning = (message: string) => tell({ level: 'warning', event: 'warning', message });
  return Lake.open(
    job.lake,
    { ...limits, onWarning, skipUnreadable: !job.strict, remote: job.remote },
    work.engineFolders,
  );
}

async function writeReports({ job, work }: BatchContext, report: RunReport): Promise<void> {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  await writeDurably(join(report.output, 'runs', report.run, 'report.json'), text);
  await writeDurably(work.at('report.json'), text);
  if (job.metrics === undefined) return;
  await writeDurably(resolve(job.metrics), metricsText(report)).catch((cause) => {
    throw new MerganserError(`cannot write the metrics file ${job.metrics}: ${fileProblem(cause)}`, {
      cause,
    });
  });
}

function diskBytes(manifest: Manifest): number {
  return storedFiles(manifest).reduce((sum, { bytes }) => sum + bytes, 0);
}
