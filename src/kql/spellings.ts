/** Columns that Microsoft spells in two ways in one table, as `AccountUpn` and `AccountUPN`, which DuckDB takes for one. */
import type { Tables } from './parser.ts';

interface Twins {
  readonly table: string;
  readonly spellings: readonly string[];
}

const twinsIn = new WeakMap<Tables, readonly Twins[]>();
const chosenIn = new WeakMap<Tables, Map<string, Tables>>();

/** The tables with such columns as the query spells them; with the first where it has none, with all where it has several. */
export function asSpelled(tables: Tables, kql: string): Tables {
  const twins = twinsOf(tables);
  if (twins.length === 0) return tables;
  const words = new Set(kql.match(/\w+/g));
  const unmeant = twins.flatMap(({ table, spellings }) => {
    const written = spellings.filter((name) => words.has(name));
    const meant = written.length > 0 ? written : spellings.slice(0, 1);
    return spellings.filter((name) => !meant.includes(name)).map((name) => `${table} ${name}`);
  });
  const known = chosenIn.get(tables) ?? new Map<string, Tables>();
  chosenIn.set(tables, known);
  const key = unmeant.join('\n');
  const chosen = known.get(key) ?? without(tables, new Set(unmeant));
  known.set(key, chosen);
  return chosen;
}

function twinsOf(tables: Tables): readonly Twins[] {
  const known = twinsIn.get(tables);
  if (known) return known;
  const twins = Object.entries(tables).flatMap(([table, columns]) => {
    const folded = new Map<string, string[]>();
    for (const { name } of columns) {
      const key = name.toLowerCase();
      folded.set(key, [...(folded.get(key) ?? []), name]);
    }
    const several = [...folded.values()].filter((spellings) => spellings.length > 1);
    return several.map((spellings) => ({ table, spellings }));
  });
  twinsIn.set(tables, twins);
  return twins;
}

function without(tables: Tables, unmeant: ReadonlySet<string>): Tables {
  return Object.fromEntries(
    Object.entries(tables).map(([table, columns]) => [
      table,
      columns.filter(({ name }) => !unmeant.has(`${table} ${name}`)),
    ]),
  );
}
