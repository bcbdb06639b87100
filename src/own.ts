/** What a table of ours has under a name of the user's; `constructor` and its like, which every object has, are no entries. */
export function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
