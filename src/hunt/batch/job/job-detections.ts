import { UsageError } from '../../../error.ts';
import type { Detection } from '../../detection/detection.ts';
import { findDetections } from '../../detection/find-detections.ts';
import type { ParameterSettings } from '../../parameters.ts';
import { settingsFor } from '../../settings.ts';

/** One detection of a job. */
export interface JobDetection {
  /** A technique, a full id, or `technique/*` for all of it that runs in batches. */
  readonly detection: string | Detection;
  /** What its findings' file is called; needed where a job runs a detection more than once. */
  readonly name?: string | undefined;
  /** Settings in layers, later ones over earlier ones. */
  readonly settings?: readonly ParameterSettings[] | undefined;
}

/** A detection of a job, found. */
export interface FoundDetection extends JobDetection {
  readonly detection: Detection;
  /** Whether `technique/*` meant it, among others. */
  readonly optional: boolean;
}

/** The detections that a job names, those of `technique/*` each by itself. */
export function detectionsOf(named: readonly (JobDetection | string)[]): FoundDetection[] {
  return named.flatMap((one): FoundDetection[] => {
    const each = typeof one === 'string' ? { detection: one } : one;
    const { detection, name, settings = [] }: JobDetection = each;
    if (detection === undefined) {
      throw new UsageError('a detection of the job has no name', { hint: "for example 't1573.001'" });
    }
    if (typeof detection !== 'string') return [{ ...each, detection, optional: false }];
    const meant = findDetections(detection);
    if (!detection.endsWith('/*')) return [{ ...each, detection: meant[0]!, optional: false }];
    if (name !== undefined) {
      throw new UsageError(`${detection} is several detections, which cannot all be called ${name}`, {
        hint: 'leave the name out: each goes by its own id',
      });
    }
    return meant.map((one) => ({
      detection: one,
      optional: true,
      settings: settingsFor([one], meant, settings),
    }));
  });
}
