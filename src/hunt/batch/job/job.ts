import type { EngineLimits } from '../../../engine/limits.ts';
import { MerganserError, UsageError } from '../../../error.ts';
import type { LakeSource } from '../../../lake/find/lake-source.ts';
import { nearest } from '../../../nearest.ts';
import type { Detection } from '../../detection/detection.ts';
import { combinedByProcess } from '../../detection/find-detections.ts';
import { hasVariant, TOLD_APART } from '../../detection/variants.ts';
import { type ParameterValues, resolveParameters } from '../../parameters.ts';
import type { SuppressionRule } from '../../suppress/suppressions.ts';
import { checkTimes } from '../../values.ts';
import { hasEvidence } from '../../without-evidence.ts';
import { checkForBatches } from '../extract/extraction.ts';
import type { DatasetFormat } from '../findings/dataset.ts';
import type { Hunted } from '../hunted.ts';
import { detectionsOf, type FoundDetection, type JobDetection } from './job-detections.ts';

/** What a batch is to do. Paths are as the process sees them. */
export interface BatchJob {
  readonly lake: Extract<LakeSource, string> | Readonly<Record<string, string | readonly string[]>>;
  /** The folder that slices are kept in. */
  readonly work: string;
  /** Where findings go (default: `findings/` in the work directory), and in which format (default: Parquet). */
  readonly output?:
    | { readonly folder?: string | undefined; readonly format?: DatasetFormat | undefined }
    | undefined;
  /** Each by its name alone, or with a name and settings of its own. */
  readonly detections: readonly (JobDetection | string)[];
  readonly limits?: EngineLimits | undefined;
  /** Drop rows that were delivered twice. */
  readonly dedupe?: boolean | undefined;
  /** Stop at the first file that cannot be read. */
  readonly strict?: boolean | undefined;
  /** Tell changed files by their content, not by size and time. Reads every file, but extracts changed ones only. */
  readonly contentHash?: boolean | undefined;
  /** Check the bytes of every slice, not of those alone whose time has changed. */
  readonly verify?: boolean | undefined;
  /** Write also what lies behind the findings, the matched pairs. The slices then keep the columns that only it needs. */
  readonly evidence?: boolean | undefined;
  /** Rules that hide findings; see {@link readSuppressions}. What they hide is counted, and is not in `current/`. */
  readonly suppressions?: readonly SuppressionRule[] | undefined;
  /** A file of metrics to write for a collector. */
  readonly metrics?: string | undefined;
  /** Allow lakes on the network. */
  readonly remote?: boolean | undefined;
}

/** A detection of a job with its values. */
export interface NamedHunt {
  readonly name: string;
  /** Whether the job goes on without it where slices cannot tell what it asks: it was meant by `technique/*`. */
  readonly optional: boolean;
  readonly hunted: Hunted;
}

/** The job's detections with their values, `now` being the start of the run unless it is set. */
export function huntsOf(job: BatchJob, now: Date): NamedHunt[] {
  const runs = detectionsOf(job.detections);
  const hunts = runs.map((each) => {
    try {
      return namedHunt(each, job.evidence ?? false, now);
    } catch (cause) {
      if (runs.length === 1 || !(cause instanceof MerganserError)) throw cause;
      throw new UsageError(`${each.name ?? each.detection.id}: ${cause.message}`, {
        hint: cause.hint,
        cause,
      });
    }
  });
  if (hunts.length === 0)
    throw new UsageError('the job has no detections that run in batches', { hint: 'for example t1573.001' });
  const seen = new Set<string>();
  for (const { name } of hunts) {
    if (seen.has(name.toLowerCase())) {
      throw new UsageError(`two detections of the job are called ${name}`, {
        hint: 'give one of them another name',
      });
    }
    seen.add(name.toLowerCase());
  }
  return hunts;
}

function namedHunt(
  { detection, name, settings = [], optional }: FoundDetection,
  evidence: boolean,
  now: Date,
): NamedHunt {
  checkForBatches(detection);
  const start = detection.parameters.some((each) => each.name === 'now') ? [{ now }] : [];
  const values = resolveParameters(detection.parameters, [...start, ...settings]);
  checkTimes(values);
  checkIdentity(detection, values);
  const called = name ?? detection.id.replaceAll('/', '.');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(called)) {
    throw new UsageError(`'${called}' is no name for a detection's findings`, {
      hint: 'use letters, digits, dots, dashes and underscores',
    });
  }
  return {
    name: called,
    optional,
    hunted: { detection, values, evidence: evidence && hasEvidence(detection) },
  };
}

/** By process, a finding's id is made of what tells processes apart, which takes a statement that says it. */
function checkIdentity(detection: Detection, { identity }: ParameterValues): void {
  if (identity !== 'process' || hasVariant(detection, TOLD_APART) || combinedByProcess(detection)) return;
  throw new UsageError(`a job cannot run ${detection.id} with identity=process`, {
    hint: 'merganser hunt --identity process does, over the whole lake',
  });
}

/** "did you mean …" for a word that is none of those known. */
export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
}
