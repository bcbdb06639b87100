import { UsageError } from '../../error.ts';
import { type Detection, findDetections } from '../detection.ts';
import { settingsFor } from '../settings.ts';
import type { JobDetection } from './job.ts';

/** What a job runs, and what its `technique/*` means besides that does not run in batches. */
export interface JobDetections {
  readonly runs: readonly (JobDetection & { readonly detection: Detection })[];
  readonly leftOut: readonly Detection[];
}

/** The detections that a job names, those of `technique/*` each by itself. */
export function detectionsOf(named: readonly (JobDetection | string)[]): JobDetections {
  const leftOut: Detection[] = [];
  const runs = named.flatMap((one) => {
    const each = typeof one === 'string' ? { detection: one } : one;
    const { detection, name, settings = [] }: JobDetection = each;
    if (detection === undefined) {
      throw new UsageError('a detection of the job has no name', { hint: "for example 't1573.001'" });
    }
    if (typeof detection !== 'string') return [{ ...each, detection }];
    const meant = findDetections(detection);
    if (!detection.endsWith('/*')) return [{ ...each, detection: meant[0]! }];
    if (name !== undefined) {
      throw new UsageError(`${detection} is several detections, which cannot all be called ${name}`, {
        hint: 'leave the name out: each goes by its own id',
      });
    }
    leftOut.push(...meant.filter((one) => !runsInBatches(one)));
    const able = meant.filter(runsInBatches);
    return able.map((one) => ({
      detection: one,
      settings: settingsFor([one], able, settings),
    }));
  });
  return { runs, leftOut };
}

/** Whether a detection's header says what to extract of the lake. */
export function runsInBatches({ extractions, finding }: Detection): boolean {
  return Object.keys(extractions).length > 0 && finding !== undefined;
}
