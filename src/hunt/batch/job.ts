import type { EngineLimits } from '../../engine/session.ts';
import { UsageError } from '../../error.ts';
import type { LakeSource } from '../../lake/sources.ts';
import { nearest } from '../../nearest.ts';
import { type Detection, findDetection } from '../detection.ts';
import { type ParameterSettings, type ParameterValues, resolveParameters } from '../parameters.ts';
import { checkTimes } from '../run.ts';
import type { DatasetFormat } from './dataset.ts';
import type { Hunted } from './extraction.ts';

/** One detection of a job. */
export interface JobDetection {
  readonly detection: string | Detection;
  /** What its findings' file is called; needed where a job runs a detection more than once. */
  readonly name?: string | undefined;
  /** Settings in layers, later ones over earlier ones. */
  readonly settings?: readonly ParameterSettings[] | undefined;
}

/** What a batch is to do. Paths are as the process sees them. */
export interface BatchJob {
  readonly lake: Extract<LakeSource, string> | Readonly<Record<string, string | readonly string[]>>;
  /** The folder that slices are kept in. */
  readonly work: string;
  /** Where findings go (default: `findings/` in the work directory), and in which format (default: Parquet). */
  readonly output?:
    | { readonly folder?: string | undefined; readonly format?: DatasetFormat | undefined }
    | undefined;
  readonly detections: readonly JobDetection[];
  readonly limits?: EngineLimits | undefined;
  /** Drop rows that were delivered twice. */
  readonly dedupe?: boolean | undefined;
  /** Stop at the first file that cannot be read. */
  readonly strict?: boolean | undefined;
  /** Tell changed files by their content, not by size and time. Reads every file, but extracts changed ones only. */
  readonly contentHash?: boolean | undefined;
  /** Check the bytes of every slice, not of those alone whose time has changed. */
  readonly verify?: boolean | undefined;
  /** A file of metrics to write for a collector. */
  readonly metrics?: string | undefined;
  /** Allow lakes on the network. */
  readonly remote?: boolean | undefined;
}

/** A detection of a job with its values. */
export interface NamedHunt {
  readonly name: string;
  readonly hunted: Hunted;
}

/** The job's detections with their values, `now` being the start of the run unless it is set. */
export function huntsOf(job: BatchJob, now: Date): NamedHunt[] {
  if (job.detections.length === 0)
    throw new UsageError('the job has no detections', { hint: 'for example t1573.001' });
  const hunts = job.detections.map((each) => namedHunt(each, now));
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

function namedHunt({ detection: named, name, settings = [] }: JobDetection, now: Date): NamedHunt {
  const detection = typeof named === 'string' ? findDetection(named) : named;
  const start = detection.parameters.some((each) => each.name === 'now') ? [{ now }] : [];
  const values = resolveParameters(detection.parameters, [...start, ...settings]);
  checkTimes(values);
  checkJoin(detection, values);
  const called = name ?? detection.id.replaceAll('/', '.');
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(called)) {
    throw new UsageError(`'${called}' is no name for a detection's findings`, {
      hint: 'use letters, digits, dots, dashes and underscores',
    });
  }
  return { name: called, hunted: { detection, values } };
}

/** What is kept between runs tells neither processes nor clocks apart, so a job that asks for it is refused. */
function checkJoin({ id }: Detection, { identity, tolerance }: ParameterValues): void {
  if (identity !== undefined && identity !== 'pid') {
    throw new UsageError(`a job cannot run ${id} with identity=${String(identity)}`, {
      hint: 'merganser hunt --identity process does, over the whole lake',
    });
  }
  if (tolerance !== undefined && tolerance !== 0n) {
    throw new UsageError(`a job cannot run ${id} with a tolerance`, {
      hint: 'merganser hunt --tolerance does',
    });
  }
}

/** "did you mean …" for a word that is none of those known. */
export function meant(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`;
}
