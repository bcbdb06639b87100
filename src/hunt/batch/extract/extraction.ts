import type { DuckDBConnection } from '@duckdb/node-api';
import { macroText } from '../../../dialect/duckdb/macro-text.ts';
import { all, type Bindings } from '../../../engine/run.ts';
import { UsageError } from '../../../error.ts';
import { EVENT_KEY } from '../../../lake/view.ts';
import type { Detection } from '../../detection/detection.ts';
import { fileOf, howToCheck } from '../../detection/statement-error.ts';
import { byProcess, type Hunted, tellingProcesses } from '../hunted.ts';
import { readUnfiltered } from './compared.ts';
import { conditionOf, setVariables } from './condition.ts';
import { type Filter, filterOf } from './filter.ts';

/** What a slice holds: of one table these columns, of the rows that any of the filters keeps. */
export interface Extract {
  readonly table: string;
  readonly columns: readonly string[];
  /** Optional columns of which it is to be known whether the files have them. */
  readonly recorded: readonly string[];
  readonly filters: readonly Filter[];
}

/** An extract, and what it takes to run it. */
export interface Extraction {
  readonly extract: Extract;
  /** The condition, whose values are the connection's variables. */
  readonly where: string;
  readonly variables: Bindings;
  readonly macros: readonly string[];
}

/** What is kept beside what the findings need. */
export interface Kept {
  /** What tells an event that was delivered twice. */
  readonly keys?: boolean | undefined;
}

/**
 * What must be extracted for some detections, by table: one pass over a table serves them all. Conditions are the
 * WHERE clauses of the common table expressions that the detections' headers name, less the bounds of time: a
 * slice serves any time range.
 */
export function extractionsOf(hunted: readonly Hunted[], kept: Kept = {}): Map<string, Extraction> {
  const byTable = new Map<string, Part[]>();
  for (const each of hunted) {
    for (const part of partsOf(each)) byTable.set(part.table, [...(byTable.get(part.table) ?? []), part]);
  }
  return new Map([...byTable].map(([table, parts]) => [table, together(table, parts, kept)]));
}

/** Makes a connection ready to run an extraction. */
export async function prepare(connection: DuckDBConnection, extraction: Extraction): Promise<void> {
  for (const macro of extraction.macros) await all(connection, macroText(macro));
  await setVariables(connection, extraction.variables);
}

/** The extract that one detection needs of each of its tables. */
export function needsOf(hunted: Hunted): Map<string, Extract> {
  return new Map([...extractionsOf([hunted])].map(([table, { extract }]) => [table, extract]));
}

interface Part {
  readonly table: string;
  readonly hunted: Hunted;
  readonly filter: Filter;
}

function partsOf(hunted: Hunted): Part[] {
  const { detection, values } = hunted;
  const parts = Object.keys(detection.extractions).map((name) => {
    return { hunted, ...filterOf(detection, values, name) };
  });
  checkForBatches(detection);
  const [unfiltered] = readUnfiltered(
    detection,
    parts.map(({ table }) => table),
  );
  if (unfiltered === undefined) return parts;
  throw new UsageError(`${fileOf(detection)}: ${unfiltered}`, { hint: howToCheck(detection) });
}

/** Throws a UsageError for a detection whose header does not say what to extract, or what makes a finding the same. */
export function checkForBatches(detection: Detection): void {
  const { id, extractions, finding } = detection;
  const lacking = [
    ...(Object.keys(extractions).length === 0 ? ['extractions'] : []),
    ...(finding === undefined ? ['finding.identity'] : []),
  ];
  if (lacking.length === 0) return;
  throw new UsageError(`${id} does not run in batches: ${fileOf(detection)} lacks ${lacking.join(' and ')}`, {
    hint: `run it with: merganser hunt ${id}`,
  });
}

function together(table: string, parts: readonly Part[], kept: Kept): Extraction {
  const distinct = new Map(parts.map((part) => [JSON.stringify(part.filter), part]));
  const filters = [...distinct.values()];
  const detections = parts.map(({ hunted }) => hunted.detection);
  const columns = new Set(parts.flatMap(({ hunted }) => neededColumns(hunted, table)));
  if (kept.keys) for (const key of EVENT_KEY) columns.add(key);
  const recorded = parts.flatMap(({ hunted }) => recordedOf(hunted, table));
  const variables: Bindings = { values: {}, types: {} };
  const conditions = filters.map(({ filter, hunted }, index) => {
    return conditionOf(variables, `f${index}_`, filter, hunted);
  });
  return {
    extract: {
      table,
      columns: [...columns].sort(),
      recorded: [...new Set(recorded)].sort(),
      filters: filters.map(({ filter }) => filter),
    },
    where: conditions.join('\n  OR '),
    variables,
    macros: [...new Set(detections.flatMap(({ macros }) => macros))],
  };
}

/**
 * The columns that a detection's findings need. What its evidence and what tells processes apart need is left where
 * it is unless a job asks for them: three wide columns more made a first run half as long again.
 */
function neededColumns(hunted: Hunted, table: string): string[] {
  const { tables, evidenceOnly } = hunted.detection;
  const columns = tables[table] ?? [];
  return hunted.evidence || byProcess(hunted)
    ? [...columns]
    : columns.filter((column) => !evidenceOnly[table]?.includes(column));
}

/** The optional columns of a table that the detection asks the lake about. */
function recordedOf(hunted: Hunted, table: string): string[] {
  const asked = Object.values(hunted.detection.recorded)
    .filter((path) => path.startsWith(`${table}.`))
    .map((path) => path.slice(table.length + 1));
  return tellingProcesses(hunted)?.tables[table] === undefined ? asked : [...asked, 'DeviceId'];
}
