import { macroText } from '../../../dialect/duckdb/macro-text.ts';
import type { Detection, Strictness } from '../../detection/detection.ts';
import type { ParameterValue, ParameterValues } from '../../parameters.ts';

/** A parameter of a filter: how it is compared, and its value as JSON has it. */
export interface FilterParameter {
  readonly strictness: Strictness;
  readonly value: string | readonly string[] | null;
}

/** What an extraction keeps of its table: rows that fulfil a condition with these values. */
export interface Filter {
  readonly condition: string;
  /** The texts of the macros that the condition is written with; left out where there are none. */
  readonly macros?: readonly string[];
  readonly parameters: Readonly<Record<string, FilterParameter>>;
}

/**
 * The filter of a common table expression that a detection's header names, and the table that it reads: its WHERE
 * clause, as our SQL is laid out.
 */
export function filterOf(
  detection: Detection,
  values: ParameterValues,
  name: string,
): { readonly table: string; readonly filter: Filter } {
  const body = new RegExp(`^${name} AS (?:NOT MATERIALIZED )?\\(\\n([\\s\\S]*?)\\n\\)`, 'm').exec(
    detection.sql,
  )?.[1];
  const [, table, condition] =
    /^ {2}SELECT\n[\s\S]*?\n {2}FROM (\w+)\n {2}WHERE ([\s\S]+)$/.exec(body ?? '') ?? [];
  // What follows the WHERE clause would begin a line like it.
  if (
    table === undefined ||
    !Object.hasOwn(detection.tables, table) ||
    condition === undefined ||
    /\n {2}\S/.test(condition)
  )
    throw new TypeError(`${detection.id}: ${name} is no SELECT … FROM a table WHERE …`);
  const macros = detection.macros.filter((macro) => condition.includes(`${macro}(`)).map(macroText);
  const parameters = filterParameters(values, detection.extractions[name]!);
  return { table, filter: { condition, ...(macros.length === 0 ? {} : { macros }), parameters } };
}

function filterParameters(
  values: ParameterValues,
  compared: Readonly<Record<string, Strictness>>,
): Filter['parameters'] {
  return Object.fromEntries(
    Object.entries(compared).map(([name, strictness]) => [
      name,
      { strictness, value: asJson(values[name] ?? null) },
    ]),
  );
}

/** Lists in the order of their items: the order says nothing. */
function asJson(value: ParameterValue): FilterParameter['value'] {
  if (value === null) return null;
  return Array.isArray(value) ? [...new Set(value.map(String))].sort() : String(value);
}
