import type { DuckDBConnection } from '@duckdb/node-api';
import { macroText } from '../dialect/duckdb/macro-text.ts';
import { quoteString, quoteStrings } from '../dialect/duckdb/quote.ts';
import { all, type Bindings } from '../engine/run.ts';
import { LakeError, UsageError } from '../error.ts';
import type { Lake } from '../lake/lake.ts';
import { parseCidr } from './cidr.ts';
import { isExpired, type SuppressionMatch, type SuppressionRule } from './suppressions.ts';

/** What rules did to the findings of a hunt. */
export interface SuppressionReport {
  readonly findings: number;
  readonly suppressed: number;
  /** By rule, in the file's order: how many findings it hid. */
  readonly rules: readonly {
    readonly rule: SuppressionRule;
    readonly hidden: number;
    readonly expired: boolean;
  }[];
}

export interface SuppressionRequest {
  readonly rules: readonly SuppressionRule[];
  /** Today, against which rules expire. */
  readonly now: Date;
  /** Keep what is suppressed, and say by which rule, instead of leaving it out. */
  readonly show?: boolean | undefined;
  /**
   * Makes the tables that the rules look into, if they do, and gives what the tables' names begin with; without it
   * they are there under their own names.
   */
  readonly makeTables?: (() => Promise<string>) | undefined;
}

/** Tables besides the detection's own that the rules need; throws where the lake lacks one that a rule cannot do without. */
export function tablesForRules(lake: Lake, rules: readonly SuppressionRule[]): string[] {
  const signed = rules.find(({ match }) => match.signer !== undefined);
  const certificates = 'DeviceFileCertificateInfo';
  if (signed !== undefined && lake.tableNamed(certificates) === undefined) {
    throw new LakeError(
      `${signed.at}: rule ${signed.name} names a signer, and the lake has no ${certificates}`,
      {
        hint: 'a company name in a file can be forged: add the table, or match by hash or path',
      },
    );
  }
  const facts = rules.some(({ match }) => needsFacts(match)) ? ['DeviceNetworkEvents'] : [];
  return [...facts, ...(signed === undefined ? [] : [certificates])];
}

/**
 * Runs the hunt's statement on a connection that has its tables, and sorts out what the rules hide. Gives the SELECT
 * of what is left, in the order of the findings, and what each rule did.
 */
export async function suppress(
  connection: DuckDBConnection,
  hunt: { readonly sql: string; readonly bindings: Bindings },
  { rules, now, show, makeTables }: SuppressionRequest,
): Promise<{ sql: string; report: SuppressionReport }> {
  await all(connection, `CREATE OR REPLACE TEMP TABLE hunted AS\n${hunt.sql}`, hunt.bindings);
  const columns = new Set((await all(connection, 'DESCRIBE hunted')).map((row) => String(row.column_name)));
  const live = rules.filter((rule) => !isExpired(rule, now));
  await connection.run(macroText('address_class'));
  for (const rule of live) await checkPatterns(connection, rule);
  const open = canLookUp(columns) ? openToRules(live, columns) : 'false';
  const [undecided] = await all(connection, `SELECT count(*) > 0 AS any FROM hunted WHERE ${open}`);
  const withFacts = undecided!.any === true;
  if (withFacts) {
    const signers = live.some(({ match }) => match.signer !== undefined);
    await lookUpFacts(connection, columns, { open, signers, prefix: (await makeTables?.()) ?? '' });
  }
  const cases = live.map(
    (rule) => `WHEN ${condition(rule.match, columns, withFacts)} THEN ${quoteString(rule.name)}`,
  );
  const by = cases.length === 0 ? "''" : `CASE\n${cases.join('\n')}\nELSE '' END`;
  const join = withFacts ? `LEFT JOIN facts USING (${Object.keys(KEYS).join(', ')})` : '';
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE judged AS\nSELECT hunted.*, hunted.rowid AS Place, ${by} AS SuppressedBy\nFROM hunted ${join}`,
  );
  const counts = await all(connection, 'SELECT SuppressedBy, count(*) AS n FROM judged GROUP BY ALL');
  const hidden = new Map(counts.map((row) => [String(row.SuppressedBy), Number(row.n)]));
  const findings = [...hidden.values()].reduce((sum, each) => sum + each, 0);
  const left = show
    ? 'SELECT * EXCLUDE (Place) FROM judged ORDER BY Place'
    : "SELECT * EXCLUDE (Place, SuppressedBy) FROM judged WHERE SuppressedBy = '' ORDER BY Place";
  return {
    sql: left,
    report: {
      findings,
      suppressed: findings - (hidden.get('') ?? 0),
      rules: rules.map((rule) => ({
        rule,
        hidden: hidden.get(rule.name) ?? 0,
        expired: isExpired(rule, now),
      })),
    },
  };
}

/** The columns by which a finding's events are found again. */
const KEYS = {
  DeviceName: 'DeviceName',
  ProcessName: 'InitiatingProcessFileName',
  ProcessCmd: 'InitiatingProcessCommandLine',
  AccountName: 'InitiatingProcessAccountName',
  ProcessSHA256: 'InitiatingProcessSHA256',
};

function canLookUp(columns: ReadonlySet<string>): boolean {
  return Object.keys(KEYS).every((name) => columns.has(name));
}

/** The condition that a rule would hide a finding if only what its row does not say were right. */
function openToRules(live: readonly SuppressionRule[], columns: ReadonlySet<string>): string {
  const open = live.flatMap(({ match }) => {
    if (!needsFacts(match)) return [];
    const said = Object.entries(match).filter(([key, values]) => !needsFacts({ [key]: values }));
    return said.length === 0 ? 'true' : `(${condition(Object.fromEntries(said), columns, false)})`;
  });
  return open.length === 0 ? 'false' : open.join(' OR ');
}

/** What the findings' rows do not say of their processes: paths, SHA-1, destinations by name, signers. */
async function lookUpFacts(
  connection: DuckDBConnection,
  columns: ReadonlySet<string>,
  { open, signers, prefix }: { readonly open: string; readonly signers: boolean; readonly prefix: string },
): Promise<void> {
  const keys = Object.entries(KEYS).map(([name, column]) => `${column} AS ${name}`);
  const names = Object.keys(KEYS).join(', ');
  const destinations = columns.has('RemoteIPs')
    ? `list(DISTINCT {ip: RemoteIP, host: lower(regexp_extract(RemoteUrl, '^(?:[a-z]+://)?([^/:]+)', 1))})
       FILTER (WHERE list_contains(RemoteIPs, RemoteIP))`
    : '[]';
  const signed = signers
    ? `SELECT lower(SHA1) AS SHA1, list(DISTINCT lower(Signer)) AS SignedBy FROM ${prefix}DeviceFileCertificateInfo
       WHERE IsSigned AND IsTrusted GROUP BY ALL`
    : "SELECT ''::VARCHAR AS SHA1, []::VARCHAR[] AS SignedBy WHERE false";
  await connection.run(`CREATE OR REPLACE TEMP TABLE facts AS
WITH events AS (
  SELECT ${keys.join(', ')}, RemoteIP, RemoteUrl,
    lower(InitiatingProcessFolderPath) AS Path, lower(InitiatingProcessSHA1) AS SHA1
  FROM ${prefix}DeviceNetworkEvents
),
signed AS (${signed})
SELECT
  ${names},
  list(DISTINCT Path) AS Paths,
  list(DISTINCT events.SHA1) AS Hashes,
  ${destinations} AS Destinations,
  list(DISTINCT SignedBy) AS Signers,
  bool_and(SignedBy IS NOT NULL) AS AllSigned
FROM events
JOIN (SELECT DISTINCT ${names}${columns.has('RemoteIPs') ? ', RemoteIPs' : ''} FROM hunted WHERE ${open}) AS found USING (${names})
LEFT JOIN signed ON events.SHA1 = signed.SHA1
GROUP BY ${names}`);
}

/** Whether a rule looks at what the findings' rows do not say, and the telemetry does. */
export function needsFacts({ path, signer, hash, destination = [] }: SuppressionMatch): boolean {
  const sha1 = hash?.some((each) => each.length === 40) ?? false;
  return path !== undefined || signer !== undefined || sha1 || destination.some((each) => !parseCidr(each));
}

function condition(match: SuppressionMatch, columns: ReadonlySet<string>, facts: boolean): string {
  const parts = Object.entries(match).map(([key, values]) =>
    CONDITIONS[key as keyof SuppressionMatch](values as readonly string[], columns, facts),
  );
  return parts.map((part) => `coalesce(${part}, false)`).join(' AND ');
}

type Condition = (values: readonly string[], columns: ReadonlySet<string>, facts: boolean) => string;

/** A column that is one of the values, in any casing; false for findings without the column. */
const oneOf =
  (column: string): Condition =>
  (values, columns) =>
    columns.has(column)
      ? `lower(${column}) IN ${quoteStrings(values.map((each) => each.toLowerCase()))}`
      : 'false';

/** Every item of a list, of which there is one at least. */
const every = (list: string, holds: string) =>
  `(len(${list}) > 0 AND len(list_filter(${list}, lambda x: NOT (${holds}))) = 0)`;

const CONDITIONS: Readonly<Record<keyof SuppressionMatch, Condition>> = {
  process: oneOf('ProcessName'),
  device: oneOf('DeviceName'),
  account: oneOf('AccountName'),
  path: (values, _, facts) =>
    facts
      ? every('Paths', values.map((each) => `x GLOB ${quoteString(globOf(each))}`).join(' OR '))
      : 'false',
  signer: (values, _, facts) =>
    facts
      ? `(AllSigned AND ${every('Signers', `list_has_any(x, ${quoteStrings(values.map((each) => each.toLowerCase()))})`)})`
      : 'false',
  hash: (values, columns, facts) => {
    const folded = quoteStrings(values.map((each) => each.toLowerCase()));
    const own = columns.has('ProcessSHA256') ? `lower(ProcessSHA256) IN ${folded}` : 'false';
    return facts ? `(${own} OR ${every('Hashes', `x IN ${folded}`)})` : own;
  },
  command: (values, columns) =>
    columns.has('ProcessCmd')
      ? `(${values.map((each) => `regexp_matches(ProcessCmd, ${quoteString(each)})`).join(' OR ')})`
      : 'false',
  port: (values, columns) =>
    columns.has('RemotePorts') ? every('RemotePorts', `x IN [${values.map(Number).join(', ')}]`) : 'false',
  destination: (values, columns, facts) => {
    if (!columns.has('RemoteIPs')) return 'false';
    const ranges = values.flatMap((each) => parseCidr(each) ?? []);
    const within = (ip: string) =>
      ranges.map(({ first, last }) => `address_hex(${ip}) BETWEEN '${first}' AND '${last}'`);
    const domains = values.filter((each) => parseCidr(each) === undefined).map((each) => each.toLowerCase());
    if (domains.length === 0) return every('RemoteIPs', within('x').join(' OR '));
    if (!facts) return 'false';
    const named = domains.map(
      (each) => `x.host = ${quoteString(each)} OR x.host LIKE ${quoteString(`%.${each}`)}`,
    );
    return every('Destinations', [...within('x.ip'), ...named].join(' OR '));
  },
};

/** The engine's glob knows ? and [ as well, which in a path are themselves. */
function globOf(path: string): string {
  return path
    .toLowerCase()
    .replace(/\\/g, '\\\\')
    .replace(/[?[]/g, (each) => `[${each}]`);
}

async function checkPatterns(
  connection: DuckDBConnection,
  { match, name, at }: SuppressionRule,
): Promise<void> {
  for (const pattern of match.command ?? []) {
    try {
      await connection.run('SELECT regexp_matches($text, $pattern)', { text: 'x', pattern });
    } catch (cause) {
      throw new UsageError(
        `${at}: rule ${name}: command '${pattern}' is no pattern: ${(cause as Error).message.split('\n', 1)[0]}`,
        { cause },
      );
    }
  }
}
