import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../../dialect/duckdb/quote.ts';
import { all } from '../../../engine/run.ts';
import type { FindingKey } from '../../detection/detection.ts';
import { byProcess } from '../hunted.ts';
import { digestOf } from '../state/digest.ts';
import type { NearbyRecord, SliceRecord, StoredFile } from '../state/manifest.ts';
import { store } from '../state/store.ts';
import type { CorrelateRequest } from './correlate-request.ts';
import { ownRows } from './own-rows.ts';
import { readStored, slicesSelect } from './slices-view.ts';
import { changedZones, inZones, overlaps, widened, type Zones } from './zones.ts';

type Pairs = NonNullable<FindingKey['pairs']>;

/**
 * Of all slices, the rows that lie near one they could be paired with: on one device and PID, and close enough in
 * time for any window up to a few times the present one. They are few, and all that a detection over pairs needs; most
 * of a correlation's time went into finding them. After the first run they are found anew only around the times of
 * slices that came or went.
 *
 * Gives the record of the last run where it still holds, undefined where the detection cannot do with them: without
 * pairs, by process, whose device another column names, or with rows delivered twice, of which any may count.
 */
export async function nearbyRows(
  connection: DuckDBConnection,
  request: CorrelateRequest,
): Promise<NearbyRecord | undefined> {
  const { work, manifest, verify, dedupe } = request;
  const { id, finding } = request.hunted.detection;
  if (finding?.pairs === undefined || dedupe || byProcess(request.hunted)) return undefined;
  const [first, second] = finding.pairs.tables;
  const slices = manifest.slices.filter(
    ({ table, rowsKept }) => (table === first || table === second) && rowsKept > 0,
  );
  const needed = spansOf(request);
  let kept = manifest.nearby[id];
  if (kept !== undefined && !serves(kept, needed)) kept = undefined;
  for (const file of Object.values(kept?.files ?? {}))
    if (!(await work.isIntact(file, verify))) kept = undefined;
  const zones = kept === undefined ? undefined : changedZones(kept.slices, slices, spanOf(kept));
  if (kept !== undefined && zones?.length === 0) return kept;
  const spans = zones === undefined ? roomy(needed) : kept!;
  await findNearby(connection, request, finding.pairs, slices, spans, zones);
  const contents = slices.map(({ name, first, last }) => [name, first, last] as const);
  const files: Record<string, StoredFile> = {};
  for (const table of finding.pairs.tables) {
    const name = `nearby/${id.replaceAll('/', '.')}.${table}.${digestOf([spans.after, spans.before, contents])}.parquet`;
    const select = rowsOf(request, table, zones === undefined ? undefined : kept!.files[table], zones);
    files[table] = (await store(connection, work, name, select, request)).file;
  }
  return { after: spans.after, before: spans.before, slices: contents, files };
}

/** How far apart the two rows of a pair may be: the second after the first, and before it, in microseconds. */
interface Spans {
  readonly after: string;
  readonly before: string;
}

function spansOf({ hunted: { detection, values } }: CorrelateRequest): Spans {
  return {
    after: String(values[detection.finding!.reach!]),
    before: String(values.tolerance ?? 0n),
  };
}

function serves(kept: Spans, needed: Spans): boolean {
  return BigInt(kept.after) >= BigInt(needed.after) && BigInt(kept.before) >= BigInt(needed.before);
}

const MINUTE = 60_000_000n;

/** Wider than needed, so that a window which is tuned finds its rows there; each step wider costs more rows. */
function roomy(needed: Spans): Spans {
  const [after, before] = [BigInt(needed.after) * 4n, BigInt(needed.before)];
  return { after: String(longer(after, 60n * MINUTE)), before: String(longer(before, MINUTE)) };
}

function longer(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function spanOf({ after, before }: Spans): bigint {
  return BigInt(after) + BigInt(before);
}

/**
 * Makes the temporary tables `near_first` and `near_second`. Two rows are near if they are alike and in one bucket
 * of time or the next. They are compared by a hash: rows that it takes for near and are not do no harm, since
 * the detection's statement compares again, and comparing text takes twice as long.
 */
async function findNearby(
  connection: DuckDBConnection,
  request: CorrelateRequest,
  { tables, alike }: Pairs,
  slices: readonly SliceRecord[],
  spans: Spans,
  zones: Zones | undefined,
): Promise<void> {
  const span = spanOf(spans);
  const { work, manifest, hunted } = request;
  const own = await ownRows(connection, hunted, manifest);
  // Around what is to be found, what it could be paired with.
  const around = zones && widened(zones, span);
  const [first, second] = tables.map((table) => {
    const some = slices.filter((slice) => slice.table === table && (!around || overlaps(slice, around)));
    return `(
SELECT *
FROM (${slicesSelect(work, manifest, some, hunted.detection, table, own)}) AS kept
WHERE ${inZones(around)}
)`;
  });
  const bucket = (shift: bigint) => `(epoch_us(Timestamp) + ${shift}) // ${span}`;
  const key = (shift: bigint, step: string) =>
    `hash(${alike.map(quoteIdentifier).join(', ')}, ${bucket(shift)}${step})`;
  const before = BigInt(spans.before);
  await all(
    connection,
    `CREATE OR REPLACE TEMP TABLE near_first AS
FROM ${first} AS events
WHERE ${key(0n, '')} IN (SELECT unnest([${key(before, '')}, ${key(before, ' - 1')}]) FROM ${second} AS others)`,
    undefined,
    request,
  );
  await all(
    connection,
    `CREATE OR REPLACE TEMP TABLE near_second AS
FROM ${second} AS events
WHERE ${key(before, '')} IN (SELECT unnest([${key(0n, '')}, ${key(0n, ' + 1')}]) FROM near_first)`,
    undefined,
    request,
  );
}

/** A table's rows: those found within the zones, and outside of them those that were kept. */
function rowsOf(
  { work, hunted }: CorrelateRequest,
  table: string,
  kept: StoredFile | undefined,
  zones: Zones | undefined,
): string {
  const [first] = hunted.detection.finding!.pairs!.tables;
  const found = `FROM ${table === first ? 'near_first' : 'near_second'}\nWHERE ${inZones(zones)}`;
  if (kept === undefined) return `${found}\nORDER BY ALL`;
  return `${found}
UNION ALL BY NAME
FROM ${readStored(work, [kept.name])}
WHERE NOT (${inZones(zones)})
ORDER BY ALL`;
}
