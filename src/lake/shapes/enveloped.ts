import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import type { Keys, SniffedFile } from '../find/sniff.ts';
import { readJson } from '../json/json-read.ts';
import type { Contract } from '../tables/contract.ts';

/** Members that hold the rows in what an API answers, and those that may stand beside them. */
const ROWS = /^(value|results)$/i;
const BESIDE = /^(@odata\..*|nextLink|schema|stats)$/i;

/**
 * The member that holds a table's rows, where a file is what an API has answered rather than rows: `{"value": [row, …]}` of
 * OData, `{"Schema": …, "Results": [row, …]}` of advanced hunting. Undefined wherever it could be anything else.
 * https://learn.microsoft.com/graph/api/security-security-runhuntingquery
 */
export async function envelopeOf(
  connection: DuckDBConnection,
  contract: Contract,
  file: SniffedFile,
  keys: Keys,
): Promise<string | undefined> {
  const columns = new Set(contract.columns.map(({ name }) => name.toLowerCase()));
  const [member, ...others] = [...keys].filter((key) => ROWS.test(key));
  if (member === undefined || others.length > 0) return undefined;
  const strange = [...keys].some(
    (key) => columns.has(key.toLowerCase()) || (key !== member && !BESIDE.test(key)),
  );
  if (strange) return undefined;
  const list = quoteIdentifier(member);
  const read = readJson([file], [{ name: member, type: 'JSON' }]);
  const result = await connection.run(
    `SELECT count(*) FROM ${read} WHERE (${list} = '[]' OR starts_with(${list}, '[{')) IS NOT TRUE`,
  );
  return Number((await result.getRows())[0]![0]) === 0 ? member : undefined;
}
