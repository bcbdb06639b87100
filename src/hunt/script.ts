import { macroText } from '../dialect/duckdb/macro-text.ts';
import { quoteIdentifier, quoteString } from '../dialect/duckdb/quote.ts';
import { CARRIER } from '../lake/convert.ts';
import { contractOf } from '../lake/tables/contract.ts';
import type { KqlType } from '../schema/kql-types.ts';
import type { Detection } from './detection/detection.ts';
import type { ParameterType, ParameterValue, ParameterValues } from './parameters.ts';
import { instantText, timespanUnits } from './time.ts';

/** The views of a script: by table the SELECT that gives it, and the macros that these are written with. */
export interface ScriptViews {
  readonly select: Readonly<Record<string, string>>;
  readonly macros: readonly string[];
}

/**
 * A detection as a script that runs pasted into any DuckDB shell: its parameters as variables, its tables as
 * views, its macros, its statement. https://duckdb.org/docs/stable/sql/statements/set_variable
 *
 * @param views for each table the SELECT that gives it, and the macros that these need; left out, views over Parquet files below a folder that
 *   the script's first line names
 * @param recorded whether the lake has the optional columns that the detection asks about, by parameter name
 */
export function detectionScript(
  detection: Detection,
  values: ParameterValues,
  views?: ScriptViews,
  recorded?: Readonly<Record<string, boolean>>,
): string {
  const lines = [
    `-- ${detection.title} (${detection.technique.id}), for any DuckDB shell of version 1.5 or later.`,
  ];
  lines.push("SET TimeZone = 'UTC';");
  if (views === undefined)
    lines.push(
      '',
      '-- The folder that holds the telemetry, one folder per table.',
      "SET VARIABLE lake = 'lake';",
    );
  for (const macro of views?.macros ?? []) lines.push('', macroText(macro).trimEnd());
  lines.push('', ...viewStatements(detection, views?.select), '');
  for (const { name, type, description } of detection.parameters) {
    lines.push(
      `-- ${description}`,
      `SET VARIABLE ${quoteIdentifier(name)} = ${parameterLiteral(type, values[name] ?? null)};`,
    );
  }
  lines.push('', ...recordedStatements(detection, recorded), '');
  for (const macro of detection.macros) lines.push(macroText(macro).trimEnd(), '');
  lines.push(`${withVariables(detection.sql).trimEnd()};`);
  return `${lines.join('\n')}\n`;
}

/** `$name` as the variable of that name; a `$` inside a string literal or a comment is not in our statements. */
function withVariables(sql: string): string {
  return sql.replace(/\$(\w+)/g, (_, name: string) => `getvariable(${quoteString(name)})`);
}

function viewStatements(detection: Detection, views: Readonly<Record<string, string>> | undefined): string[] {
  return Object.entries(detection.tables).flatMap(([table, columns]) => {
    const select = views?.[table] ?? overParquet(table, columns);
    return [`CREATE OR REPLACE TEMP VIEW ${quoteIdentifier(table)} AS`, `${select};`, ''];
  });
}

/** KQL's strings have no null; a column that the files may lack is typed and empty. */
function overParquet(table: string, columns: readonly string[]): string {
  const known = columns.map((name) => ({ name, ...contractColumn(table, name) }));
  const outputs = known.map(({ name, type }) =>
    type !== 'string' ? `  ${name}` : `  coalesce(${name}, '') AS ${name}`,
  );
  const absent = known
    .filter(({ required }) => !required)
    .map(({ name, type }) => `NULL::${CARRIER[type]} AS ${name}`);
  const files = `  SELECT * FROM ${readParquet(table)}`;
  const union =
    absent.length === 0
      ? [files]
      : [files, '  UNION ALL BY NAME', `  SELECT ${absent.join(', ')} WHERE false`];
  return ['SELECT', outputs.join(',\n'), 'FROM (', ...union, ')'].join('\n');
}

/** A column that no contract names is read as text. */
function contractColumn(table: string, name: string): { type: KqlType; required: boolean } {
  const column = contractOf(table)?.columns.find((each) => each.name === name);
  return { type: column?.type ?? 'string', required: column?.required ?? true };
}

function readParquet(table: string): string {
  return `read_parquet(getvariable('lake') || ${quoteString(`/${table}/**/*.parquet`)}, union_by_name = true)`;
}

function recordedStatements(
  detection: Detection,
  recorded: Readonly<Record<string, boolean>> | undefined,
): string[] {
  return Object.entries(detection.recorded).map(([name, path]) => {
    const [table, column] = path.split('.') as [string, string];
    const value =
      recorded?.[name] ??
      `(SELECT count(*) > 0 FROM (DESCRIBE FROM ${readParquet(table)}) WHERE column_name = ${quoteString(column)})`;
    return `SET VARIABLE ${name} = ${value};`;
  });
}

/** A parameter's value as SQL. */
export function parameterLiteral(type: ParameterType, value: ParameterValue): string {
  switch (type) {
    case 'list of string':
      return `[${(value as string[]).map(quoteString).join(', ')}]::VARCHAR[]`;
    case 'list of int':
      return `[${(value as bigint[]).join(', ')}]::INTEGER[]`;
    case 'datetime':
      return value === null ? 'NULL::TIMESTAMP' : `TIMESTAMP ${quoteString(instantText(value as bigint))}`;
    case 'timespan':
      return value === null ? 'NULL::INTERVAL' : `INTERVAL ${quoteString(timespanUnits(value as bigint))}`;
    case 'string':
      return value === null ? 'NULL::VARCHAR' : quoteString(String(value));
    case 'int':
    case 'long':
    case 'real':
    case 'bool':
      return String(value);
    default:
      return type satisfies never;
  }
}
