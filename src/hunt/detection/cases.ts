import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../error.ts';
import { contractOf } from '../../lake/tables/contract.ts';
import { nearest } from '../../nearest.ts';
import { parseYaml } from '../../yaml.ts';
import type { ParameterSettings } from '../parameters.ts';
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

/** The file of a detection's cases, `<name>.cases.yaml` beside it. */
function casesFile(detection: Detection): URL {
  return new URL(`${detection.id}.cases.yaml`, detection.folder);
}

interface CasesFile {
  readonly rows: Record<string, CaseRow>;
  readonly cases: DetectionCase[];
}

/**
 * The cases beside a detection; none where there is no file. Throws a UsageError that names the file and the case
 * where one is not written as a case.
 */
export function readCases(detection: Detection): DetectionCase[] {
  const file = casesFile(detection);
  if (!existsSync(file)) return [];
  const path = fileURLToPath(file);
  const read = parseYaml(path, readFileSync(file, 'utf8')) as Partial<CasesFile> | null;
  if (!Array.isArray(read?.cases)) {
    throw new UsageError(`${path}: there is no list of cases`, { hint: 'write it under cases:' });
  }
  const names = new Set<string>();
  return read.cases.map((each, index) => {
    const where = `${path}: case ${index + 1}${each?.name ? ` (${each.name})` : ''}`;
    const problem = problemOf(each, detection, names);
    if (problem !== undefined) throw new UsageError(`${where}: ${problem}`);
    names.add(each.name);
    return { ...each, events: completed(each.events, read.rows ?? {}) };
  });
}

function problemOf(
  each: DetectionCase,
  detection: Detection,
  names: ReadonlySet<string>,
): string | undefined {
  if (typeof each?.name !== 'string' || each.name === '') return 'it has no name';
  if (names.has(each.name)) return 'another case has its name';
  const said = ['hit', 'miss', 'baseline'].filter((kind) => kind in each);
  if (said.length !== 1) return 'exactly one of hit, miss and baseline says what is expected';
  if (each.hit !== undefined && (!Array.isArray(each.hit) || each.hit.length === 0))
    return 'hit lists the findings, at least one';
  if (each.baseline !== undefined && !Number.isInteger(each.baseline))
    return 'baseline is a number of findings';
  if (typeof each.events !== 'object' || each.events === null) return 'it has no events';
  for (const [table, rows] of Object.entries(each.events)) {
    if (!(table in detection.tables)) return `the detection does not read ${table}`;
    if (!Array.isArray(rows)) return `${table} is no list of rows`;
    const known = contractOf(table)?.columns.map(({ name }) => name) ?? [];
    for (const column of rows.flatMap((row) => Object.keys(row as object))) {
      if (known.includes(column) || column === 'times' || column === 'every') continue;
      const near = nearest(column, known);
      return `${table} has no column ${column}${near === undefined ? '' : `; did you mean ${near}?`}`;
    }
  }
  return undefined;
}

/** Rows over what the file says of their table; `times` and `every` (seconds) repeat one. */
function completed(
  events: DetectionCase['events'],
  rows: Readonly<Record<string, CaseRow>>,
): DetectionCase['events'] {
  return Object.fromEntries(
    Object.entries(events).map(([table, each]) => [
      table,
      each.flatMap(({ times = 1, every = 60, ...row }) => {
        const whole: CaseRow = { ...rows[table], ...row };
        const start = Date.parse(String(whole.Timestamp));
        if (times === 1) return [whole];
        return Array.from({ length: Number(times) }, (_, index) => ({
          ...whole,
          Timestamp: new Date(start + index * Number(every) * 1000).toISOString(),
        }));
      }),
    ]),
  );
}
