import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteStrings } from '../dialect/duckdb/quote.ts';
import type { LakeFile } from './formats.ts';
import type { FileGroup } from './group.ts';
import { describe } from './parquet.ts';
import { flatShape } from './shapes/flat.ts';

/** CSV files with a header line, grouped by their headers. Everything is read as text; the view parses, strictly. */
export async function csvGroups(
  connection: DuckDBConnection,
  files: readonly LakeFile[],
): Promise<FileGroup[]> {
  const alike = new Map<string, { files: LakeFile[]; columns: { name: string; type: string }[] }>();
  for (const file of files) {
    const columns = await describe(connection, readCsv([file]));
    const signature = JSON.stringify(columns);
    const group = alike.get(signature);
    if (group === undefined) alike.set(signature, { files: [file], columns });
    else group.files.push(file);
  }
  return [...alike.values()].map((group) => ({
    ...group,
    shape: flatShape(group.columns.map((column) => column.name)),
    relation: readCsv(group.files),
    text: true,
  }));
}

function readCsv(files: readonly LakeFile[]): string {
  const paths = quoteStrings(files.map((file) => file.path));
  return `read_csv(${paths}, header = true, all_varchar = true, hive_partitioning = false)`;
}
