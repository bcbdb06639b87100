import { UsageError } from '../../../error.ts';
import { nearest } from '../../../nearest.ts';
import * as words from '../../schema-words.ts';
import { foremost, type Issue, lowerFirst, placeOf, shown, valueAt } from '../../schema-words.ts';
import { meant } from './job.ts';
import { descriptionOf, JOB_KEYS } from './job-schema.ts';

/** What is wrong with a job file, the first thing of it: where, what was expected there, and a way out. */
export function jobError(path: string, issues: readonly Issue[], content: unknown): UsageError {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return new UsageError(`the job file ${path} holds no job`, {
      hint: 'write it as key: value, beginning with lake:',
    });
  }
  const issue = deepest(foremost(issues), content);
  const place = placeOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = JOB_KEYS[String(issue.path[0] ?? '')] ?? [];
    const key = issue.keys[0]!;
    const where = place === '' ? '' : ` in ${place}`;
    return new UsageError(`the job file ${path}: unknown key '${key}'${where}`, { hint: meant(key, known) });
  }
  const value = valueAt(content, issue.path);
  if (value === undefined)
    return new UsageError(`the job file ${path} lacks ${place}`, { hint: described(issue.path) });
  return new UsageError(`the job file ${path}: ${place}: expected ${expected(issue)}, got ${shown(value)}`, {
    hint: wayOut(issue, value),
  });
}

/** Of a value that could be of several kinds, what is wrong with it as the kind that it looks like. */
function deepest(issue: Issue, content: unknown): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const value = valueAt(content, issue.path);
  const isWrongKind = (each: Issue) => each.code === 'invalid_type' && each.path.length === 0;
  const kinds = issue.errors.filter((errors) => typeof value === 'object' && !errors.some(isWrongKind));
  const [kind] = kinds;
  if (kind === undefined || kind.length === 0) return issue;
  const inner = foremost(kind);
  return deepest({ ...inner, path: [...issue.path, ...inner.path] } as Issue, content);
}

/** What the schema says of a key. */
function described(path: Issue['path']): string | undefined {
  const description = descriptionOf(path);
  return description === undefined ? undefined : `${placeOf(path)}: ${lowerFirst(description)}`;
}

/** What may stand where one of several kinds may. */
const EITHER: Readonly<Record<string, string>> = {
  lake: 'a folder, or globs by table',
  'lake table': 'a glob, or a list of globs',
  detections: 'a detection such as t1573.001, alone or with its name and parameters',
};

function expected(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.expected === 'number') return 'a whole number';
  if (issue.code !== 'invalid_union') return words.expected(issue);
  const [key, ...deeper] = issue.path;
  return EITHER[key === 'lake' && deeper.length > 0 ? 'lake table' : String(key)] ?? issue.message;
}

function wayOut(issue: Issue, value: unknown): string | undefined {
  if (issue.code === 'invalid_value') {
    const near = nearest(String(value), issue.values.map(String));
    return near === undefined ? undefined : `did you mean ${near}?`;
  }
  const wanted = issue.code === 'invalid_type' ? issue.expected : undefined;
  if (wanted === 'array') return `write it as [${shown(value)}]`;
  if (wanted === 'object' && issue.path.length === 1) {
    const keys = JOB_KEYS[String(issue.path[0])] ?? [];
    return keys.length === 0 ? undefined : `it has the keys ${keys.join(', ')}`;
  }
  return described(issue.path);
}
