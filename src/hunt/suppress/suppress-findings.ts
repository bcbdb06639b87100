import { quoteString } from '../../dialect/duckdb/quote.ts';
import type { Bindings } from '../../engine/run.ts';
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
  const names = Object.keys(KEYS).join(', ');
  const destinations = columns.has('RemoteIPs')
    ? `list(DISTINCT {ip: RemoteIP, host: beacon_domain(RemoteUrl)})
       FILTER (WHERE list_contains(RemoteIPs, RemoteIP))`
    : '[]';
  const addresses = columns.has('RemoteIPs') ? ', RemoteIPs' : '';
  return `CREATE OR REPLACE TEMP TABLE facts AS
WITH events AS (
${EVENTS.filter(({ table }) => asked.tables.has(table))
  .map(({ table, select }) => `${select}\n  FROM ${asked.prefix}${table}`)
  .join('\n  UNION ALL\n')}
),
signed AS (${signersByHash(asked)})
SELECT
  ${names},
  list(DISTINCT Path) FILTER (WHERE Path IS NOT NULL) AS Paths,
  list(DISTINCT events.SHA1) FILTER (WHERE events.SHA1 IS NOT NULL) AS Hashes,
  ${destinations} AS Destinations,
  list(DISTINCT SignedBy) FILTER (WHERE events.SHA1 IS NOT NULL) AS Signers,
  bool_and(SignedBy IS NOT NULL) FILTER (WHERE events.SHA1 IS NOT NULL) AS AllSigned
FROM events
JOIN (SELECT DISTINCT ${names}${addresses} FROM hunted WHERE ${asked.open}) AS found USING (${names})
LEFT JOIN signed ON events.SHA1 = signed.SHA1
GROUP BY ${names}`;
}

/**
 * The events that say of a process what its findings do not. One that connects must say its path and hash, or a rule does
 * not know it; its creation adds what it says, and is all there is of a process that never connected.
 */
const EVENTS = [
  {
    table: 'DeviceNetworkEvents',
    select: `  SELECT ${Object.entries(KEYS)
      .map(([name, column]) => `${column} AS ${name}`)
      .join(', ')}, RemoteIP, RemoteUrl,
    lower(InitiatingProcessFolderPath) AS Path, lower(InitiatingProcessSHA1) AS SHA1`,
  },
  {
    table: 'DeviceProcessEvents',
    select: `  SELECT DeviceName, FileName AS ProcessName, ProcessCommandLine AS ProcessCmd, AccountName, SHA256 AS ProcessSHA256,
    NULL AS RemoteIP, NULL AS RemoteUrl, nullif(lower(FolderPath), '') AS Path, nullif(lower(SHA1), '') AS SHA1`,
  },
] as const;

/** The tables that say more of a process than its findings. */
export const FACTS_TABLES: readonly string[] = EVENTS.map(({ table }) => table);

const everyPort = (values: readonly string[]) =>
  every('RemotePorts', `x IN [${values.map(Number).join(', ')}]`);

/**
 * The findings that no rule may hide by their ports: lists of ports hold those that are recorded, and the hunt's own tables
 * know of a connection to one of the finding's addresses that has none, of the kind that the hunt counts. It may be of another
 * process of the device; of the finding's own, events may describe the process in another way.
 */
function portlessOf(
  rules: readonly SuppressionMatch[],
  columns: ReadonlySet<string>,
  connections: ReadonlySet<string>,
  values: Bindings['values'],
): string {
  const asked = rules.flatMap(({ port }) => (port === undefined ? [] : everyPort(port)));
  const has = (names: string[], all: ReadonlySet<string>) => names.every((name) => all.has(name));
  const tells =
    has(['DeviceName', 'RemoteIPs', 'RemotePorts'], columns) &&
    has(['DeviceName', 'RemoteIP', 'RemotePort'], connections);
  return `CREATE OR REPLACE TEMP TABLE portless AS\n${
    asked.length === 0 || !tells
      ? 'SELECT 0::BIGINT AS Finding WHERE false'
      : `SELECT DISTINCT Finding
FROM (
  SELECT rowid AS Finding, lower(DeviceName) AS Device, unnest(RemoteIPs) AS RemoteIP
  FROM hunted
  WHERE ${asked.join(' OR ')}
) AS found
JOIN (
  SELECT lower(coalesce(DeviceName, '')) AS Device, coalesce(RemoteIP, '') AS RemoteIP
  FROM DeviceNetworkEvents
  WHERE ${['RemotePort IS NULL', ...countedBy(values, connections)].join(' AND ')}
) AS connections USING (Device, RemoteIP)`
  }`;
}

/** The parameters that say which connections a hunt counts, and the columns that they are compared with. */
const COUNTED = { action_type: 'ActionType', address_type: 'RemoteIPType' } as const;

function countedBy(values: Bindings['values'], connections: ReadonlySet<string>): string[] {
  return Object.entries(COUNTED).flatMap(([name, column]) => {
    const value = values[name];
    return typeof value === 'string' && connections.has(column) ? [`${column} = ${quoteString(value)}`] : [];
  });
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
    columns.has('RemotePorts') ? `(${everyPort(values)} AND hunted.rowid NOT IN (FROM portless))` : 'false',
  destination: (values, columns, facts) => {
    if (!columns.has('RemoteIPs')) return 'false';
    const blocks = within('x', values);
    if (values.every((each) => parseCidr(each) !== undefined)) return every('RemoteIPs', blocks.join(' OR '));
    if (!facts) return 'false';
    // An address of which no event was found again has no host that could be known.
    const known = 'list_contains(list_transform(Destinations, lambda known: known.ip), x)';
    const all = every('RemoteIPs', [...blocks, known].join(' OR '));
    return `(${everyDestination(values, columns, facts)} AND ${all})`;
  },
};

/** Rules on what detections find: a process, with lists of its addresses and ports. */
export const FINDING_RULES: RulesOn = {
  conditions: CONDITIONS,
  needsFacts,
  canLookUp: (columns) => Object.keys(KEYS).every((name) => columns.has(name)),
  factsOf,
  prepare: portlessOf,
  join: `LEFT JOIN facts USING (${Object.keys(KEYS).join(', ')})`,
};
