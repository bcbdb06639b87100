import { LakeError } from '../error.ts';
import { type Environment, GEO_COLUMNS, nameOfAddress, type SuppliedTable } from '../kql/environment.ts';
import { quotedTexts } from '../kql/quoted.ts';
import { AS_WRITTEN, LATER_LINES, LINES, SUPPLIED } from '../lake/find/sources.ts';
import type { Lake } from '../lake/lake.ts';

/** The watchlists folder's table that `geo_info_from_ip_address()` looks networks up in. */
const GEO = 'geo_info_from_ip_address';

/**
 * What a query may name beyond the lake's tables, out of the watchlists folder, by its file's name: a watchlist by
 * its alias (`_GetWatchlist('admins')`: admins.csv), a function that looks rows up (`invoke FileProfile(SHA1)`:
 * FileProfile.parquet, by SHA1 or else its first column), the file of an address
 * (`externaldata (…) ['https://host/feeds/bad.csv']`: bad.csv), networks (geo_info_from_ip_address.csv).
 */
export async function suppliedTo(
  lake: Lake,
  query: string,
  ingestionTime: string | undefined,
): Promise<Environment> {
  const quoted = quotedTexts(query);
  const addressed = addresses(query, quoted);
  const beside = addressed.reduce((rest, address) => rest.replaceAll(address, ''), query);
  const named = lake.supplied.filter((name) => beside.includes(name) || quoted.includes(name));
  const tables: [name: string, SuppliedTable][] = [];
  for (const name of named)
    tables.push([name, { table: SUPPLIED + name, columns: await lake.columns(SUPPLIED + name) }]);
  const enrichments = tables.map(([name, supplied]) => [name, { ...supplied, key: keyOf(supplied) }]);
  return {
    watchlists: Object.fromEntries(tables),
    enrichments: Object.fromEntries(enrichments),
    externals: await externalsOf(lake, addressed),
    geo: await wholeGeoTable(lake, query),
    ingestionTime,
  };
}

/** The table of networks, where the query needs it and the folder has it. */
export function geoTable(lake: Lake, query: string): string[] {
  return query.includes(GEO) && lake.supplied.includes(GEO) ? [SUPPLIED + GEO] : [];
}

/** The same, once it has what the lookup reads. */
async function wholeGeoTable(lake: Lake, query: string): Promise<string | undefined> {
  const [table] = geoTable(lake, query);
  if (table === undefined) return undefined;
  const names = new Set((await lake.columns(table)).map(({ name }) => name.toLowerCase()));
  const lacking = GEO_COLUMNS.filter((name) => !names.has(name));
  if (lacking.length === 0) return table;
  throw new LakeError(`the table of networks for ${GEO}() lacks ${lacking.join(', ')}`, {
    hint: `it has to have ${GEO_COLUMNS.join(', ')}`,
  });
}

function keyOf({ columns }: SuppliedTable): string {
  return columns.find(({ name }) => name === 'SHA1')?.name ?? columns[0]?.name ?? '';
}

/** String literals that are addresses or paths; what follows a `;` (a key, a signature) is not part of them. */
function addresses(query: string, quoted: readonly string[]): string[] {
  if (!/\bexternal_?data\b/.test(query)) return [];
  return quoted.filter((text) => /[/.]/.test(text)).map((text) => text.split(';')[0]!);
}

async function externalsOf(lake: Lake, addressed: readonly string[]): Promise<Environment['externals']> {
  const externals: [address: string, SuppliedTable][] = [];
  for (const address of new Set(addressed)) {
    const named = tableFor(nameOfAddress(address), lake);
    if (named === undefined) continue;
    // The query declares the types: what the values look like counts for nothing.
    externals.push([address, await externalOf(lake, named)]);
  }
  return Object.fromEntries(externals);
}

async function externalOf(lake: Lake, named: string): Promise<SuppliedTable> {
  if (lake.contract(named) !== undefined) return tableOf(lake, named);
  const files = lake.files(named);
  if (files.length === 0 || files.some(({ format }) => format !== 'csv'))
    return tableOf(lake, AS_WRITTEN + named);
  const all = await tableOf(lake, LINES + named);
  const lines = { all, later: { ...all, table: LATER_LINES + named } };
  // What has no header may have a first line that no header can be.
  const headed = await tableOf(lake, AS_WRITTEN + named).catch(() => all);
  return { ...headed, lines };
}

async function tableOf(lake: Lake, table: string): Promise<SuppliedTable> {
  return { table, columns: await lake.columns(table) };
}

function tableFor(name: string, lake: Lake): string | undefined {
  if (lake.supplied.includes(name)) return SUPPLIED + name;
  return lake.tables.includes(name) ? name : undefined;
}
