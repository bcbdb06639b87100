import type { ResultStream } from '../../engine/result.ts';
import type { BatchJob, NamedHunt } from './job/job.ts';
import type { BatchEvent, BatchProgress } from './report/events.ts';
import type { StageClock } from './report/run-report.ts';
import type { Ledger } from './state/ledger.ts';
import type { WorkDirectory } from './state/work-directory.ts';

export interface BatchControl {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: BatchEvent) => void) | undefined;
  readonly onProgress?: ((progress: BatchProgress) => void) | undefined;
  /** Shown the findings of each detection that are new, once the run is safely done. */
  readonly onNew?: ((name: string, findings: ResultStream) => Promise<void>) | undefined;
  /** The present, for tests. */
  readonly now?: (() => Date) | undefined;
}

/** What all stages of a run share. */
export interface BatchContext extends BatchControl {
  readonly job: BatchJob;
  readonly work: WorkDirectory;
  readonly hunts: readonly NamedHunt[];
  readonly ledger: Ledger;
  readonly clock: StageClock;
  readonly notes: string[];
  readonly tell: (event: BatchEvent) => void;
}
