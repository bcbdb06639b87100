import type { DuckDBConnection } from '@duckdb/node-api';
import type { PhysicalColumn } from '../convert.ts';
import type { Keys, SniffedFile } from '../find/sniff.ts';
import type { FileGroup } from '../group.ts';
import { type Kinds, kindsOf, typeOfKinds } from '../json/json-kinds.ts';
import { readJson } from '../json/json-read.ts';
import { alike, spelledAlike } from './alike.ts';
import { readColumns, requireColumnNames, typedRelation } from './columns.ts';
import { flatShape } from './flat.ts';

/**
 * JSON of a table that no contract describes: a column for each key that any record has, of the kind that its values have in
 * all files. Kinds of scalars are told apart and no more, since Kusto keeps bags, and text of whatever form, as they are:
 * DuckDB's own inference makes `"12:30"` a TIME, and objects a STRUCT, which has members that none of them has.
 * `asWritten` makes a column dynamic, where its type is known already: declared, or text for being so in other files.
 */
export async function inferredGroups(
  connection: DuckDBConnection,
  files: readonly SniffedFile[],
  asWritten: (key: string) => boolean,
): Promise<FileGroup[]> {
  const kinds = await kindsOf(connection, files);
  const types = new Map<string, Kinds>();
  for (const [file, found] of kinds) {
    requireColumnNames(file, new Set(found.keys()));
    for (const [key, each] of found) types.set(key.toLowerCase(), (types.get(key.toLowerCase()) ?? 0) | each);
  }
  const typeOf = (key: string) => (asWritten(key) ? 'JSON' : typeOfKinds(types.get(key.toLowerCase())!));
  const keyed = files.map((file) => ({ file, keys: inOrder(file, kinds.get(file)!) }));
  return alike(keyed, ({ file, keys }) => `${file.layout} ${keys.size === 0}`)
    .flatMap((similar) => spelledAlike([], similar, ({ keys }) => keys))
    .map((group) => {
      const keys = new Set(group.flatMap((each) => [...each.keys]));
      const columns = [...keys].map((name) => ({ name, type: typeOf(name) }));
      return inferredGroup(
        group.map(({ file }) => file),
        columns,
      );
    });
}

/** Records without a key are rows too: `{}` is read whole, as a column that is called as DuckDB calls it. */
const KEYLESS: readonly PhysicalColumn[] = [{ name: 'json', type: 'JSON' }];

function inferredGroup(sniffed: readonly SniffedFile[], found: readonly PhysicalColumn[]): FileGroup {
  const keyless = found.length === 0;
  const columns = keyless ? KEYLESS : found;
  return {
    files: sniffed.map(({ file }) => file),
    shape: flatShape(columns.map(({ name }) => name)),
    relation: typedRelation(readJson(sniffed, readColumns(columns), { whole: keyless }), columns),
    columns,
    text: false,
  };
}

/** A file's keys: first those of its first records, as these have them, then what comes later by its name. */
function inOrder({ content }: SniffedFile, found: ReadonlyMap<string, Kinds>): Keys {
  const first = content.shape === 'rows' ? [...content.keys].filter((key) => found.has(key)) : [];
  return new Set([...first, ...found.keys()]);
}
