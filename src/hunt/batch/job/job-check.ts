import { UsageError } from '../../../error.ts';
import { type BatchJob, meant } from './job.ts';
import type { JobDetection } from './job-detections.ts';

type KeysOf<T> = Readonly<Record<keyof T, true>>;

const JOB_KEYS: KeysOf<BatchJob> = {
  lake: true,
  work: true,
  output: true,
  detections: true,
  limits: true,
  dedupe: true,
  strict: true,
  contentHash: true,
  verify: true,
  evidence: true,
  suppressions: true,
  metrics: true,
  remote: true,
};
const DETECTION_KEYS: KeysOf<JobDetection> = { detection: true, name: true, settings: true };
const OUTPUT_KEYS: KeysOf<NonNullable<BatchJob['output']>> = { folder: true, format: true };

/** Throws a UsageError where a program that its compiler did not check gives a job that is none, or has a key that is not heeded. */
export function checkJob(job: BatchJob): void {
  if (!isObject(job)) throw new UsageError(`a batch is given a job, not ${String(job)}`, { hint: EXAMPLE });
  checkKeys('job', job, JOB_KEYS);
  const { work, detections, output, suppressions } = job;
  if (typeof work !== 'string' || work === '')
    throw new UsageError('the job does not say in which folder to work', { hint: EXAMPLE });
  if (!Array.isArray(detections))
    throw new UsageError('the detections of a job are a list', { hint: EXAMPLE });
  for (const each of detections as unknown[]) {
    if (typeof each === 'string') continue;
    if (!isObject(each))
      throw new UsageError(`a detection of the job is ${String(each)}`, { hint: "name it, as 't1573.001'" });
    checkKeys('detection of the job', each, DETECTION_KEYS);
    if (each.settings !== undefined && !Array.isArray(each.settings))
      throw new UsageError('the settings of a detection are a list of layers', {
        hint: "for example settings: [{ window: '1h' }]",
      });
  }
  if (output !== undefined) {
    checkKeys("job's output", output, OUTPUT_KEYS);
    const { format } = output;
    if (format !== undefined && format !== 'parquet' && format !== 'jsonl')
      throw new UsageError(`findings are kept as parquet or jsonl, not as ${String(format)}`);
  }
  if (suppressions !== undefined && !Array.isArray(suppressions))
    throw new UsageError('the suppressions of a job are rules', {
      hint: 'readSuppressions(FILE) gives them',
    });
}

const EXAMPLE = "for example { lake: 'lake/', work: 'work/', detections: ['t1573.001'] }";

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function checkKeys(what: string, value: object, known: Readonly<Record<string, true>>): void {
  const strange = Object.keys(value).find((key) => !(key in known));
  if (strange === undefined) return;
  throw new UsageError(`unknown key '${strange}' in the ${what}`, {
    hint: meant(strange, Object.keys(known)),
  });
}
