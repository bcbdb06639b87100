/** What a query may name beyond its tables, and the user supplies as tables of the lake. */
import type { Column } from '../schema/kql-types.ts';

export interface SuppliedTable {
  /** The name that the SQL reads it by. */
  readonly table: string;
  readonly columns: readonly Column[];
  /** Of a table of CSV files, the tables of all their lines and of all but the first, columns as they stand there. */
  readonly lines?: { readonly all: SuppliedTable; readonly later: SuppliedTable };
}

export interface Environment {
  /** `_GetWatchlist('alias')`, by alias. */
  readonly watchlists: Readonly<Record<string, SuppliedTable>>;
  /** `invoke FileProfile(SHA1)` and the like: the row's column against the table's `key`, its other columns added. */
  readonly enrichments: Readonly<Record<string, SuppliedTable & { readonly key: string }>>;
  /**
   * `externaldata (…) [uri]`: the table that stands for the URI. Its columns are found by their names, or else in lines by
   * their order, and converted to the declared types; where it is only named, it has the declared columns as they are.
   */
  readonly externals: Readonly<Record<string, string | SuppliedTable>>;
  /**
   * What `geo_info_from_ip_address()` looks up: a table of network (`a.b.c.d/n`), country, state, city, latitude and
   * longitude, of networks that do not overlap.
   */
  readonly geo: string | undefined;
  /** The column that `ingestion_time()` reads. */
  readonly ingestionTime: string | undefined;
}

/** Endings of files that a folder of watchlists is read from. */
const READABLE = /\.(parquet|arrow|feather|(jsonl|ndjson|json|csv)(\.gz|\.zst)?)$/i;

/** How to supply a table: a file by its name; a name without an ending is shown with one. */
export function supplyAs(name: string, header = ''): string {
  const file = READABLE.test(name) ? name : `${name}.csv`;
  return `put it, for example as ${file}${header}, into the folder that --watchlists names`;
}

/** How to supply the file of an address: by its own ending where a lake has that, else as CSV with these columns. */
export function supplyFileOf(address: string, columns: string): string {
  const [, ending] = /\.(json|jsonl|ndjson|parquet)(?:\.\w+)?(?:\?|$)/i.exec(address) ?? [];
  const name = nameOfAddress(address);
  return ending === undefined
    ? supplyAs(`${name}.csv`, ` with the header ${columns}`)
    : supplyAs(`${name}.${ending}`);
}

/** The name of the table that stands for an address: its file's, less its endings and what it is packed in. */
export function nameOfAddress(address: string): string {
  const parts = address.split('?')[0]!.split('/').filter(Boolean);
  return (parts.at(-1) ?? address).replace(/\.(zip|gz|zst)$/i, '').replace(/\.[^.]+$/, '');
}

/** The columns of the table that `geo_info_from_ip_address()` looks networks up in. */
export const GEO_COLUMNS = ['network', 'country', 'state', 'city', 'latitude', 'longitude'] as const;
