import { macroText } from '../dialect/duckdb/macro-text.ts';
import { all, type RunOptions } from '../engine/run.ts';
import { LakeError } from '../error.ts';
import type { Lake } from '../lake/lake.ts';
import { yaml } from '../yaml.ts';
import type { Detection } from './detection.ts';
import type { ParameterSettings } from './parameters.ts';
import { type PreparedHunt, prepareHunt } from './run.ts';

/** What makes a finding of a baseline ordinary: it fires on so many devices, for so long. */
export interface TuneOptions extends RunOptions {
  readonly minDevices: number;
  /** Days from the first of its connections to the last, over all devices. */
  readonly minDays: number;
}

/** A rule proposed from a baseline, and what it is founded on. */
export interface Proposal {
  readonly process: string;
  readonly folder: string;
  readonly ports: readonly number[];
  readonly findings: number;
  readonly devices: number;
  readonly days: number;
  readonly beacons: number;
}

/**
 * Proposes rules from a baseline: what a detection finds on many devices for long. The user must look at each: C2 that
 * is already everywhere looks the same. Throws a LakeError where the baseline holds no connections.
 */
export async function proposeRules(
  lake: Lake,
  detection: Detection,
  settings: readonly ParameterSettings[],
  { minDevices, minDays, ...run }: TuneOptions,
): Promise<{ proposals: Proposal[]; end: Date }> {
  const hunt = await prepareHunt(lake, detection, settings);
  const tables = Object.keys(detection.tables);
  return lake.reading(tables, () =>
    lake.connected(tables, hunt.bounds, async (connection) => {
      const [span] = await all(
        connection,
        'SELECT epoch_ms(max(Timestamp)) AS last FROM DeviceNetworkEvents',
      );
      if (span?.last == null) throw noBaseline(hunt);
      for (const macro of detection.macros) await all(connection, macroText(macro));
      await all(connection, `CREATE OR REPLACE TEMP TABLE hunted AS\n${hunt.sql}`, hunt.bindings, run);
      const rows = await all(connection, COMMON, {
        values: { min_devices: minDevices, min_days: minDays },
        types: {},
      });
      return {
        proposals: rows.map((row) => JSON.parse(String(row.proposal)) as Proposal),
        end: new Date(Number(span.last)),
      };
    }),
  );
}

function noBaseline({ values }: PreparedHunt): LakeError {
  const from = values.since === null && values.until === null ? '' : ' in that time';
  return new LakeError(
    `the baseline has no rows of DeviceNetworkEvents${from}: nothing can be learned from it`,
    {
      hint: 'merganser lake DIR shows from when to when there are events',
    },
  );
}

/** Findings of one program: the same file name, in the same folder once what is the user's own is left out. */
const COMMON = `
WITH folders AS (
  SELECT
    InitiatingProcessFileName AS ProcessName,
    InitiatingProcessCommandLine AS ProcessCmd,
    DeviceName,
    max(regexp_replace(
      regexp_replace(lower(InitiatingProcessFolderPath), '[^\\\\]*$', ''), '^([a-z]:\\\\users\\\\)[^\\\\]+', '\\1*'
    )) AS Folder
  FROM DeviceNetworkEvents
  GROUP BY ALL
),
programs AS (
  SELECT
    min(ProcessName) AS process,
    coalesce(Folder, '') AS folder,
    list_sort(list_distinct(flatten(list(RemotePorts)))) AS ports,
    count(*) AS findings,
    count(DISTINCT DeviceName) AS devices,
    round((epoch_us(max(LastConnection)) - epoch_us(min(FirstConnection))) / 86400e6, 1) AS days,
    count(*) FILTER (WHERE BeaconLikely) AS beacons
  FROM hunted
  LEFT JOIN folders USING (DeviceName, ProcessName, ProcessCmd)
  WHERE ProcessName <> ''
  GROUP BY lower(ProcessName), coalesce(Folder, '')
)
SELECT to_json({
  process: process, folder: folder, ports: ports, findings: findings, devices: devices, days: days, beacons: beacons
})::VARCHAR AS proposal
FROM programs
WHERE devices >= $min_devices
  AND days >= $min_days
ORDER BY devices DESC, findings DESC, process, folder`;

const DAY = 86_400_000;

/** The proposals as a file of rules: each to be read, owned and dated by a person. They expire 90 days after the baseline. */
export function proposalsText(proposals: readonly Proposal[], end: Date): string {
  const head = [
    '# Proposed from a baseline: what fires on many devices for long. Look at each before you keep it: command and control',
    '# that is everywhere already looks the same. Put your name where it says owner.',
  ];
  if (proposals.length === 0) return `${[...head, 'rules: []'].join('\n')}\n`;
  const expires = new Date(end.getTime() + 90 * DAY).toISOString().slice(0, 10);
  const rules = proposals.map(({ process, folder, ports, findings, devices, days, beacons }, index) => ({
    name: `${process.replace(/\.exe$/i, '').toLowerCase()}-${index + 1}`,
    reason: `${findings} findings on ${devices} devices over ${days} days, ${beacons} of them beacon-like`,
    owner: 'nobody yet',
    expires,
    match: {
      process,
      ...(folder === '' ? {} : { path: `${folder}*` }),
      ...(ports.length === 0 ? {} : { port: ports }),
    },
  }));
  return `${head.join('\n')}\n${yaml().stringify({ rules }, { lineWidth: 120 })}`;
}
