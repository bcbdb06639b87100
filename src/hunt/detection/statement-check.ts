import type { DuckDBConnection } from '@duckdb/node-api';
import { macroText } from '../../dialect/duckdb/macro-text.ts';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { all } from '../../engine/run.ts';
import { Session } from '../../engine/session.ts';
import { MerganserError } from '../../error.ts';
import { absent, CARRIER } from '../../lake/convert.ts';
import { oneQuery } from '../../lake/query.ts';
import { contractOf } from '../../lake/tables/contract.ts';
import { readUnfiltered } from '../batch/extract/compared.ts';
import { readClause } from '../batch/extract/filter.ts';
import { bindParameters, resolveParameters } from '../parameters.ts';
import { usedIn } from '../values.ts';
import type { Detection } from './detection.ts';
import { checkFinding } from './finding-check.ts';
import { detectionVariant, variantFile, variantsOf } from './variants.ts';

/**
 * What is wrong with a detection's statement, with what its header says of it, and with its variants. Statements are
 * prepared over tables that have the declared columns and no others, so that one they read and do not declare is found.
 */
export async function checkStatement(detection: Detection): Promise<string[]> {
  const session = await Session.open({ threads: 1 });
  try {
    const connection = await session.connect();
    for (const [table, columns] of Object.entries(detection.tables)) {
      await connection.run(`CREATE VIEW ${quoteIdentifier(table)} AS ${emptyTable(table, columns)}`);
    }
    for (const macro of detection.macros) await connection.run(macroText(macro));
    const columns = await columnsOf(connection, detection);
    if (typeof columns === 'string') return [columns];
    return [
      ...checkFinding(detection, columns),
      ...(await checkExtractions(connection, detection)),
      ...(await checkVariants(connection, detection)),
    ];
  } finally {
    await session.close();
  }
}

/** What the engine says of a statement that is wrong. */
async function wrongIn(connection: DuckDBConnection, sql: string): Promise<string | undefined> {
  try {
    await oneQuery(connection, sql);
    await connection.prepare(sql);
    return undefined;
  } catch (error) {
    return said(error);
  }
}

function said(error: unknown): string {
  return (error as Error).message.split('\n\n', 1)[0]!.replaceAll('\n', ' ');
}

/** The columns of the result, which are not known before the parameters are; what the engine says where it is wrong. */
async function columnsOf(
  connection: DuckDBConnection,
  { sql, parameters, recorded }: Detection,
): Promise<string[] | string> {
  const problem = await wrongIn(connection, sql);
  if (problem !== undefined) return problem;
  const without = Object.fromEntries(Object.keys(recorded).map((name) => [name, false]));
  const bindings = usedIn(sql, bindParameters(parameters, resolveParameters(parameters, []), without));
  try {
    const rows = await all(connection, `DESCRIBE ${sql}`, bindings);
    return rows.map((row) => String(row.column_name));
  } catch (error) {
    return said(error);
  }
}

function emptyTable(table: string, columns: readonly string[]): string {
  const types = new Map(contractOf(table)!.columns.map(({ name, type }) => [name, type]));
  const outputs = columns.map((name) => {
    const type = types.get(name)!;
    return `${absent(type)}::${CARRIER[type]} AS ${quoteIdentifier(name)}`;
  });
  return `SELECT ${outputs.join(', ')} WHERE false`;
}

/** Each condition is asked of its table alone, as a batch does: what its SELECT computes is not there then. */
async function checkExtractions(connection: DuckDBConnection, detection: Detection): Promise<string[]> {
  const names = Object.keys(detection.extractions);
  const clauses = names.map((name) => readClause(detection, name));
  const problems = clauses.filter((clause) => typeof clause === 'string');
  if (names.length === 0 || problems.length > 0) return problems;
  const tables: string[] = [];
  for (const [index, clause] of clauses.entries()) {
    if (typeof clause === 'string') continue;
    tables.push(clause.table);
    const sql = `SELECT 1 FROM (SELECT * FROM ${clause.table}) AS rows WHERE (${clause.condition})`;
    const problem = await wrongIn(connection, sql);
    if (problem !== undefined) {
      problems.push(`extractions.${names[index]}: its WHERE clause does not stand by itself: ${problem}`);
    }
  }
  return problems.length > 0 ? problems : readUnfiltered(detection, tables);
}

/** The variants beside it, each named by its file. */
async function checkVariants(connection: DuckDBConnection, detection: Detection): Promise<string[]> {
  const problems: string[] = [];
  for (const variant of variantsOf(detection)) {
    try {
      const problem = await wrongIn(connection, detectionVariant(detection, variant));
      if (problem !== undefined) problems.push(`${variantFile(detection, variant)}: ${problem}`);
    } catch (error) {
      if (!(error instanceof MerganserError)) throw error;
      problems.push(error.hint === undefined ? error.message : `${error.message}: ${error.hint}`);
    }
  }
  return problems;
}
