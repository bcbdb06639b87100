import { nearest } from '../../../nearest.ts';
import { ctesOf, wordsOf } from '../../detection/ctes.ts';
import type { Detection, Strictness } from '../../detection/detection.ts';
import type { ParameterDefinition } from '../../parameters.ts';
import type { WhereClause } from './where-clause.ts';

/** What is wrong with how the header says that a filter's parameters are compared. */
export function uncompared(detection: Detection, name: string, clause: WhereClause): string | undefined {
  const compared = detection.extractions[name] ?? {};
  for (const parameter of clause.parameters) {
    const definition = detection.parameters.find((each) => each.name === parameter);
    if (definition === undefined) return `$${parameter} is no parameter of the header`;
    const problem = Object.hasOwn(compared, parameter)
      ? incomparable(definition, compared[parameter]!)
      : unbounded(definition, clause);
    if (problem !== undefined) return problem;
  }
  const unused = Object.keys(compared).find((each) => !clause.parameters.includes(each));
  if (unused === undefined) return undefined;
  const near = nearest(unused, clause.parameters);
  return `${unused} is not in its WHERE clause${near === undefined ? '' : `; did you mean ${near}?`}`;
}

/** Of a value that is no list, whether it keeps fewer rows than another cannot be told. */
function incomparable({ name, type }: ParameterDefinition, how: Strictness): string | undefined {
  if (how === 'equals' || type.startsWith('list')) return undefined;
  return `${name}: expected equals, got ${how}: only lists select or exclude, and it is of type ${type}`;
}

/** What the header does not compare is left out of slices: it must let all rows through where it is null. */
function unbounded(
  { name, default: value }: ParameterDefinition,
  { words }: WhereClause,
): string | undefined {
  if (value !== null) {
    return `the header does not say how ${name} is compared: write { ${name}: selects }, excludes or equals`;
  }
  // What looks back from now is bounded by how far.
  const bound = name === 'now' ? 'lookback' : name;
  if (new RegExp(`\\(\\s*\\$${bound}\\s+IS\\s+NULL\\s+OR\\b`, 'i').test(words)) return undefined;
  return `the header does not say how ${name} is compared: do so, or write ($${bound} IS NULL OR …)`;
}

/**
 * Tables that no filter of the header's, or not a filter alone, reads: a batch would lack rows of theirs. Of a detection
 * that combines others, each of those says what it reads.
 */
export function readUnfiltered(detection: Detection, filtered: readonly string[]): string[] {
  const text = wordsOf(detection.sql);
  if (text === undefined || ctesOf(text).length === 0) return [];
  return Object.keys(detection.tables).flatMap((table) => {
    const times = filtered.filter((each) => each === table).length;
    if (times === 0) return [`extractions: no CTE that they name reads ${table}`];
    const bare = text.words.matchAll(new RegExp(`(?<!\\$)\\b${table}\\b(?!\\s*\\.)`, 'gi'));
    const quoted = text.code.matchAll(new RegExp(`"${table}"`, 'gi'));
    if (detection.combines !== undefined || [...bare, ...quoted].length <= times) return [];
    return [
      `extractions: ${table} is read by more than the CTEs that they name, which a batch would lack rows for`,
    ];
  });
}
