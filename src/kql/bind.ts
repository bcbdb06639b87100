import { stringOrDynamic } from '../schema/advanced-hunting.ts';
import { Refusal } from './diagnostics.ts';
import { needsPipe } from './hints/words.ts';
import { judged } from './judge.ts';
import { parseQuery, type SyntaxNode, type Tables } from './parser.ts';

/** A query with the meaning of its names, and what is wrong with it. */
export interface BoundQuery {
  readonly root: SyntaxNode;
  readonly refusals: readonly Refusal[];
}

/**
 * Parses a query and binds its names to the tables. `AdditionalFields` and its like are a string in Defender XDR and
 * dynamic in Sentinel; queries use them as either.
 */
export function bound(kql: string, tables: Tables): BoundQuery {
  const parsed = parseQuery(kql, tables);
  const refusals = judged(parsed, tables, kql);
  const second = isMalformed(refusals) ? secondQuery(kql, tables) : undefined;
  if (second) return { root: parsed.root, refusals: [second] };
  if (refusals.length === 0 || !usesAsDynamic(kql)) return { root: parsed.root, refusals };
  const again = parseQuery(kql, withDynamicFields(tables));
  const left = judged(again, tables, kql);
  return left.length < refusals.length
    ? { root: again.root, refusals: left }
    : { root: parsed.root, refusals };
}

const usesAsDynamic = (kql: string): boolean =>
  [...kql.matchAll(/\b(\w+)\s*[.[]/g)].some(([, name]) => stringOrDynamic().has(name!));

/** Codes of the grammar: from KS001 on, and a table where a value is due, which is how a second query reads. */
const isMalformed = (refusals: readonly Refusal[]): boolean =>
  refusals.some(({ code }) => /^KS0\d\d$/.test(code));

/** Where a blank line parts a malformed text into two that are each well formed, it holds several queries. */
function secondQuery(kql: string, tables: Tables): Refusal | undefined {
  const wellFormed = (text: string): boolean => {
    const bare = text.replace(/\/\/.*/g, '').trim();
    if (bare === '' || bare.endsWith(';')) return false;
    return !isMalformed(judged(parseQuery(text, tables), tables, text));
  };
  for (const gap of [...kql.matchAll(/\n[ \t\r]*\n/g)].slice(0, MAX_GAPS)) {
    if (!wellFormed(kql.slice(0, gap.index))) continue;
    const rest = kql.slice(gap.index);
    const start = gap.index + /^(\s|\/\/.*)*/.exec(rest)![0].length;
    if (start === kql.length) return undefined;
    const [word] = /^[\w-]*/.exec(kql.slice(start))!;
    if (needsPipe(word) || !/^[\w[(]/.test(kql.slice(start))) return undefined;
    return new Refusal(
      'KS005',
      'a second query begins here',
      { start, length: word.length || 1 },
      'Kusto runs one query at a time: give each apart',
    );
  }
  return undefined;
}

/** Each blank line costs a parse. */
const MAX_GAPS = 20;

const dynamicFields = new WeakMap<Tables, Tables>();

function withDynamicFields(tables: Tables): Tables {
  const known = dynamicFields.get(tables);
  if (known) return known;
  const changed = Object.fromEntries(
    Object.entries(tables).map(([table, columns]) => [
      table,
      columns.map((column) =>
        column.type === 'string' && stringOrDynamic().has(column.name)
          ? { ...column, type: 'dynamic' as const }
          : column,
      ),
    ]),
  );
  dynamicFields.set(tables, changed);
  return changed;
}
