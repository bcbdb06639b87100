import { macroText } from '../dialect/duckdb/macro-text.ts';
import { all, type RunOptions } from '../engine/run.ts';
import type { Spool } from '../engine/spool.ts';
import type { Lake } from '../lake/lake.ts';
import { tablesOf } from './hunt-tables.ts';
import { groupOf } from './judged.ts';
import type { PreparedHunt } from './prepare.ts';
import {
  type SuppressionReport,
  type SuppressionRequest,
  suppress,
  tablesForRules,
} from './suppress/suppress.ts';
import { suppressEvidence } from './suppress/suppress-evidence.ts';

/** Runs a prepared hunt to its end. */
export async function runHunt(
  lake: Lake,
  hunt: PreparedHunt,
  options: RunOptions & { readonly suppressions?: SuppressionRequest | undefined } = {},
): Promise<{ spool: Spool; suppressed?: SuppressionReport | undefined }> {
  const { present, absent } = tablesOf(lake, hunt.detection);
  const { suppressions } = options;
  const more = suppressions === undefined ? [] : tablesForRules(lake, suppressions.rules);
  let suppressed: SuppressionReport | undefined;
  const { findings, evidence, besides } = hunt.judged;
  const spool = await lake.spool(
    [...new Set([...present, ...more])],
    hunt.bounds,
    async (connection) => {
      for (const sql of absent) await all(connection, sql);
      for (const macro of hunt.detection.macros) await all(connection, macroText(macro));
      if (suppressions === undefined) return { sql: hunt.sql, bindings: hunt.bindings };
      const fold = hunt.values.fold_keys === true;
      const { sql, report } = await suppress(connection, { ...findings, besides, fold }, suppressions);
      suppressed = report;
      if (evidence === undefined) return { sql };
      const group = groupOf(hunt.detection, hunt.values, besides);
      return { sql: await suppressEvidence(connection, evidence, { ...suppressions, group, besides }) };
    },
    // Rules look into the tables by themselves, and know no nulls.
    { ...options, nullStrings: suppressions === undefined ? hunt.detection.nullStrings : undefined },
  );
  return { spool, suppressed };
}
