/** The macros of sql/macros, included only where a query uses them. */
import { readdirSync, readFileSync } from 'node:fs';

interface Macro {
  readonly name: string;
  readonly sql: string;
  readonly uses: readonly string[];
}

let known: readonly Macro[] | undefined;
let byName: ReadonlyMap<string, Macro> | undefined;

/** `wrap_long` serves the detections' SQL as well. */
const names = (sql: string): string[] => [...new Set(sql.match(/\b(?:kql_\w+|wrap_long)(?=\()/g) ?? [])];

function macros(): readonly Macro[] {
  if (known) return known;
  const folder = new URL('../../../sql/macros/', import.meta.url);
  known = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8').replace(/^\s*--.*$/gm, '');
      return text
        .split(/(?=^CREATE OR REPLACE )/m)
        .map((part) => part.trim())
        .filter(Boolean)
        .map((sql) => {
          const [name, ...uses] = names(sql);
          return { name: name!, sql, uses };
        });
    });
  return known;
}

/** The statement that makes the macro of this name. */
export function macroNamed(name: string): string | undefined {
  byName ??= new Map(macros().map((macro) => [macro.name, macro]));
  return byName.get(name)?.sql;
}

/** The statements that the query needs first, each after those that it uses. */
export function macrosFor(sql: string): string[] {
  const byName = new Map(macros().map((macro) => [macro.name, macro]));
  const found = new Map<string, string>();
  const add = (name: string): void => {
    const macro = byName.get(name);
    if (!macro || found.has(name)) return;
    for (const used of macro.uses) if (used !== name) add(used);
    found.set(name, macro.sql);
  };
  for (const name of names(sql)) add(name);
  return [...found.values()];
}

/** Every macro, in an order in which they can be created. */
export function allMacros(): string[] {
  return macrosFor(
    macros()
      .map(({ sql }) => sql)
      .join('\n'),
  );
}
