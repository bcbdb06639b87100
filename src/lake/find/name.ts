import { basename, dirname, sep } from 'node:path';
import { documentedTable } from '../tables/contract.ts';

/**
 * The table that a file feeds, by its path below the lake: the first folder (or the file's own name, less its
 * endings) that is a documented table in any casing, also behind the prefixes of Azure's export containers
 * (`insights-logs-advancedhunting-<table>`, `am-<table>`); else the first folder, whatever it is called.
 */
export function tableOfFile(key: string): { table: string; documented: boolean } {
  const parts = names(key);
  for (const part of parts) {
    const table = documentedTable(part.replace(/^(insights-logs-advancedhunting-|am-)/i, ''));
    if (table !== undefined) return { table, documented: true };
  }
  return { table: parts[0]!, documented: false };
}

/** The first folder of a path, or the file's own name, less its endings, where it lies in none. */
export function firstName(key: string): string {
  return names(key)[0]!;
}

function names(key: string): string[] {
  const folders = dirname(key).split(sep);
  return [...folders.filter((part) => part !== '.'), stem(key)];
}

function stem(key: string): string {
  return basename(key)
    .replace(/\.(gz|zst)$/i, '')
    .replace(/\.[^.]+$/, '');
}

/** The Hive partition keys in a path (`date=2026-01-31/…`), in order, repeated ones repeatedly. A folder `a=b=c` has none. */
export function hiveKeys(path: string): string[] {
  return dirname(path)
    .split(sep)
    .map((part) => /^([^=]+)=[^=]*$/.exec(part)?.[1])
    .filter((key) => key !== undefined);
}
