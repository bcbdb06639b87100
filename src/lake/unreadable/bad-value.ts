import { quoteString } from '../../dialect/duckdb/quote.ts';
import type { KqlType } from '../../schema/kql-types.ts';
import type { PhysicalColumn } from '../convert.ts';

/** How SQL that converts a column says which value stopped it, and how that is known again in the engine's error. */

/** What a value of each type is called where it is none. */
const EXPECTED: Readonly<Record<KqlType, string>> = {
  bool: 'true or false',
  datetime: 'a time such as 2026-01-31T08:00:00Z',
  decimal: 'a number of at most 20 digits before the point',
  dynamic: 'JSON',
  guid: 'a GUID',
  int: 'a whole number of at most 32 bits',
  long: 'a whole number of at most 64 bits',
  real: 'a number',
  string: 'text in UTF-8',
  timespan: 'a span of time',
};

/** SQL of `attempt`, which gives null for a value that cannot be converted, with an error in place of that null. */
export function orError(attempt: string, value: string, name: string, to: KqlType): string {
  const words = [
    quoteString(`column ${name} holds '`),
    `left(${value}::VARCHAR, 100)`,
    quoteString(`', which is not ${EXPECTED[to]}`),
  ];
  return `coalesce(${attempt}, CASE WHEN ${value} IS NOT NULL THEN error(${words.join(' || ')}) END)`;
}

/** What is said of a column whose physical type cannot hold its KQL type. */
export function wrongType({ name, type }: PhysicalColumn, to: KqlType): string {
  return `column ${name} is ${type}, which cannot be read as ${to}`;
}

/** A value, or all values of a column, that the column's KQL type cannot hold. */
export interface BadValue {
  readonly column: string;
  /** Its first 100 characters; undefined where it is the whole column. */
  readonly value: string | undefined;
  /** All of it in words: `column RemotePort holds 'http', which is not …`. */
  readonly problem: string;
}

const BAD_VALUE = new RegExp(
  `column (.+?) (?:holds '(.*)', which is not (?:${Object.values(EXPECTED).join('|')})|is .+, which cannot be read as \\w+)`,
  's',
);

/** What the engine's error is about, where SQL of {@link convert} or {@link wrongType} raised it. */
export function badValue(message: string): BadValue | undefined {
  const match = BAD_VALUE.exec(message);
  return match === null ? undefined : { column: match[1]!, value: match[2], problem: match[0] };
}
