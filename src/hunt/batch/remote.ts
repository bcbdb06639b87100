import { UsageError } from '../../error.ts';
import type { BatchJob } from './job.ts';

const REMOTE = /^(s3|s3a|gs|gcs|r2|az|azure|abfss?|https?|hf):\/\//i;

/** Whether a path or glob of a lake lies on the network. */
export function isRemote(path: string): boolean {
  return REMOTE.test(path);
}

/** Throws where a job's lake lies on the network. */
export function refuseRemote({ lake, remote }: BatchJob): void {
  const paths = typeof lake === 'string' ? [lake] : Object.values(lake).flat();
  const found = paths.find(isRemote);
  if (found === undefined) return;
  throw new UsageError(`${found} lies on the network`, {
    hint: remote ? 'a batch cannot read it yet: copy its files to a folder' : 'allow it with --remote',
  });
}
