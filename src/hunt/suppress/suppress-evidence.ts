import type { DuckDBConnection } from '@duckdb/node-api';
import { all, type Bindings } from '../../engine/run.ts';
import type { SuppressionRequest } from './suppress.ts';

/**
 * Leaves out, or marks, the evidence that lies behind suppressed findings only; the findings have been judged on this
 * connection. Evidence of which no finding is known to be suppressed stays. Gives the SELECT of what is left, in order.
 *
 * @param group the columns by which evidence belongs to a finding
 * @param besides those that the result does not have
 */
export async function suppressEvidence(
  connection: DuckDBConnection,
  evidence: { readonly sql: string; readonly bindings: Bindings },
  {
    show,
    group,
    besides,
  }: Pick<SuppressionRequest, 'show'> & {
    readonly group: readonly string[];
    readonly besides: readonly string[];
  },
): Promise<string> {
  await all(connection, `CREATE OR REPLACE TEMP TABLE evidence AS\n${evidence.sql}`, evidence.bindings);
  const same = group.map((name) => `evidence.${name} IS NOT DISTINCT FROM verdicts.${name}`);
  // The least of several verdicts is that of a finding which no rule hides, if there is one.
  await connection.run(`CREATE OR REPLACE TEMP TABLE verdicts AS
SELECT ${group.join(', ')}, min(SuppressedBy) AS SuppressedBy
FROM judged
GROUP BY ALL`);
  const own = besides.length === 0 ? 'evidence.*' : `evidence.* EXCLUDE (${besides.join(', ')})`;
  const columns = show ? `${own}, coalesce(SuppressedBy, '') AS SuppressedBy` : own;
  const kept = show ? '' : "\nWHERE coalesce(SuppressedBy, '') = ''";
  return `SELECT ${columns}
FROM evidence
LEFT JOIN verdicts ON ${same.join(' AND ')}${kept}
ORDER BY evidence.rowid`;
}
