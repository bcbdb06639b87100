import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteString } from '../../../dialect/duckdb/quote.ts';
import { all } from '../../../engine/run.ts';
import type { Spool } from '../../../engine/spool.ts';
import { literalPath } from '../../../lake/find/paths.ts';
import type { Lake } from '../../../lake/lake.ts';
import type { Hunted } from '../hunted.ts';
import type { ResultRecord } from '../state/manifest.ts';
import type { WorkDirectory } from '../state/work-directory.ts';
import type { Coverage } from './coverage.ts';

/** How many findings are new, there still, and there no more. */
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
  /** What this run looks at; undefined where that is nothing, or nothing is missing. */
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

/** Whether the last run had findings that this one has not. */
export async function anyMissing({
  lake,
  work,
  result,
  before,
}: Omit<StatusRequest, 'covered' | 'only'>): Promise<boolean> {
  if (before === undefined || before.name === result.name) return false;
  return lake.connected([], {}, async (connection) => {
    await resultView(connection, 'found', work.at(result.name));
    await resultView(connection, 'earlier', work.at(before.name));
    const [row] = await all(
      connection,
      'SELECT count(*) AS missing FROM earlier ANTI JOIN found USING (FindingId)',
    );
    return Number(row!.missing) > 0;
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
