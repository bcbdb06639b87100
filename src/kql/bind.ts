import type { Refusal } from './diagnostics.ts';
import { judged } from './judge.ts';
import { parseQuery, type SyntaxNode, type Tables } from './parser.ts';

/** A query with the meaning of its names, and what is wrong with it. */
export interface BoundQuery {
  readonly root: SyntaxNode;
  readonly refusals: readonly Refusal[];
}

/**
 * Parses a query and binds its names to the tables. `AdditionalFields` is a string in Defender XDR and dynamic in
 * Sentinel; queries use it as either.
 */
export function bound(kql: string, tables: Tables): BoundQuery {
  const parsed = parseQuery(kql, tables);
  const refusals = judged(parsed.diagnostics, tables, kql);
  if (!refusals.some(({ code }) => code === 'KS142') || !/\bAdditionalFields\s*[.[]/.test(kql))
    return { root: parsed.root, refusals };
  const again = parseQuery(kql, withDynamicFields(tables));
  const left = judged(again.diagnostics, tables, kql);
  return left.length < refusals.length
    ? { root: again.root, refusals: left }
    : { root: parsed.root, refusals };
}

const dynamicFields = new WeakMap<Tables, Tables>();

function withDynamicFields(tables: Tables): Tables {
  const known = dynamicFields.get(tables);
  if (known) return known;
  const changed = Object.fromEntries(
    Object.entries(tables).map(([table, columns]) => [
      table,
      columns.map((column) =>
        column.name === 'AdditionalFields' ? { ...column, type: 'dynamic' as const } : column,
      ),
    ]),
  );
  dynamicFields.set(tables, changed);
  return changed;
}
