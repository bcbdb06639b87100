import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../../dialect/duckdb/quote.ts';
import { all } from '../../../engine/run.ts';
import type { Lake } from '../../../lake/lake.ts';
import { onceEach } from '../../../lake/view.ts';
import { tablesForRules } from '../../suppress/suppress.ts';
import type { SuppressionRule } from '../../suppress/suppressions.ts';
import { timeBounds } from '../../values.ts';
import type { InputFile, LookAt } from '../extract/input-file.ts';
import type { CorrelateRequest } from './correlate-request.ts';

/** What the names of the lake's own tables begin with where those of its slices have the plain names. */
const PREFIX = 'lake_';

/**
 * The files that the rules may look into: a finding's paths, SHA-1s, domains and signers are those of all events of its
 * process, which no slice holds. Throws where the lake lacks a table that a rule cannot do without.
 */
export async function filesForRules(
  lake: Lake,
  rules: readonly SuppressionRule[],
  look: LookAt,
): Promise<InputFile[]> {
  const tables = tablesForRules(lake, rules).filter((table) => lake.tableNamed(table) !== undefined);
  return [...(await look(tables.flatMap((table) => lake.files(table).map(({ path }) => path)))).values()];
}

/**
 * Runs work that judges findings by rules. What it is given makes the tables that the rules look into, over the lake and
 * between the bounds of the hunt, and gives what their names begin with; nothing is read where it is not called.
 */
export async function lookingUp<T>(
  connection: DuckDBConnection,
  { lake, rules = [], hunted, dedupe, signal, onLookUp }: CorrelateRequest,
  work: (makeTables: () => Promise<string>) => Promise<T>,
): Promise<T> {
  const tables = tablesForRules(lake, rules);
  const bounds = timeBounds(hunted.values);
  const makeTables = async () => {
    onLookUp(tables);
    for (const table of tables) {
      const { sql } =
        lake.tableNamed(table) === undefined ? lake.emptyView(table) : await lake.view(table, bounds);
      await all(
        connection,
        `CREATE OR REPLACE TEMP VIEW ${quoteIdentifier(PREFIX + table)} AS\n${dedupe ? onceEach(sql) : sql}`,
      );
    }
    return PREFIX;
  };
  return lake.reading(tables, () => work(makeTables), { signal });
}
