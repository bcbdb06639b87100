import type { DuckDBConnection } from '@duckdb/node-api';
import type { Table as ArrowTable } from 'apache-arrow';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { NOTHING } from '../convert.ts';
import { describe } from '../describe.ts';
import type { LakeFile } from '../formats.ts';
import type { FileGroup } from '../group.ts';
import { flatShape } from '../shapes/flat.ts';

/** Makes where Arrow data lies, once for a lake: two runs at once that made it would conflict. */
export async function makeArrowSchema(connection: DuckDBConnection): Promise<void> {
  await connection.run('CREATE SCHEMA arrow');
}

/**
 * Arrow data, copied column by column into tables of the engine (which spill like any other), one per file,
 * since Arrow files carry their own schemas. Where the table is read again, without a file that cannot be read,
 * so are these. apache-arrow is loaded only when there is some.
 */
export async function arrowGroups(
  connection: DuckDBConnection,
  table: string,
  files: readonly LakeFile[],
  inMemory: ArrowTable | undefined,
): Promise<FileGroup[]> {
  if (files.length === 0 && inMemory === undefined) return [];
  const { appendArrow, nullFields, readArrowFile } = await import('./arrow.ts');
  const groups: FileGroup[] = [];
  if (inMemory !== undefined) {
    const relation = `arrow.${quoteIdentifier(table)}`;
    await connection.run(`DROP TABLE IF EXISTS ${relation}`);
    await appendArrow(connection, relation, inMemory.schema, inMemory.batches);
    groups.push(await group(connection, relation, nullFields(inMemory.schema), []));
  }
  for (const file of files) {
    const relation = `arrow.${quoteIdentifier(`${table} ${file.path}`)}`;
    await connection.run(`DROP TABLE IF EXISTS ${relation}`);
    const { schema, batches } = await readArrowFile(file.path);
    await appendArrow(connection, relation, schema, batches, { file: file.path });
    groups.push(await group(connection, relation, nullFields(schema), [file]));
  }
  return groups;
}

/** The columns of such a table. A field of Arrow's type Null, as writers give one that has no value, is of any type. */
async function group(
  connection: DuckDBConnection,
  relation: string,
  nulls: readonly boolean[],
  files: readonly LakeFile[],
): Promise<FileGroup> {
  const described = await describe(connection, relation);
  const columns = described.map(({ name, type }, index) =>
    nulls[index] ? { name, type: NOTHING } : { name, type },
  );
  return { files, shape: flatShape(columns.map((column) => column.name)), relation, columns, text: false };
}
