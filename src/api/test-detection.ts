import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { counted } from '../counted.ts';
import { MerganserError } from '../error.ts';
import { casesFile, type DetectionCase, readCases } from '../hunt/detection/cases.ts';
import type { Detection } from '../hunt/detection/detection.ts';
import { checkDetection } from '../hunt/detection/detection-check.ts';
import { contractOf } from '../lake/tables/contract.ts';
import { nearest } from '../nearest.ts';
import type { Hits, Row } from './hits.ts';
import { openLake } from './open-lake.ts';

/** What testing a detection came to. */
export interface DetectionTest {
  readonly id: string;
  readonly hits: number;
  readonly misses: number;
  readonly baselines: number;
  /** What is wrong with the detection itself, then with its cases: `case: what was expected and what came`. */
  readonly problems: readonly string[];
}

/**
 * Checks a detection as data, then runs its cases: what must be found, what must not, how much ordinary telemetry
 * gives. Where the detection has a KQL form, it must give the same rows on every case that sets no parameters.
 */
export async function testDetection(detection: Detection): Promise<DetectionTest> {
  const problems = [...(await checkDetection(detection))];
  const cases = problems.length === 0 ? readCases(detection) : [];
  if (problems.length === 0) problems.push(...lacking(cases));
  for (const each of cases) problems.push(...(await runCase(detection, each)));
  const count = (kind: keyof DetectionCase) => cases.filter((each) => kind in each).length;
  return {
    id: detection.id,
    hits: count('hit'),
    misses: count('miss'),
    baselines: count('baseline'),
    problems,
  };
}

function lacking(cases: readonly DetectionCase[]): string[] {
  return (['hit', 'miss', 'baseline'] as const)
    .filter((kind) => !cases.some((each) => kind in each))
    .map((kind) => `there is no case of ${kind}`);
}

async function runCase(detection: Detection, each: DetectionCase): Promise<string[]> {
  const said = (problem: string) => `${each.name}: ${problem}`;
  const lacking = lackingColumns(detection, each);
  if (lacking.length > 0) return lacking.map(said);
  const folder = await mkdtemp(join(tmpdir(), 'merganser-case-'));
  try {
    await writeRows(folder, detection, each);
    await using lake = await openLake(folder, { threads: 1 });
    const hits = await lake.huntLayers(detection, [each.parameters ?? {}]);
    const strange = strangeColumn(detection, each, hits);
    if (strange !== undefined) return [strange];
    const rows = await hits.rows();
    return [...unexpected(each, rows), ...(await kqlDiffers(detection, each, lake, rows))].map(said);
  } catch (error) {
    // Where a case cannot be run, others can.
    if (!(error instanceof MerganserError)) throw error;
    return [said(error.message.replaceAll(join(folder, sep), ''))];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A column of a finding that is expected and the result does not have. */
function strangeColumn(
  detection: Detection,
  { name, hit = [] }: DetectionCase,
  hits: Hits,
): string | undefined {
  const known = hits.columns.map((column) => column.name);
  const strange = hit.flatMap((finding) => Object.keys(finding)).find((column) => !known.includes(column));
  if (strange === undefined) return undefined;
  const near = nearest(strange, known);
  const meant = near === undefined ? `its columns are ${known.join(', ')}` : `did you mean ${near}?`;
  return `${casesFile(detection)}: case ${name}: hit: the result has no column ${strange}; ${meant}`;
}

/** The columns without which no lake is read, by whether the detection reads them. */
function requiredColumns({ tables }: Detection, table: string): { read: string[]; unread: string[] } {
  const required = contractOf(table)!.columns.filter((column) => column.required);
  const names = required.map(({ name }) => name);
  const reads = (name: string) => tables[table]!.includes(name);
  return { read: names.filter(reads), unread: names.filter((name) => !reads(name)) };
}

/** What is wrong where no row of a table says a column that the detection reads, and every lake has. */
function lackingColumns(detection: Detection, { events }: DetectionCase): string[] {
  return Object.entries(events).flatMap(([table, rows]) => {
    const lacking = requiredColumns(detection, table).read.filter((name) => !rows.some((row) => name in row));
    if (rows.length === 0 || lacking.length === 0) return [];
    return [`rows of ${table} lack ${lacking.join(', ')}: say under rows what they are like`];
  });
}

/** A lake of the case's rows. What the detection does not read is there, and null. */
async function writeRows(folder: string, detection: Detection, { events }: DetectionCase): Promise<void> {
  for (const table of Object.keys(detection.tables)) {
    const unread = requiredColumns(detection, table).unread.map((name) => [name, null]);
    const lines = (events[table] ?? []).map(
      (row) => `${JSON.stringify({ ...Object.fromEntries(unread), ...row })}\n`,
    );
    await mkdir(join(folder, table));
    await writeFile(join(folder, table, 'events.jsonl'), lines.join(''));
  }
}

function unexpected({ hit, miss, baseline }: DetectionCase, rows: readonly Row[]): string[] {
  if (miss !== undefined) {
    return rows.length === 0 ? [] : [`expected nothing (${miss}), found ${JSON.stringify(rows[0])}`];
  }
  const expected = hit?.length ?? baseline!;
  if (rows.length !== expected) return [`expected ${counted(expected, 'finding')}, found ${rows.length}`];
  return (hit ?? []).flatMap((finding, index) =>
    Object.entries(finding)
      .filter(([column, value]) => JSON.stringify(rows[index]![column]) !== JSON.stringify(value))
      .map(
        ([column, value]) =>
          `finding ${index + 1}: expected ${column} ${JSON.stringify(value)}, found ${JSON.stringify(rows[index]![column])}`,
      ),
  );
}

/** Where the two forms of a detection differ. KQL promises no order, of rows or in sets. */
async function kqlDiffers(
  detection: Detection,
  each: DetectionCase,
  lake: Awaited<ReturnType<typeof openLake>>,
  rows: readonly Row[],
): Promise<string[]> {
  const file = new URL(`${detection.id}.kql`, detection.folder);
  if (each.parameters !== undefined || !existsSync(file)) return [];
  const query = readFileSync(file, 'utf8');
  // A case may lie at any time; the forms for the cloud look back from now.
  const parameters = /^\s*lookback: timespan/m.test(query) ? { lookback: '36500d' } : {};
  const found = await (await lake.kql(query, { now: new Date('2030-01-01'), parameters })).rows();
  const missing = without(rows, found);
  const more = without(found, rows);
  return [
    ...missing.map((row) => `the KQL does not give ${row}`),
    ...more.map((row) => `the KQL gives ${row}, which the SQL does not`),
  ];
}

function without(rows: readonly Row[], others: readonly Row[]): string[] {
  const has = new Set(others.map(canonical));
  return rows.map(canonical).filter((row) => !has.has(row));
}

function canonical(row: Row): string {
  return JSON.stringify(row, (_, value) =>
    Array.isArray(value) && value.every((item) => typeof item !== 'object') ? [...value].sort() : value,
  );
}
