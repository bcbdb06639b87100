import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteString } from '../../../dialect/duckdb/quote.ts';
import { all, type Bindings, type RunOptions } from '../../../engine/run.ts';
import type { Spool } from '../../../engine/spool.ts';
import { literalPath } from '../../../lake/find/paths.ts';
import type { Lake } from '../../../lake/lake.ts';
import { groupOf, judgedOf } from '../../judged.ts';
import { suppressEvidence } from '../../suppress/suppress-evidence.ts';
import { usedIn } from '../../values.ts';
import type { Hunted } from '../hunted.ts';
import { evidenceStatementOf, statementOf } from '../hunted.ts';
import type { EvidenceRecord } from '../state/manifest.ts';
import { store } from '../state/store.ts';
import type { WorkDirectory } from '../state/work-directory.ts';

/**
 * Finds what lies behind the findings that have just been found on this connection, and keeps it, in its own order. What
 * lies behind findings that rules hide is left out.
 */
export async function evidenceInto(
  connection: DuckDBConnection,
  work: WorkDirectory,
  name: string,
  { hunted, bindings, judged }: { hunted: Hunted; bindings: Bindings; judged: boolean },
  options: RunOptions,
): Promise<EvidenceRecord> {
  const { detection, values } = hunted;
  const own = evidenceStatementOf(hunted);
  const { evidence = own, besides } = judgedOf(detection, values, statementOf(hunted), own);
  const sql = judged ? evidence : own;
  const statement = { sql, bindings: usedIn(sql, bindings) };
  let select = 'FROM evidence ORDER BY rowid';
  if (judged)
    select = await suppressEvidence(connection, statement, {
      besides,
      group: groupOf(detection, values, besides),
    });
  else await all(connection, `CREATE TEMP TABLE evidence AS\n${statement.sql}`, statement.bindings, options);
  const { file, rows } = await store(connection, work, name, select, options);
  return { ...file, rows };
}

/** What was kept, in its order. */
export async function readEvidence(
  lake: Lake,
  work: WorkDirectory,
  { name }: EvidenceRecord,
): Promise<Spool> {
  const path = quoteString(literalPath(work.at(name)));
  return lake.spool([], {}, async () => ({
    sql: `SELECT * EXCLUDE (file_row_number)
FROM read_parquet(${path}, hive_partitioning = false, file_row_number = true)
ORDER BY file_row_number`,
  }));
}
