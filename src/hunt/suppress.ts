import type { DuckDBConnection } from '@duckdb/node-api';
import { macroText } from '../dialect/duckdb/macro-text.ts';
import { quoteString } from '../dialect/duckdb/quote.ts';
import { all, type Bindings } from '../engine/run.ts';
import { LakeError, UsageError } from '../error.ts';
import type { Lake } from '../lake/lake.ts';
import {
  areBeacons,
  BEACON_CONDITIONS,
  BEACON_FACTS,
  beaconNeedsFacts,
  lookUpBeaconFacts,
} from './suppress-beacons.ts';
import { conditionOf } from './suppress-conditions.ts';
import {
  canLookUp,
  FINDING_CONDITIONS,
  FINDING_FACTS,
  lookUpFacts,
  needsFacts,
} from './suppress-findings.ts';
import { isExpired, type SuppressionRule } from './suppressions.ts';

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
  { rules, now, show }: SuppressionRequest,
): Promise<{ sql: string; report: SuppressionReport }> {
  await all(connection, `CREATE OR REPLACE TEMP TABLE hunted AS\n${hunt.sql}`, hunt.bindings);
  const columns = new Set((await all(connection, 'DESCRIBE hunted')).map((row) => String(row.column_name)));
  const live = rules.filter((rule) => !isExpired(rule, now));
  await connection.run(macroText('address_class'));
  for (const rule of live) await checkPatterns(connection, rule);
  const { by, join } = await verdict(connection, live, columns);
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

/** Which rule hides a finding, '' for none, as SQL over `hunted` and what must be joined to it. */
async function verdict(
  connection: DuckDBConnection,
  rules: readonly SuppressionRule[],
  columns: ReadonlySet<string>,
): Promise<{ by: string; join: string }> {
  const beacons = areBeacons(columns);
  const needs = beacons ? beaconNeedsFacts : needsFacts;
  const facts = rules.some(({ match }) => needs(match)) && (beacons || canLookUp(columns));
  const signers = rules.some(({ match }) => match.signer !== undefined);
  if (facts)
    await (beacons ? lookUpBeaconFacts(connection, signers) : lookUpFacts(connection, columns, signers));
  const conditions = beacons ? BEACON_CONDITIONS : FINDING_CONDITIONS;
  const cases = rules.map(
    ({ match, name }) => `WHEN ${conditionOf(match, conditions, columns, facts)} THEN ${quoteString(name)}`,
  );
  return {
    by: cases.length === 0 ? "''" : `CASE\n${cases.join('\n')}\nELSE '' END`,
    join: facts ? (beacons ? BEACON_FACTS : FINDING_FACTS) : '',
  };
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
        `${commandsAt?.[item] ?? at}: rule ${name}: command '${pattern}' is no pattern: ${(cause as Error).message.split('\n', 1)[0]}`,
        { cause },
      );
    }
  }
}
