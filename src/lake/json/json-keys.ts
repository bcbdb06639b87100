import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import type { Keys, SniffedFile } from '../find/sniff.ts';
import { alike } from '../shapes/alike.ts';
import { objectSize, readJson, structType } from './json-read.ts';

/** A file's keys by the category of its events; of rows, which have none, under `''`. Null are records without a category. */
export type KeysByCategory = ReadonlyMap<string | null, Keys>;

/**
 * The keys that all records of files have, each file's own. Its first records do not tell them: a later one may have more, or
 * spell them otherwise, and DuckDB would read nulls. Every file is gone through once, by the engine, together with those
 * of the same layout; values are not looked at.
 */
export async function keysOf(
  connection: DuckDBConnection,
  files: readonly SniffedFile[],
): Promise<ReadonlyMap<SniffedFile, KeysByCategory>> {
  const unknown = files.filter((file) => !known.has(file));
  for (const group of alike(
    unknown,
    ({ layout, wrapped, content }) => `${layout} ${wrapped} ${content.shape}`,
  )) {
    await lookUp(connection, group);
  }
  return new Map(files.map((file) => [file, known.get(file)!]));
}

/** Of what was found the keys of a file of rows. */
export function rowKeys(found: ReadonlyMap<SniffedFile, KeysByCategory>, file: SniffedFile): Keys {
  return found.get(file)?.get('') ?? new Set();
}

const known = new WeakMap<SniffedFile, KeysByCategory>();

async function lookUp(connection: DuckDBConnection, files: readonly SniffedFile[]): Promise<void> {
  const found = new Map(files.map((each) => [each.file.path, new Map<string | null, Set<string>>()]));
  const result = await connection.run(`
    SELECT filename, category, key
    FROM (
      SELECT filename, category, unnest(CASE WHEN cardinality(record) > 0 THEN map_keys(record) ELSE [NULL] END) AS key
      FROM (${await records(connection, files)})
    )
    GROUP BY ALL
    ORDER BY ALL`);
  for (const [file, category, key] of await result.getRows()) {
    const categories = found.get(String(file))!;
    const of = category === null ? null : String(category);
    const keys = categories.get(of) ?? new Set();
    if (key !== null) keys.add(String(key));
    categories.set(of, keys);
  }
  for (const each of files) known.set(each, found.get(each.file.path)!);
}

/** A map's values as "NULL" are passed over without being made anything: keys alone cost what parsing does. */
const KEYS = 'MAP(VARCHAR, "NULL")';

/** A SELECT of the files' records as maps, with the file and the category of each. */
async function records(connection: DuckDBConnection, files: readonly SniffedFile[]): Promise<string> {
  const { wrapped, content } = files[0]!;
  const events = content.shape === 'streaming-api';
  const event = [
    { name: 'category', type: 'VARCHAR' },
    { name: 'properties', type: KEYS },
  ];
  if (wrapped === undefined && !events) {
    const read = readJson(files, [{ name: 'record', type: KEYS }], { named: true, whole: true });
    return `SELECT filename, '' AS category, record FROM ${read}`;
  }
  if (wrapped === undefined) {
    return `SELECT filename, category, properties AS record FROM ${readJson(files, event, { named: true })}`;
  }
  const type = `${events ? structType(event) : KEYS}[]`;
  const size = await objectSize(connection, files);
  const read = readJson(files, [{ name: wrapped, type }], { size, named: true });
  const each = `SELECT filename, unnest(${quoteIdentifier(wrapped)}) AS record FROM ${read}`;
  return events
    ? `SELECT filename, record.category AS category, record.properties AS record FROM (${each})`
    : `SELECT filename, '' AS category, record FROM (${each})`;
}
