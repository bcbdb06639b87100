import { macroText } from '../../../dialect/duckdb/macro-text.ts';
import { UsageError } from '../../../error.ts';
import type { Detection, Strictness } from '../../detection/detection.ts';
import { fileOf, howToCheck } from '../../detection/statement-error.ts';
import type { ParameterValue, ParameterValues } from '../../parameters.ts';
import { uncompared } from './compared.ts';
import { HOW_WRITTEN, type WhereClause, whereClause } from './where-clause.ts';

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
 * clause. Throws a UsageError where a slice that was filtered by it could lack rows.
 */
export function filterOf(
  detection: Detection,
  values: ParameterValues,
  name: string,
): { readonly table: string; readonly filter: Filter } {
  const clause = readClause(detection, name);
  if (typeof clause === 'string') {
    throw new UsageError(`${fileOf(detection)}: ${clause}`, { hint: howToCheck(detection) });
  }
  const { table, condition } = clause;
  const macros = detection.macros.filter((macro) => condition.includes(`${macro}(`)).map(macroText);
  const parameters = filterParameters(values, detection.extractions[name]!);
  return { table, filter: { condition, ...(macros.length === 0 ? {} : { macros }), parameters } };
}

/** The WHERE clause of a common table expression that the header names; what is wrong with it where it cannot be a filter. */
export function readClause(detection: Detection, name: string): WhereClause | string {
  const clause = whereClause(detection.sql, name);
  const why =
    typeof clause === 'string' || Object.hasOwn(detection.tables, clause.table)
      ? clause
      : `${clause.table} is none of the header's tables`;
  if (typeof why === 'string')
    return `extractions: ${name} is no SELECT … FROM a table WHERE …: ${why}: ${HOW_WRITTEN}`;
  const problem = uncompared(detection, name, why);
  return problem === undefined ? why : `extractions.${name}: ${problem}`;
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
