import { beaconStep } from '../beacon-steps.ts';
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
  SELECT rowid AS Beacon, Key, device_identity(DeviceId, DeviceName) AS Device
  FROM hunted
  WHERE ${asked.open}
),
of_devices AS (
  SELECT
    *,
    beacon_process_and_port(
      device_identity(DeviceId, DeviceName),
      InitiatingProcessUniqueId,
      InitiatingProcessId,
      InitiatingProcessCreationTime,
      InitiatingProcessFileName,
      RemotePort
    ) AS ProcessAndPort,
    beacon_domain(RemoteUrl) AS Host
  FROM ${asked.prefix}DeviceNetworkEvents
  WHERE device_identity(DeviceId, DeviceName) IN (SELECT Device FROM beacons)
),
connections AS (
  SELECT
    unnest([
      hash(ProcessAndPort, hash(RemoteIP)),
      hash(ProcessAndPort, hash(beacon_network(RemoteIP))),
      hash(ProcessAndPort, hash(Host))
    ]) AS Key,
    RemoteIP,
    Host,
    lower(InitiatingProcessFolderPath) AS Path,
    lower(InitiatingProcessSHA1) AS SHA1,
    lower(InitiatingProcessSHA256) AS SHA256,
    InitiatingProcessCommandLine AS Command
  FROM of_devices
),
signed AS (${signersByHash(asked)})
SELECT
  Beacon,
  list(DISTINCT Path) AS Paths,
  list(DISTINCT [connections.SHA1, SHA256]) AS Hashes,
  list(DISTINCT Command) AS Commands,
  list(DISTINCT {ip: RemoteIP, host: Host}) AS Destinations,
  list(DISTINCT SignedBy) AS Signers,
  bool_and(SignedBy IS NOT NULL) AS AllSigned
FROM connections
JOIN beacons USING (Key)
LEFT JOIN signed ON connections.SHA1 = signed.SHA1
GROUP BY Beacon`;
}

/** Of the keys that rules left, and of those that they hide, what says least is folded as it is without rules. */
const fold = () => `CREATE OR REPLACE TEMP TABLE judged AS
WITH scored AS (
  SELECT * EXCLUDE (FoldedKeys)
  FROM judged
),
nested_keys AS (
  SELECT
    wide.Key AS WideKey,
    wide.BeaconScore AS WideScore,
    address.Key AS AddressKey,
    address.BeaconScore AS AddressScore
  FROM (
    SELECT *, unnest(Within) AS WideKey
    FROM judged
  ) AS address
  JOIN judged AS wide ON wide.Key = address.WideKey
  WHERE (wide.SuppressedBy = '') = (address.SuppressedBy = '')
),
${beaconStep('folding')}
SELECT judged.* REPLACE (listed_keys.FoldedKeys AS FoldedKeys)
FROM judged
JOIN listed_keys USING (Key)`;

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

/** Rules on beacons, each key by itself: a process that talks to one destination, on one port. */
export const BEACON_RULES: RulesOn = {
  conditions: CONDITIONS,
  needsFacts,
  canLookUp: areBeacons,
  factsOf,
  join: 'LEFT JOIN facts ON facts.Beacon = hunted.rowid',
  fold,
};
