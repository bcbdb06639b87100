import type { DuckDBConnection } from '@duckdb/node-api';
import { macroText } from '../../dialect/duckdb/macro-text.ts';
import { quoteString } from '../../dialect/duckdb/quote.ts';
import { all, type Bindings } from '../../engine/run.ts';
import { LakeError, UsageError } from '../../error.ts';
import type { Lake } from '../../lake/lake.ts';
import { areBeacons, BEACON_RULES } from './suppress-beacons.ts';
import { conditionOf, type RulesOn } from './suppress-conditions.ts';
import { FACTS_TABLES, FINDING_RULES } from './suppress-findings.ts';
import { isExpired, type SuppressionRule } from './suppressions.ts';

/** What the conditions of rules are written with. */
const MACROS = ['address_class', 'process_identity', '../beacon/destination'];

/** Rises when the same rules judge the same findings otherwise, so that a batch judges anew what it keeps. */
export const JUDGING = 2;

/** What rules did to the findings of a hunt. */
export interface SuppressionReport {
  /** How many there were, before the rules. */
  readonly findings: number;
  /** How many of them some rule hides. */
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

/** A hunt's statement as rules judge its rows. */
export interface JudgedStatement {
  readonly sql: string;
  readonly bindings: Bindings;
  /** Columns by which rows are told apart, that the result does not have. */
  readonly besides?: readonly string[];
  /** Whether of rows that tell the same one is told. */
  readonly fold?: boolean;
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
  const asked = rules.some(({ match }) => FINDING_RULES.needsFacts(match));
  const facts = asked ? FACTS_TABLES.filter((table) => lake.tableNamed(table) !== undefined) : [];
  // Says which tables there are.
  if (asked && facts.length === 0) lake.files(FACTS_TABLES[0]!);
  return [...facts, ...(signed === undefined ? [] : [certificates])];
}

/**
 * Runs the hunt's statement on a connection that has its tables, and sorts out what the rules hide. Gives the SELECT
 * of what is left, in the order of the findings, and what each rule did.
 */
export async function suppress(
  connection: DuckDBConnection,
  hunt: JudgedStatement,
  { rules, now, show, makeTables }: SuppressionRequest,
): Promise<{ sql: string; report: SuppressionReport }> {
  // Before the hunt, which may take long, and of those that have expired as well.
  for (const rule of rules) await checkPatterns(connection, rule);
  await all(connection, `CREATE OR REPLACE TEMP TABLE hunted AS\n${hunt.sql}`, hunt.bindings);
  const columns = await columnsOf(connection, 'hunted');
  const live = rules.filter((rule) => !isExpired(rule, now));
  for (const macro of MACROS) await connection.run(macroText(macro));
  const { by, join } = await verdict(connection, live, columns, hunt.bindings.values, makeTables);
  await connection.run(
    `CREATE OR REPLACE TEMP TABLE judged AS\nSELECT hunted.*, hunted.rowid AS Place, ${by} AS SuppressedBy\nFROM hunted ${join}`,
  );
  const fold = hunt.fold ? kindOf(columns).fold?.() : undefined;
  if (fold !== undefined) await all(connection, fold, { values: { fold_keys: true }, types: {} });
  const besides = ['Place', ...(hunt.besides ?? []), ...(show ? [] : ['SuppressedBy'])].join(', ');
  const kept = show ? '' : " WHERE SuppressedBy = ''";
  return {
    sql: `SELECT * EXCLUDE (${besides}) FROM judged${kept} ORDER BY Place`,
    report: await reportOf(connection, rules, now),
  };
}

/** What the rules did to what is in `judged`. */
async function reportOf(
  connection: DuckDBConnection,
  rules: readonly SuppressionRule[],
  now: Date,
): Promise<SuppressionReport> {
  const counts = await all(connection, 'SELECT SuppressedBy, count(*) AS n FROM judged GROUP BY ALL');
  const hidden = new Map(counts.map((row) => [String(row.SuppressedBy), Number(row.n)]));
  const findings = [...hidden.values()].reduce((sum, each) => sum + each, 0);
  return {
    findings,
    suppressed: findings - (hidden.get('') ?? 0),
    rules: rules.map((rule) => ({
      rule,
      hidden: hidden.get(rule.name) ?? 0,
      expired: isExpired(rule, now),
    })),
  };
}

/** The columns of a table or view; none where there is none. */
async function columnsOf(connection: DuckDBConnection, table: string): Promise<ReadonlySet<string>> {
  const sql = `SELECT column_name FROM duckdb_columns() WHERE table_name = ${quoteString(table)}`;
  return new Set((await all(connection, sql)).map(({ column_name }) => String(column_name)));
}

function kindOf(columns: ReadonlySet<string>): RulesOn {
  return areBeacons(columns) ? BEACON_RULES : FINDING_RULES;
}

/** Which rule hides a finding, '' for none, as SQL over `hunted` and what must be joined to it. */
async function verdict(
  connection: DuckDBConnection,
  rules: readonly SuppressionRule[],
  columns: ReadonlySet<string>,
  values: Bindings['values'],
  makeTables: SuppressionRequest['makeTables'],
): Promise<{ by: string; join: string }> {
  const on = kindOf(columns);
  if (on.prepare !== undefined) {
    const connections = await columnsOf(connection, 'DeviceNetworkEvents');
    const asked = rules.map(({ match }) => match);
    await connection.run(on.prepare(asked, columns, connections, values));
  }
  const open = on.canLookUp(columns) ? openToRules(rules, on, columns) : 'false';
  const [undecided] = await all(connection, `SELECT count(*) > 0 AS any FROM hunted WHERE ${open}`);
  const facts = undecided!.any === true;
  if (facts) {
    const signers = rules.some(({ match }) => match.signer !== undefined);
    const prefix = (await makeTables?.()) ?? '';
    const there = await all(connection, 'SELECT view_name FROM duckdb_views() WHERE NOT internal');
    const tables = new Set(
      there
        .map(({ view_name }) => String(view_name))
        .filter((name) => name.startsWith(prefix))
        .map((name) => name.slice(prefix.length)),
    );
    await connection.run(on.factsOf(columns, { open, signers, prefix, tables }));
  }
  const cases = rules.map(
    ({ match, name }) =>
      `WHEN ${conditionOf(match, on.conditions, columns, facts)} THEN ${quoteString(name)}`,
  );
  return {
    by: cases.length === 0 ? "''" : `CASE\n${cases.join('\n')}\nELSE '' END`,
    join: facts ? on.join : '',
  };
}

/** The condition that a rule would hide a finding if only what its row does not say were right. */
function openToRules(
  rules: readonly SuppressionRule[],
  { needsFacts, conditions }: RulesOn,
  columns: ReadonlySet<string>,
): string {
  const open = rules.flatMap(({ match }) => {
    if (!needsFacts(match)) return [];
    const said = Object.entries(match).filter(([key, values]) => !needsFacts({ [key]: values }));
    return said.length === 0
      ? 'true'
      : `(${conditionOf(Object.fromEntries(said), conditions, columns, false)})`;
  });
  return open.length === 0 ? 'false' : open.join(' OR ');
}

async function checkPatterns(
  connection: DuckDBConnection,
  { match, name, at, commandsAt }: SuppressionRule,
): Promise<void> {
  for (const [item, pattern] of (match.command ?? []).entries()) {
    try {
      await connection.run('SELECT regexp_matches($text, $pattern)', { text: 'x', pattern });
    } catch (cause) {
      throw new UsageError(
        `${commandsAt?.[item] ?? at}: rule ${name}: command '${pattern}' is no pattern: ${(cause as Error).message.split('\n', 1)[0]!.replace(/^[A-Z][A-Za-z ]* Error: /, '')}`,
        { cause },
      );
    }
  }
}
