import { quoteIdentifier, quoteString } from '../../dialect/duckdb/quote.ts';
import type { LakeFile } from '../formats.ts';
import { hiveKeys } from './name.ts';

/**
 * The Hive keys in a file's path that become columns beside its own. Azure's diagnostic paths say `m=` for the month and for
 * the minute: such a key is none. A key never replaces a column that the file has.
 */
export function keyColumns(file: LakeFile, columns: readonly string[]): string[] {
  const taken = new Set(columns.map(folded));
  const keys = hiveKeys(file.key);
  const once = (key: string) => keys.filter((each) => folded(each) === folded(key)).length === 1;
  return keys.filter((key) => once(key) && !taken.has(folded(key)));
}

/** The option of the engine's readers that gives each row its file's path, as {@link withKeys} takes it. */
export const WITH_PATH = `filename = '(path)'`;

/** What a call that was given {@link WITH_PATH} reads, with the values of these keys, as text, in place of the path. */
export function withKeys(read: string, keys: readonly string[]): string {
  const values = keys.map((key) => {
    const value = `url_decode(regexp_extract("(path)", ${quoteString(`^.*[/\\\\]\\Q${key}\\E=([^/\\\\]*)[/\\\\]`)}, 1))`;
    return `nullif(${value}, '__HIVE_DEFAULT_PARTITION__') AS ${quoteIdentifier(key)}`;
  });
  return `(
  SELECT
    * EXCLUDE ("(path)"),
    ${values.join(',\n    ')}
  FROM ${read}
)`;
}

function folded(name: string): string {
  return name.toLowerCase();
}
