import { engineError } from '../engine/errors.ts';
import type { BatchControl } from '../hunt/batch/context.ts';
import type { BatchJob } from '../hunt/batch/job.ts';
import { runBatch as run } from '../hunt/batch/run.ts';
import type { RunReport } from '../hunt/batch/run-report.ts';
import { type BatchStatus, batchStatus } from '../hunt/batch/status.ts';
import { writeReport } from '../report/write.ts';

export type { TableStatus } from '../hunt/batch/status.ts';
export { type BatchControl, type BatchJob, type BatchStatus, batchStatus, type RunReport };

/**
 * Runs a batch: reads what is new in a lake into slices, correlates all of them, and writes the findings as a
 * dataset. Files that could not be read are in the report and are tried again by the next run.
 * @example await runBatch({ lake: 'lake/', work: 'work/', detections: [{ detection: 't1573.001' }] })
 */
export async function runBatch(job: BatchJob, control: BatchControl = {}): Promise<RunReport> {
  const { signal } = control;
  try {
    return await run(
      job,
      (rows, format, path) => writeReport(rows, format, { path }, { signal, limits: job.limits }),
      control,
    );
  } catch (error) {
    throw engineError(error, job.limits ?? {});
  }
}
