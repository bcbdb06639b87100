import { UsageError } from '../../error.ts';

/**
 * The one place where a name or a value becomes DuckDB SQL text.
 * https://duckdb.org/docs/stable/sql/dialect/keywords_and_identifiers
 */

/** A table, column or parameter name as a quoted identifier. Throws where it holds a NUL, which the parser takes for the query's end. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) {
    throw new UsageError(`the name ${JSON.stringify(name)} holds a NUL character, which no name in SQL can`, {
      hint: 'give it a name without \\u0000',
    });
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A string as a literal. DuckDB gives backslashes no meaning in plain literals; only the quote is doubled, and a NUL, which
 * would end the query, is written as chr(0).
 */
export function quoteString(value: string): string {
  if (value.includes('\0')) return `(${value.split('\0').map(quoteString).join(' || chr(0) || ')})`;
  return `'${value.replaceAll("'", "''")}'`;
}

/** Strings as a list literal. */
export function quoteStrings(values: readonly string[]): string {
  return `[${values.map(quoteString).join(', ')}]`;
}
