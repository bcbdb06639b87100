import type { Table as ArrowTable } from 'apache-arrow';

/** What a lake is opened on: a folder, or for each table its files (globs) or an Arrow table in memory. */
export type LakeSource = string | Readonly<Record<string, string | readonly string[] | ArrowTable>>;
