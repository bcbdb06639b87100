import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { UsageError } from '../../error.ts';
import { fileProblem } from '../../file-problem.ts';
import { isRemote } from '../../lake/remote.ts';
import { yaml } from '../../yaml.ts';
import type { ParameterSettings } from '../parameters.ts';
import { readSuppressions } from '../suppressions.ts';
import { type BatchJob, type JobDetection, meant } from './job.ts';
import { JOB, JOB_KEYS, type JobFile } from './job-schema.ts';

/** Reads a job file, YAML or JSON. Throws a UsageError that says where it is wrong, with the nearest key. */
export async function readJobFile(path: string): Promise<BatchJob> {
  let content: unknown;
  try {
    content = yaml().parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`cannot read the job file ${path}: ${fileProblem(cause)}`, { cause });
  }
  const checked = JOB.safeParse(content);
  if (!checked.success) throw jobError(path, checked.error.issues, content);
  return jobOf(checked.data, dirname(resolve(path)));
}

function jobOf(file: JobFile, folder: string): BatchJob {
  const at = (path: string) => (isRemote(path) ? path : resolve(folder, path));
  const { lake, work, output, limits, metrics, suppressions, dedupe, strict, verify, evidence, remote } =
    file;
  return {
    lake:
      typeof lake === 'string'
        ? at(lake)
        : Object.fromEntries(Object.entries(lake).map(([table, globs]) => [table, [globs].flat().map(at)])),
    work: at(work),
    output: { format: output?.format, folder: output?.folder === undefined ? undefined : at(output.folder) },
    detections: file.detections.map((each) => jobDetection(each, file.parameters ?? {})),
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

function jobDetection(each: JobFile['detections'][number], shared: ParameterSettings): JobDetection {
  if (typeof each === 'string') return { detection: each, settings: [shared] };
  return { detection: each.detection, name: each.name, settings: [shared, each.parameters ?? {}] };
}

type Issue = z.core.$ZodIssue;

/** The first thing that is wrong. */
function jobError(path: string, issues: readonly Issue[], content: unknown): UsageError {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return new UsageError(`the job file ${path} holds no job`, {
      hint: 'write it as key: value, beginning with lake:',
    });
  }
  const issue = deepest(issues[0]!, content);
  const place = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  if (issue.code === 'unrecognized_keys') {
    const known = JOB_KEYS[String(issue.path[0] ?? '')] ?? [];
    const key = issue.keys[0]!;
    const where = place === '' ? '' : ` in ${place.slice(1)}`;
    return new UsageError(`the job file ${path}: unknown key '${key}'${where}`, { hint: meant(key, known) });
  }
  return new UsageError(`the job file ${path}: ${place.slice(1) || 'it'}: ${lowerFirst(issue.message)}`);
}

/** Of a value that could be of several kinds, what is wrong with it as the kind that it looks like. */
function deepest(issue: Issue, content: unknown): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const value = issue.path.reduce<unknown>(
    (at, part) => (at as Record<PropertyKey, unknown>)?.[part],
    content,
  );
  const isWrongKind = (each: Issue) => each.code === 'invalid_type' && each.path.length === 0;
  const kinds = issue.errors.filter((errors) => typeof value === 'object' && !errors.some(isWrongKind));
  const inner = kinds[0]?.[0];
  return inner === undefined
    ? issue
    : deepest({ ...inner, path: [...issue.path, ...inner.path] } as Issue, content);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
