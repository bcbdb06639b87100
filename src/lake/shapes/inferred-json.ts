import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteString } from '../../dialect/duckdb/quote.ts';
import { describe } from '../describe.ts';
import { quotePaths } from '../find/paths.ts';
import type { SniffedFile } from '../find/sniff.ts';
import type { FileGroup } from '../group.ts';
import { alike } from './alike.ts';
import { flatShape } from './flat.ts';

/** JSON of a table that no contract describes: DuckDB infers its columns, from every record of every file. */
export async function inferredGroups(
  connection: DuckDBConnection,
  files: readonly SniffedFile[],
): Promise<FileGroup[]> {
  const groups: FileGroup[] = [];
  for (const group of alike(files, ({ layout }) => layout))
    groups.push(await inferredGroup(connection, group));
  return groups;
}

async function inferredGroup(
  connection: DuckDBConnection,
  group: readonly SniffedFile[],
): Promise<FileGroup> {
  const files = group.map(({ file }) => file);
  const relation = `read_json(${[
    quotePaths(files),
    `format = ${quoteString(group[0]!.layout)}`,
    'union_by_name = true',
    'sample_size = -1',
    'map_inference_threshold = -1',
    'hive_partitioning = false',
  ].join(', ')})`;
  const columns = await describe(connection, relation);
  return { files, shape: flatShape(columns.map(({ name }) => name)), relation, columns, text: false };
}
