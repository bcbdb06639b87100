import type { Keys } from '../find/sniff.ts';

/** Items by their signature, in the order in which signatures are first seen. */
export function alike<T>(items: readonly T[], signature: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(signature(item));
    if (group === undefined) groups.set(signature(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/**
 * Items whose keys can be read as columns together: none spells a key otherwise than another, since DuckDB would
 * take two spellings for one column twice. A column of `declared` that an item does not have counts as spelled as
 * it is there.
 */
export function spelledAlike<T>(
  declared: readonly { readonly name: string }[],
  items: readonly T[],
  keysOf: (item: T) => Keys,
): T[][] {
  const groups: { items: T[]; spelled: Map<string, string> }[] = [];
  for (const item of items) {
    const names = [...declared.map(({ name }) => name), ...keysOf(item)];
    const spelled = new Map(names.map((name) => [name.toLowerCase(), name]));
    const group = groups.find((each) => agree(each.spelled, spelled));
    if (group === undefined) groups.push({ items: [item], spelled });
    else {
      group.items.push(item);
      for (const [folded, name] of spelled) group.spelled.set(folded, name);
    }
  }
  return groups.map((group) => group.items);
}

function agree(some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): boolean {
  return [...others].every(([folded, name]) => (some.get(folded) ?? name) === name);
}
