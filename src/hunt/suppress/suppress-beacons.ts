import {
  anyPattern,
  type Conditions,
  every,
  everyDestination,
  everyPath,
  everySigner,
  type FactsAsked,
  folded,
  oneOf,
  type RulesOn,
  signersByHash,
} from './suppress-conditions.ts';
import type { SuppressionMatch } from './suppressions.ts';

/** Whether rows of these columns are those of the beacon analysis. */
export function areBeacons(columns: ReadonlySet<string>): boolean {
  return columns.has('KeyKind') && columns.has('BeaconScore');
}

/** Whether a rule looks at what a beacon's row does not say: of its process it says the name only. */
function needsFacts({ path, signer, hash, command, destination }: SuppressionMatch): boolean {
  return [path, signer, hash, command, destination].some((each) => each !== undefined);
}

/**
 * What the telemetry says of each beacon's connections, all of which a rule must cover: paths, hashes, command lines and
 * signers of the process, addresses and hosts that it connected to.
 */
function factsOf(_: ReadonlySet<string>, asked: FactsAsked): string {
  return `CREATE OR REPLACE TEMP TABLE facts AS
WITH beacons AS (
  SELECT
    rowid AS Beacon,
    device_identity(DeviceId, DeviceName) AS Device,
    coalesce(ProcessId, 0) AS Pid,
    CASE WHEN Pid <> 0 THEN ProcessCreationTime END AS Created,
    lower(ProcessName) AS Name,
    coalesce(RemotePort, -1) AS Port,
    KeyKind,
    Destination
  FROM hunted
  WHERE ${asked.open}
),
connections AS (
  SELECT
    device_identity(DeviceId, DeviceName) AS Device,
    coalesce(InitiatingProcessId, 0) AS Pid,
    CASE WHEN Pid <> 0 THEN nullif(InitiatingProcessCreationTime, TIMESTAMP '1601-01-01') END AS Created,
    lower(InitiatingProcessFileName) AS Name,
    coalesce(RemotePort, -1) AS Port,
    RemoteIP,
    RemoteUrl,
    lower(InitiatingProcessFolderPath) AS Path,
    lower(InitiatingProcessSHA1) AS SHA1,
    lower(InitiatingProcessSHA256) AS SHA256,
    InitiatingProcessCommandLine AS Command
  FROM ${asked.prefix}DeviceNetworkEvents
),
signed AS (${signersByHash(asked)})
SELECT
  Beacon,
  list(DISTINCT Path) AS Paths,
  list(DISTINCT [connections.SHA1, SHA256]) AS Hashes,
  list(DISTINCT Command) AS Commands,
  list(DISTINCT {ip: RemoteIP, host: beacon_domain(RemoteUrl)}) AS Destinations,
  list(DISTINCT SignedBy) AS Signers,
  bool_and(SignedBy IS NOT NULL) AS AllSigned
FROM connections
JOIN beacons USING (Device, Pid, Name, Port)
LEFT JOIN signed ON connections.SHA1 = signed.SHA1
WHERE connections.Created IS NOT DISTINCT FROM beacons.Created
  AND Destination = CASE KeyKind
    WHEN 'address' THEN RemoteIP
    WHEN 'network' THEN beacon_network(RemoteIP) || '0/24'
    ELSE beacon_domain(RemoteUrl)
  END
GROUP BY Beacon`;
}

const CONDITIONS: Conditions = {
  process: oneOf('ProcessName'),
  device: oneOf('DeviceName'),
  account: oneOf('AccountName'),
  path: everyPath,
  signer: everySigner,
  hash: (values, _, facts) => (facts ? every('Hashes', `list_has_any(x, ${folded(values)})`) : 'false'),
  command: (values, _, facts) => (facts ? every('Commands', anyPattern('x', values)) : 'false'),
  port: (values) => `RemotePort IN (${values.map(Number).join(', ')})`,
  destination: everyDestination,
};

/** Rules on beacons: a process that talks to one destination, on one port. */
export const BEACON_RULES: RulesOn = {
  conditions: CONDITIONS,
  needsFacts,
  canLookUp: areBeacons,
  factsOf,
  join: 'LEFT JOIN facts ON facts.Beacon = hunted.rowid',
};
