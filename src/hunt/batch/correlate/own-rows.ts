import type { DuckDBConnection } from '@duckdb/node-api';
import type { Bindings } from '../../../engine/run.ts';
import { resolveParameters } from '../../parameters.ts';
import { conditionOf, setVariables } from '../extract/condition.ts';
import { type Extract, needsOf } from '../extract/extraction.ts';
import type { Filter } from '../extract/filter.ts';
import { textOf } from '../extract/strictness.ts';
import type { Hunted } from '../hunted.ts';
import type { Manifest } from '../state/manifest.ts';

/** The condition of a slice's rows that a detection's own filters kept, by what the slice holds. */
export type OwnRows = ReadonlyMap<string, string>;

/**
 * Slices that serve several detections hold rows of all of them. Those of one are the rows that filters with its
 * conditions kept, whatever the values were that the slices were made with: any run that they serve needs no others.
 * The connection gets the values. A slice without other detections' rows has no entry.
 */
export async function ownRows(
  connection: DuckDBConnection,
  hunted: Hunted,
  { extracts }: Manifest,
): Promise<OwnRows> {
  const conditions = new Map<string, string>();
  const variables: Bindings = { values: {}, types: {} };
  const needs = needsOf(hunted);
  for (const [index, [key, extract]] of Object.entries(extracts).entries()) {
    const own = ownFilters(extract, needs.get(extract.table));
    if (own.length === extract.filters.length) continue;
    const parts = own.map((filter, at) =>
      conditionOf(variables, `own${index}_${at}_`, filter, asStored(hunted, filter)),
    );
    conditions.set(key, parts.length === 0 ? 'false' : parts.join(' OR '));
  }
  await setVariables(connection, variables);
  return conditions;
}

function ownFilters({ filters }: Extract, needed: Extract | undefined): readonly Filter[] {
  const texts = new Set(needed?.filters.map(textOf));
  return filters.filter((filter) => texts.has(textOf(filter)));
}

/** The detection with the values that the filter was made with. */
function asStored({ detection }: Hunted, { parameters }: Filter): Hunted {
  const settings = Object.entries(parameters).map(([name, { value }]) => [name, value]);
  return { detection, values: resolveParameters(detection.parameters, [Object.fromEntries(settings)]) };
}
