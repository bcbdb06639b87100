import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../../dialect/duckdb/quote.ts';
import { asideOf, syncFile, syncFolder } from '../../engine/durable.ts';
import type { ResultStream } from '../../engine/result.ts';
import { all } from '../../engine/run.ts';
import type { Spool } from '../../engine/spool.ts';
import type { Lake } from '../../lake/lake.ts';
import { literalPath } from '../../lake/paths.ts';
import type { Coverage } from './coverage.ts';
import type { Hunted } from './extraction.ts';
import type { Manifest, ResultRecord } from './manifest.ts';
import type { WorkDirectory } from './work-directory.ts';

/** The formats that findings are kept in, which are the endings of their files. */
export type DatasetFormat = 'parquet' | 'jsonl';

/** Writes rows to a file, which appears whole or not at all. */
export type WriteRows = (rows: ResultStream, format: DatasetFormat, path: string) => Promise<unknown>;

export interface Statuses {
  readonly new: number;
  readonly continuing: number;
  readonly gone: number;
}

export interface StatusRequest {
  readonly lake: Lake;
  readonly work: WorkDirectory;
  readonly hunted: Hunted;
  readonly result: ResultRecord;
  /** The result of the last run; undefined for the first. */
  readonly before: ResultRecord | undefined;
  /** What this run looks at; undefined where that is nothing. */
  readonly covered: Coverage | undefined;
  /** Leave out the others. */
  readonly only?: keyof Statuses;
}

/**
 * The findings of a run, each with its id and its status against the last run: first those that are there, in the
 * detection's order, then those that are gone. A finding is gone only if this run looks at all of its time: else
 * it is out of sight, and left out.
 */
export async function withStatus(request: StatusRequest): Promise<Spool> {
  return request.lake.spool([], {}, async (connection) => {
    await resultView(connection, 'found', request.work.at(request.result.name));
    await resultView(connection, 'earlier', request.work.at((request.before ?? request.result).name));
    return { sql: statusSelect(request) };
  });
}

/** How many there are of each status. */
export async function countStatuses(spool: Spool): Promise<Statuses> {
  const counts = { new: 0, continuing: 0, gone: 0 };
  for await (const chunk of spool.stream().chunks()) {
    for (const status of chunk.getColumnValues(1)) counts[status as keyof Statuses]++;
  }
  return counts;
}

async function resultView(connection: DuckDBConnection, name: string, path: string): Promise<void> {
  const read = `read_parquet(${quoteString(literalPath(path))}, hive_partitioning = false, file_row_number = true)`;
  // A result that no rules were applied to has no column for them.
  await all(
    connection,
    `CREATE OR REPLACE TEMP VIEW ${name} AS
SELECT ''::VARCHAR AS SuppressedBy WHERE false UNION ALL BY NAME SELECT * FROM ${read}`,
  );
}

function statusSelect({ hunted, before, covered, only }: StatusRequest): string {
  const known =
    before === undefined ? 'false' : `FindingId IN (SELECT FindingId FROM earlier WHERE ${SHOWN})`;
  const gone = before === undefined || covered === undefined ? 'false' : goneCondition(hunted, covered);
  return `
SELECT * EXCLUDE (Position)
FROM (
  SELECT
    FindingId,
    CASE WHEN ${known} THEN 'continuing' ELSE 'new' END AS Status,
    * EXCLUDE (FindingId, SuppressedBy, file_row_number),
    file_row_number AS Position
  FROM found
  WHERE ${SHOWN}
  UNION ALL BY NAME
  SELECT
    FindingId,
    'gone' AS Status,
    * EXCLUDE (FindingId, SuppressedBy, file_row_number),
    file_row_number AS Position
  FROM earlier
  WHERE ${SHOWN}
    AND FindingId NOT IN (SELECT FindingId FROM found)
    AND ${gone}
)
WHERE ${only === undefined ? 'true' : `Status = ${quoteString(only)}`}
ORDER BY
  Status = 'gone',
  Position`;
}

/** No rule hides it. One that a rule now hides is not gone, and one that none hides any more is new. */
const SHOWN = "coalesce(SuppressedBy, '') = ''";

function goneCondition({ detection, values }: Hunted, { bounds, unread }: Coverage): string {
  const { since, until } = bounds;
  const { first, last, reach, since: earliest } = detection.finding!;
  const tolerance = (values.tolerance ?? 0n) as bigint;
  const before = reach === undefined ? 0n : (values[reach] as bigint) + tolerance;
  // What a finding rests on, from its earliest event to its latest.
  const begins = `epoch_us(${quoteIdentifier(first)}) - ${before}`;
  const from = earliest === undefined ? begins : `least(${begins}, epoch_us(${quoteIdentifier(earliest)}))`;
  const to = `epoch_us(${quoteIdentifier(last)}) + ${tolerance}`;
  const conditions = [
    ...(since === undefined ? [] : [`${from} >= ${since}`]),
    ...(until === undefined ? [] : [`${to} < ${until}`]),
    ...unread.map(([first, last]) => `(${to} < ${first} OR ${from} > ${last})`),
  ];
  return conditions.length === 0 ? 'true' : conditions.join('\n    AND ');
}

/** The folder in `current/` of what lies behind the findings. */
const EVIDENCE = 'evidence';

/** The folder that a job's findings go to: `runs/<run>/` for each run, `current/` as the last one left it. */
export class Dataset {
  readonly path: string;
  readonly #format: DatasetFormat;

  constructor(path: string, format: DatasetFormat) {
    this.path = path;
    this.#format = format;
  }

  /** The name of a detection's file. */
  fileName(name: string): string {
    return `${name}.${this.#format}`;
  }

  folder(run: string): string {
    return join(this.path, 'runs', run);
  }

  current(name: string): string {
    return join(this.path, 'current', this.fileName(name));
  }

  /** The path below `current/` of a detection's evidence, whose columns are others than the findings'. */
  evidenceName(name: string): string {
    return `${EVIDENCE}/${this.fileName(name)}`;
  }

  /** Writes what lies behind one detection's findings, as it is now. */
  async writeEvidence(
    name: string,
    spool: Spool,
    writeRows: WriteRows,
    signal?: AbortSignal,
  ): Promise<string> {
    const path = join(this.path, 'current', this.evidenceName(name));
    await mkdir(dirname(path), { recursive: true });
    await writeRows(spool.stream({ signal }), this.#format, path);
    await syncFolder(join(this.path, 'current'));
    return path;
  }

  /** Writes one detection's findings of a run, and puts them into `current/`. */
  async write(
    run: string,
    name: string,
    spool: Spool,
    writeRows: WriteRows,
    signal?: AbortSignal,
  ): Promise<void> {
    await mkdir(this.folder(run), { recursive: true });
    await mkdir(join(this.path, 'current'), { recursive: true });
    const path = join(this.folder(run), this.fileName(name));
    await writeRows(spool.stream({ signal }), this.#format, path);
    const aside = asideOf(this.current(name));
    await copyFile(path, aside);
    await syncFile(aside);
    await rename(aside, this.current(name));
    for (const folder of ['current', 'runs', '.']) await syncFolder(join(this.path, folder));
  }
}

/** Removes what a run that died had begun to write, and nothing else: the folder may hold others' findings too. */
export async function removeUnfinished({ writing, last }: Manifest): Promise<void> {
  if (writing === undefined || writing.run === last?.run) return;
  await rm(join(writing.output, 'runs', writing.run), { recursive: true, force: true }).catch((error) => {
    // Where a file has taken the folder's place, nothing of the run is left.
    if (error.code !== 'ENOTDIR') throw error;
  });
  for (const folder of ['current', `current/${EVIDENCE}`]) {
    const path = join(writing.output, folder);
    for (const name of await readdir(path).catch(() => [])) {
      if (/^\..+\.partial$/.test(name)) await rm(join(path, name), { force: true });
    }
  }
}

/** Removes from `current/` what the last run put there and this one did not. */
export async function removeStale(
  before: Manifest['last'],
  now: NonNullable<Manifest['last']>,
): Promise<void> {
  for (const name of before?.current ?? []) {
    if (before!.output === now.output && !now.current.includes(name)) {
      await rm(join(now.output, 'current', name), { force: true });
    }
  }
}
