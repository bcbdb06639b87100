import { parseCidr } from './cidr.ts';
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
  within,
} from './suppress-conditions.ts';
import type { SuppressionMatch } from './suppressions.ts';

/** The columns by which a finding's events are found again. */
const KEYS = {
  DeviceName: 'DeviceName',
  ProcessName: 'InitiatingProcessFileName',
  ProcessCmd: 'InitiatingProcessCommandLine',
  AccountName: 'InitiatingProcessAccountName',
  ProcessSHA256: 'InitiatingProcessSHA256',
};

function needsFacts({ path, signer, hash, destination = [] }: SuppressionMatch): boolean {
  const sha1 = hash?.some((each) => each.length === 40) ?? false;
  return path !== undefined || signer !== undefined || sha1 || destination.some((each) => !parseCidr(each));
}

/** What the findings' rows do not say of their processes: paths, SHA-1, destinations by name, signers. */
function factsOf(columns: ReadonlySet<string>, asked: FactsAsked): string {
  const keys = Object.entries(KEYS).map(([name, column]) => `${column} AS ${name}`);
  const names = Object.keys(KEYS).join(', ');
  const destinations = columns.has('RemoteIPs')
    ? `list(DISTINCT {ip: RemoteIP, host: lower(regexp_extract(RemoteUrl, '^(?:[a-z]+://)?([^/:]+)', 1))})
       FILTER (WHERE list_contains(RemoteIPs, RemoteIP))`
    : '[]';
  const addresses = columns.has('RemoteIPs') ? ', RemoteIPs' : '';
  return `CREATE OR REPLACE TEMP TABLE facts AS
WITH events AS (
  SELECT ${keys.join(', ')}, RemoteIP, RemoteUrl,
    lower(InitiatingProcessFolderPath) AS Path, lower(InitiatingProcessSHA1) AS SHA1
  FROM ${asked.prefix}DeviceNetworkEvents
),
signed AS (${signersByHash(asked)})
SELECT
  ${names},
  list(DISTINCT Path) AS Paths,
  list(DISTINCT events.SHA1) AS Hashes,
  ${destinations} AS Destinations,
  list(DISTINCT SignedBy) AS Signers,
  bool_and(SignedBy IS NOT NULL) AS AllSigned
FROM events
JOIN (SELECT DISTINCT ${names}${addresses} FROM hunted WHERE ${asked.open}) AS found USING (${names})
LEFT JOIN signed ON events.SHA1 = signed.SHA1
GROUP BY ${names}`;
}

const CONDITIONS: Conditions = {
  process: oneOf('ProcessName'),
  device: oneOf('DeviceName'),
  account: oneOf('AccountName'),
  path: everyPath,
  signer: everySigner,
  hash: (values, columns, facts) => {
    const own = columns.has('ProcessSHA256') ? `lower(ProcessSHA256) IN ${folded(values)}` : 'false';
    return facts ? `(${own} OR ${every('Hashes', `x IN ${folded(values)}`)})` : own;
  },
  command: (values, columns) => (columns.has('ProcessCmd') ? anyPattern('ProcessCmd', values) : 'false'),
  port: (values, columns) =>
    columns.has('RemotePorts') ? every('RemotePorts', `x IN [${values.map(Number).join(', ')}]`) : 'false',
  destination: (values, columns, facts) => {
    if (!columns.has('RemoteIPs')) return 'false';
    const named = values.some((each) => parseCidr(each) === undefined);
    return named
      ? everyDestination(values, columns, facts)
      : every('RemoteIPs', within('x', values).join(' OR '));
  },
};

/** Rules on what detections find: a process, with lists of its addresses and ports. */
export const FINDING_RULES: RulesOn = {
  conditions: CONDITIONS,
  needsFacts,
  canLookUp: (columns) => Object.keys(KEYS).every((name) => columns.has(name)),
  factsOf,
  join: `LEFT JOIN facts USING (${Object.keys(KEYS).join(', ')})`,
};
