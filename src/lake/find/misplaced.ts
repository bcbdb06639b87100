import { basename } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { LakeFile } from '../formats.ts';
import { documentedTable } from '../tables/contract.ts';
import { tableOfFile } from './name.ts';
import { sniff } from './sniff.ts';

/**
 * What to tell of a file that lies in a table's folder and speaks of another table: its name does, or some of its
 * first events, which the table does not get. `feeds` says whether a file feeds a table. Undefined where all is well.
 */
export async function misplaced(
  connection: DuckDBConnection,
  table: string,
  file: LakeFile,
  feeds: (table: string, file: LakeFile) => boolean,
): Promise<string | undefined> {
  if (!tableOfFile(file.key).documented) return undefined;
  const { table: named, documented } = tableOfFile(basename(file.key));
  if (documented && named !== table && !feeds(named, file)) {
    return `${file.path} is read as ${table}, by its folder: its name says ${named}`;
  }
  if (file.format !== 'json') return undefined;
  const { content } = await sniff(connection, file);
  if (content.shape !== 'streaming-api') return undefined;
  const other = [...content.keys.keys()]
    .map((category) => documentedTable(category) ?? category)
    .find((category) => category !== table && !feeds(category, file));
  if (other === undefined) return undefined;
  return `${file.path} holds events of ${other}, which are not read from the folder of ${table}: a file beside the tables' folders gives each event to its table`;
}
