import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../../dialect/duckdb/quote.ts';
import { all, type Bindings, type RunOptions } from '../../../engine/run.ts';
import { MerganserError } from '../../../error.ts';
import type { Detection } from '../../detection/detection.ts';
import { detectionThrough } from '../../detection/variants.ts';
import { timeBounds, usedIn } from '../../values.ts';
import type { Hunted } from '../hunted.ts';
import type { Manifest } from '../state/manifest.ts';

/** Slices do not say what a detection asks. */
export class SlicesCannotTell extends MerganserError {
  override readonly name = 'SlicesCannotTell';
}

/**
 * Throws a {@link SlicesCannotTell} where slices do not say which processes there are, as the detection `telling`, which
 * is this one or one that it combines, must know. Events without a unique id and a creation time belong to
 * a process that is inferred from all that its PID did, which slices do not hold; and where the events that they
 * hold have no DeviceId, others of the lake may have one, by which devices are then told apart.
 */
export async function checkProcesses(
  connection: DuckDBConnection,
  hunted: Hunted,
  telling: Detection,
  manifest: Manifest,
  bindings: Bindings,
  options: RunOptions,
): Promise<void> {
  const { detection } = hunted;
  for (const table of Object.keys(telling.tables)) {
    if (!recordsDevices(manifest, table)) continue;
    if (await lacksDevices(connection, hunted, table, options)) {
      throw refused(detection, `no event that matters in ${table} has its DeviceId`);
    }
  }
  const sql = `${detectionThrough(telling, 'identity', 'unidentified')}\nSELECT count(*) AS pids FROM unidentified`;
  const [row] = await all(connection, sql, usedIn(sql, bindings), options);
  const pids = Number(row!.pids);
  if (pids === 0) return;
  const events = pids === 1 ? 'one PID has events' : `${pids} PIDs have events`;
  throw refused(detection, `${events} with neither unique id nor creation time`);
}

function recordsDevices({ slices }: Manifest, table: string): boolean {
  return slices.some((slice) => slice.table === table && slice.recorded.includes('DeviceId'));
}

async function lacksDevices(
  connection: DuckDBConnection,
  { values }: Hunted,
  table: string,
  options: RunOptions,
): Promise<boolean> {
  const { since, until } = timeBounds(values);
  const bounds = [
    ...(since === undefined ? [] : [`Timestamp >= make_timestamp(${since})`]),
    ...(until === undefined ? [] : [`Timestamp < make_timestamp(${until})`]),
  ];
  const within = bounds.length === 0 ? '' : ` WHERE ${bounds.join(' AND ')}`;
  const [row] = await all(
    connection,
    `SELECT count(*) > 0 AND count(*) FILTER (DeviceId <> '') = 0 AS lacks FROM ${quoteIdentifier(table)}${within}`,
    undefined,
    options,
  );
  return row!.lacks === true;
}

function refused({ id, combines }: Detection, why: string): SlicesCannotTell {
  return new SlicesCannotTell(`slices cannot tell which processes ${id} finds: ${why}`, {
    hint:
      combines === undefined
        ? 'merganser hunt --identity process looks at the whole lake; a job with identity=pid needs none of it'
        : `merganser hunt ${id} looks at the whole lake`,
  });
}
