import { existsSync, readFileSync } from 'node:fs';

const fileOf = (name: string) => new URL(`../../../sql/macros/${name}.sql`, import.meta.url);

/** The text of `sql/macros/<name>.sql`: statements that make temporary macros. */
export function macroText(name: string): string {
  return readFileSync(fileOf(name), 'utf8');
}

/** Whether there is one of that name, which is a word: no path leads to another file. */
export function isMacro(name: unknown): boolean {
  return typeof name === 'string' && /^\w+$/.test(name) && existsSync(fileOf(name));
}
