import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { MerganserError, UsageError } from '../../../error.ts';
import { fileProblem } from '../../../file-problem.ts';
import { literalPath } from '../../../lake/find/paths.ts';
import { isRemote } from '../../../lake/find/remote.ts';
import { parseYaml } from '../../../yaml.ts';
import { findDetections } from '../../detection/find-detections.ts';
import { settingsFor } from '../../settings.ts';
import { readSuppressions } from '../../suppress/suppressions.ts';
import { type BatchJob, huntsOf } from './job.ts';
import type { JobDetection } from './job-detections.ts';
import { jobError } from './job-error.ts';
import { JOB, type JobFile } from './job-schema.ts';

/** Reads a job file, YAML or JSON. Throws a UsageError that says where it is wrong, with the nearest name. */
export async function readJobFile(path: string): Promise<BatchJob> {
  const content = parseYaml(path, await text(path), 'a job file is key: value, beginning with lake:');
  const checked = JOB.safeParse(content);
  if (!checked.success) throw jobError(path, checked.error.issues, content);
  try {
    const job = jobOf(checked.data, dirname(resolve(path)));
    huntsOf(job, new Date());
    return job;
  } catch (cause) {
    if (!(cause instanceof MerganserError)) throw cause;
    throw new UsageError(`the job file ${path}: ${cause.message}`, { hint: cause.hint, cause });
  }
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read the job file ${path}: ${fileProblem(cause)}`, { cause });
  }
}

function jobOf(file: JobFile, folder: string): BatchJob {
  const at = (path: string) => (isRemote(path) ? path : resolve(folder, path));
  // The folder's own name is no pattern.
  const glob = (path: string) =>
    isRemote(path) || isAbsolute(path) ? path : join(literalPath(folder), path);
  const { lake, work, output, limits, metrics, suppressions, dedupe, strict, verify, evidence, remote } =
    file;
  return {
    lake:
      typeof lake === 'string'
        ? at(lake)
        : Object.fromEntries(Object.entries(lake).map(([table, globs]) => [table, [globs].flat().map(glob)])),
    work: at(work),
    output: { format: output?.format, folder: output?.folder === undefined ? undefined : at(output.folder) },
    detections: jobDetections(file),
    limits: { ...limits, temp: limits?.temp === undefined ? undefined : at(limits.temp) },
    metrics: metrics === undefined ? undefined : at(metrics),
    suppressions: suppressions === undefined ? undefined : readSuppressions(at(suppressions)),
    contentHash: file.content_hash,
    dedupe,
    strict,
    verify,
    evidence,
    remote,
  };
}

/** The detections with their settings: the job's own parameters go to those that have them. */
function jobDetections({ detections, parameters: shared = {} }: JobFile): JobDetection[] {
  const named = detections.map((each) => (typeof each === 'string' ? { detection: each } : each));
  const all = named.flatMap(({ detection }) => findDetections(detection));
  return named.map(({ parameters = {}, ...each }) => {
    const own = settingsFor(findDetections(each.detection), all, [shared]);
    return { ...each, settings: [...own, parameters] };
  });
}
