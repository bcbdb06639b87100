import { readFileSync } from 'node:fs';

/** The text of `sql/macros/<name>.sql`: statements that make temporary macros. */
export function macroText(name: string): string {
  return readFileSync(new URL(`../../../sql/macros/${name}.sql`, import.meta.url), 'utf8');
}
