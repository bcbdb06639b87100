import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../error.ts';
import { parseYaml } from '../../yaml.ts';
import type { ParameterSettings } from '../parameters.ts';
import { parseInstant } from '../time.ts';
import { caseProblem, casesProblem, isKeys } from './case-check.ts';
import type { Detection } from './detection.ts';

/** A row of a table as a case writes it: columns by name, times as ISO-8601 in UTC. */
export type CaseRow = Readonly<Record<string, unknown>>;

/**
 * One thing that a detection must find, must not find, or how much it must find of ordinary telemetry. Exactly one
 * of `hit`, `miss` and `baseline` says which.
 */
export interface DetectionCase {
  readonly name: string;
  /** The findings, in their order, each by some of its columns. */
  readonly hit?: readonly Readonly<Record<string, unknown>>[];
  /** Why it is not found: what it lacks. */
  readonly miss?: string;
  /** How many findings there are. */
  readonly baseline?: number;
  readonly parameters?: ParameterSettings;
  /** The events by table; each row over the file's `rows` of that table's name. */
  readonly events: Readonly<Record<string, readonly CaseRow[]>>;
}

/** The path of a detection's cases, `<name>.cases.yaml` beside it. */
export function casesFile(detection: Detection): string {
  return fileURLToPath(new URL(`${detection.id}.cases.yaml`, detection.folder));
}

interface CasesFile {
  readonly rows?: Record<string, CaseRow> | null;
  readonly cases: DetectionCase[];
}

/**
 * The cases beside a detection; none where there is no file. Throws a UsageError that names the file, the case and the key
 * where one is not written as a case.
 */
export function readCases(detection: Detection): DetectionCase[] {
  const path = casesFile(detection);
  if (!existsSync(path)) return [];
  const read = parseYaml(path, readFileSync(path, 'utf8'));
  const wrong = isKeys(read) ? casesProblem(read, detection) : undefined;
  if (wrong !== undefined) throw new UsageError(`${path}: ${wrong}`);
  const { cases, rows } = (read ?? {}) as CasesFile;
  if (!Array.isArray(cases)) {
    throw new UsageError(`${path}: there is no list of cases`, { hint: 'write it under cases:' });
  }
  const names = new Set<string>();
  return cases.map((each, index) => {
    const where = `${path}: case ${index + 1}${each?.name ? ` (${each.name})` : ''}`;
    const problem =
      nameProblem(each, names) ?? caseProblem(each as object as CaseKeys, detection, rows ?? {});
    if (problem !== undefined) throw new UsageError(`${where}: ${problem}`);
    names.add(each.name);
    return { ...each, events: completed(each.events, rows ?? {}) };
  });
}

type CaseKeys = Readonly<Record<string, unknown>>;

function nameProblem(each: DetectionCase, names: ReadonlySet<string>): string | undefined {
  if (typeof each?.name !== 'string' || each.name === '') return 'it has no name';
  return names.has(each.name) ? 'another case has its name' : undefined;
}

/** Rows over what the file says of their table; `times` and `every` (seconds) repeat one. */
function completed(
  events: DetectionCase['events'],
  rows: Readonly<Record<string, CaseRow>>,
): DetectionCase['events'] {
  return Object.fromEntries(
    Object.entries(events).map(([table, each]) => [
      table,
      each.flatMap((row) => {
        const { times = 1, every = 60, ...whole }: CaseRow = { ...rows[table], ...row };
        if (times === 1) return [whole];
        const start = Number(parseInstant(whole.Timestamp)! / 1000n);
        return Array.from({ length: Number(times) }, (_, index) => ({
          ...whole,
          Timestamp: new Date(start + index * Number(every) * 1000).toISOString(),
        }));
      }),
    ]),
  );
}
