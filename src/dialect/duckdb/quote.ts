/**
 * The one place where a name or a value becomes DuckDB SQL text.
 * https://duckdb.org/docs/stable/sql/dialect/keywords_and_identifiers
 */

/** A table, column or parameter name as a quoted identifier. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string as a literal. DuckDB gives backslashes no meaning in plain literals; only the quote is doubled. */
export function quoteString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Strings as a list literal. */
export function quoteStrings(values: readonly string[]): string {
  return `[${values.map(quoteString).join(', ')}]`;
}
