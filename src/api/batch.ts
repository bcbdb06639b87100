import { engineError } from '../engine/errors.ts';
import { MerganserError } from '../error.ts';
import type { BatchControl } from '../hunt/batch/context.ts';
import type { BatchJob } from '../hunt/batch/job/job.ts';
import { checkJob } from '../hunt/batch/job/job-check.ts';
import type { RunReport } from '../hunt/batch/report/run-report.ts';
import { type BatchStatus, batchStatus } from '../hunt/batch/report/status.ts';
import { runBatch as run } from '../hunt/batch/run.ts';
import { checkTarget } from '../report/target.ts';
import { writeReport } from '../report/write.ts';

export type { TableStatus } from '../hunt/batch/report/status.ts';
export { type BatchControl, type BatchJob, type BatchStatus, batchStatus, type RunReport };

/**
 * Runs a batch: reads what is new in a lake into slices, correlates all of them, and writes the findings as a
 * dataset. Files that could not be read are in the report and are tried again by the next run.
 * @example await runBatch({ lake: 'lake/', work: 'work/', detections: [{ detection: 't1573.001' }] })
 */
export async function runBatch(job: BatchJob, control: BatchControl = {}): Promise<RunReport> {
  const { signal } = control;
  checkJob(job);
  try {
    if (job.metrics !== undefined) await checkTarget(job.metrics);
    return await run(
      job,
      (rows, format, path) => writeReport(rows, format, { path }, { signal, limits: job.limits }),
      control,
    );
  } catch (error) {
    throw diskFull(error, job) ?? engineError(error, job.limits ?? {});
  }
}

/** What to say where a disk filled; undefined for any other error. Nothing is lost: the next run goes on from here. */
function diskFull(error: unknown, { work, output }: BatchJob): MerganserError | undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  const full =
    ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code ?? '') ||
    /no space left|quota exceeded|file too large/i.test(message);
  if (!full) return undefined;
  const where = output?.folder === undefined ? work : `${work} or ${output.folder}`;
  return new MerganserError(`the disk is full: ${where} could not be written`, {
    hint: 'free some space and run the batch again: it goes on from what has been read',
    cause: error,
  });
}
