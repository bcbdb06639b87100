import { macroText } from '../../dialect/duckdb/macro-text.ts';
import { all, type RunOptions } from '../../engine/run.ts';
import { LakeError, UsageError } from '../../error.ts';
import type { Lake } from '../../lake/lake.ts';
import type { Detection } from '../detection/detection.ts';
import { tablesOf } from '../hunt-tables.ts';
import type { ParameterSettings } from '../parameters.ts';
import { type PreparedHunt, prepareHunt } from '../prepare.ts';
import { commonPrograms, type Proposal } from './tune-statement.ts';

/** What makes a finding of a baseline ordinary: it fires on so many devices, on each of them for so long. */
export interface TuneOptions extends RunOptions {
  readonly minDevices: number;
  /** Days from first to last on one device. */
  readonly minDays: number;
}

export interface Proposals {
  readonly proposals: readonly Proposal[];
  /**
   * Programs that are as common, and have neither a path nor a hash by which a rule could know them, or run what they are
   * told, of which nothing is recorded.
   */
  readonly leftOut: readonly string[];
  /** The time of the baseline's last connection, and how many days lie between its first and that. */
  readonly end: Date;
  readonly days: number;
}

const CERTIFICATES = 'DeviceFileCertificateInfo';
const CONNECTIONS = 'DeviceNetworkEvents';

/**
 * Proposes rules from a baseline: what a detection finds on many devices for long. The user must look at each: C2 that
 * is already everywhere looks the same. Throws a LakeError where the baseline holds no connections.
 */
export async function proposeRules(
  lake: Lake,
  detection: Detection,
  settings: readonly ParameterSettings[],
  { minDevices, minDays, ...run }: TuneOptions,
): Promise<Proposals> {
  if (detection.finding === undefined) {
    throw new UsageError(`${detection.id} does not say when a finding was first and last seen`, {
      hint: 'name the columns in its header: finding: { identity: [...], first: ..., last: ... }',
    });
  }
  const { first, last } = detection.finding;
  const hunt = await prepareHunt(lake, detection, settings);
  lake.files(CONNECTIONS);
  const certified = lake.tableNamed(CERTIFICATES) !== undefined;
  const { present, absent } = tablesOf(lake, detection);
  const tables = [...new Set([...present, CONNECTIONS, ...(certified ? [CERTIFICATES] : [])])];
  return lake.reading(tables, () =>
    lake.connected(tables, hunt.bounds, async (connection) => {
      const [span] = await all(connection, SPAN);
      if (span?.last == null) throw noBaseline(hunt);
      for (const sql of absent) await all(connection, sql);
      for (const macro of detection.macros) await all(connection, macroText(macro));
      await all(connection, `CREATE OR REPLACE TEMP TABLE hunted AS\n${hunt.sql}`, hunt.bindings, run);
      const described = await all(connection, 'DESCRIBE hunted');
      const columns = new Set(described.map(({ column_name }) => String(column_name)));
      const rows = await all(connection, commonPrograms({ columns, first, last, certified }), {
        values: { min_devices: minDevices, min_days: minDays },
        types: {},
      });
      const common = rows.map((row) => JSON.parse(String(row.program)) as Proposal);
      const known = ({ path, hashes }: Proposal) => path !== '' || hashes.length > 0;
      return {
        proposals: common.filter(known),
        leftOut: common.filter((each) => !known(each)).map(({ process }) => process),
        end: new Date(Number(span.last)),
        days: Number(span.days),
      };
    }),
  );
}

const SPAN = `SELECT
  epoch_ms(max(Timestamp)) AS last,
  round((epoch_us(max(Timestamp)) - epoch_us(min(Timestamp))) / 86400e6, 1) AS days
FROM ${CONNECTIONS}`;

function noBaseline({ values }: PreparedHunt): LakeError {
  const from = values.since === null && values.until === null ? '' : ' in that time';
  return new LakeError(`the baseline has no rows of ${CONNECTIONS}${from}: nothing can be learned from it`, {
    hint: 'merganser lake DIR shows from when to when there are events',
  });
}
