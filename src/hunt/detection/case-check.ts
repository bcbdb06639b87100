import { contractOf } from '../../lake/tables/contract.ts';
import { nearest } from '../../nearest.ts';
import { shown } from '../schema-words.ts';
import { parseInstant } from '../time.ts';
import type { Detection } from './detection.ts';

/** The most rows that one of a case may stand for. */
const MOST_TIMES = 1_000_000;
const LAST_YEAR = Date.UTC(9999, 11, 31);

const CASE_KEYS = ['name', 'hit', 'miss', 'baseline', 'parameters', 'events'];
const FILE_KEYS = ['rows', 'cases'];

type Keys = Readonly<Record<string, unknown>>;

/** What is wrong with a file of cases beside its cases: its keys, and what it says that rows are like. */
export function casesProblem(file: Keys, detection: Detection): string | undefined {
  const strange = unknownOf(file, FILE_KEYS);
  if (strange !== undefined) return strange;
  const { rows } = file;
  if (rows == null) return undefined;
  if (!isKeys(rows)) return `rows: expected tables, each with what a row of it is like, got ${shown(rows)}`;
  for (const [table, row] of Object.entries(rows)) {
    const problem = isKeys(row)
      ? rowProblem(table, row, detection, row)
      : `expected columns with values, got ${shown(row)}`;
    if (problem !== undefined) return `rows.${table}: ${problem}`;
  }
  return undefined;
}

/** What is wrong with a case, and under which key. */
export function caseProblem(each: Keys, detection: Detection, rows: Keys): string | undefined {
  if (!isKeys(each)) return `expected a case with a name, got ${shown(each)}`;
  const strange = unknownOf(each, CASE_KEYS);
  if (strange !== undefined) return strange;
  const { parameters, events } = each;
  if (parameters != null && !isKeys(parameters))
    return `parameters: expected parameters with values, got ${shown(parameters)}`;
  const said = expectationProblem(each);
  if (said !== undefined) return said;
  if (events == null) return 'it has no events';
  if (!isKeys(events)) return `events: expected tables, each with a list of rows, got ${shown(events)}`;
  for (const [table, list] of Object.entries(events)) {
    const problem = eventsProblem(table, list, detection, rows[table]);
    if (problem !== undefined) return `events.${table}${problem}`;
  }
  return undefined;
}

function expectationProblem(each: Keys): string | undefined {
  const { hit, miss, baseline } = each;
  const said = ['hit', 'miss', 'baseline'].filter((kind) => kind in each);
  if (said.length !== 1) return 'exactly one of hit, miss and baseline says what is expected';
  if ('hit' in each && (!Array.isArray(hit) || hit.length === 0 || !hit.every(isKeys)))
    return `hit: expected a list of findings, at least one, each by some of its columns, got ${shown(hit)}`;
  if ('miss' in each && typeof miss !== 'string')
    return `miss: expected why it is not found, got ${shown(miss)}`;
  if ('baseline' in each && (!Number.isInteger(baseline) || Number(baseline) < 0))
    return `baseline: expected a number of findings, got ${shown(baseline)}`;
  return undefined;
}

function eventsProblem(
  table: string,
  list: unknown,
  detection: Detection,
  like: unknown,
): string | undefined {
  if (!Array.isArray(list)) return `: expected a list of rows, got ${shown(list)}`;
  for (const [index, row] of list.entries()) {
    const problem = isKeys(row)
      ? rowProblem(table, row, detection, { ...(like as Keys | undefined), ...row })
      : `expected a row, columns with values, got ${shown(row)}`;
    if (problem !== undefined) return `[${index}]: ${problem}`;
  }
  return undefined;
}

/** What is wrong with a row: `whole` is the row with what the file says that it is like. */
function rowProblem(table: string, row: Keys, detection: Detection, whole: Keys): string | undefined {
  if (!Object.hasOwn(detection.tables, table)) return `the detection does not read ${table}`;
  const known = contractOf(table)?.columns.map(({ name }) => name) ?? [];
  const strange = Object.keys(row).find((key) => !known.includes(key) && key !== 'times' && key !== 'every');
  if (strange !== undefined) {
    const near = nearest(strange, known);
    return `${table} has no column ${strange}${near === undefined ? '' : `; did you mean ${near}?`}`;
  }
  const { Timestamp: time, times = 1, every = 60 } = whole;
  if (time != null && parseInstant(time) === undefined)
    return `Timestamp: expected a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z, got ${shown(time)}`;
  if (!Number.isInteger(times) || Number(times) < 1 || Number(times) > MOST_TIMES)
    return `times: expected a whole number from 1 to ${MOST_TIMES}, got ${shown(times)}`;
  if (typeof every !== 'number' || !Number.isFinite(every) || every < 0)
    return `every: expected a number of seconds such as 60, got ${shown(every)}`;
  if (times === 1 || row === whole) return undefined;
  if (time == null) return 'times: expected a Timestamp that the first of them is at, here or under rows';
  const last = Number(parseInstant(time)! / 1000n) + Number(times) * every * 1000;
  return last > LAST_YEAR ? 'every: the last of them would lie after the year 9999' : undefined;
}

/** Text that is a list of keys with values, not a list of items. */
export function isKeys(value: unknown): value is Keys {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unknownOf(value: Keys, known: readonly string[]): string | undefined {
  const strange = Object.keys(value).find((key) => !known.includes(key));
  if (strange === undefined) return undefined;
  const near = nearest(strange, known);
  return `unknown key '${strange}'; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`}`;
}
