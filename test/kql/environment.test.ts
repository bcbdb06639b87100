import type { DuckDBConnection } from '@duckdb/node-api';
import { beforeAll, expect, test } from 'vitest';
import type { Environment } from '../../src/kql/environment.ts';
import { openEngine, runTranslation, translateFully } from './engine.ts';

let connection: DuckDBConnection;
beforeAll(async () => {
  connection = await openEngine();
  await connection.run("CREATE TABLE vips AS SELECT 'ann' AS UserName, 'high' AS Tier");
  await connection.run("CREATE TABLE profiles AS SELECT 'aa' AS SHA1, 12::BIGINT AS GlobalPrevalence");
  await connection.run("CREATE TABLE feed AS SELECT '1.2.3.4' AS ip, 7::BIGINT AS score");
  await connection.run(
    "CREATE TABLE geo AS SELECT * FROM (VALUES ('1.2.0.0/16', 'NZ', '', 'Auckland', -36.8, 174.7)) AS g(network, country, state, city, latitude, longitude)",
  );
});

const environment: Partial<Environment> = {
  watchlists: {
    VIPs: {
      table: 'vips',
      columns: [
        { name: 'UserName', type: 'string' },
        { name: 'Tier', type: 'string' },
      ],
    },
  },
  enrichments: {
    FileProfile: {
      table: 'profiles',
      key: 'SHA1',
      columns: [
        { name: 'SHA1', type: 'string' },
        { name: 'GlobalPrevalence', type: 'long' },
      ],
    },
  },
  externals: { 'https://example.com/feed.csv': 'feed' },
  geo: 'geo',
};

async function rowsOf(kql: string): Promise<unknown[][]> {
  const translation = await translateFully(connection, kql, { environment });
  expect(translation.diagnostics).toEqual([]);
  return runTranslation(connection, translation);
}

test('a watchlist is a table', async () => {
  expect(await rowsOf('_GetWatchlist("VIPs") | where Tier == "high" | project UserName')).toEqual([['ann']]);
});

test('a watchlist stands where a list does', async () => {
  expect(
    await rowsOf(
      'let V = _GetWatchlist("VIPs") | project UserName; datatable(u:string)["ann", "bob"] | where u in (V)',
    ),
  ).toEqual([['ann']]);
});

test('FileProfile adds its columns, null where it knows nothing', async () => {
  expect(
    await rowsOf('datatable(SHA1:string)["aa", "bb"] | invoke FileProfile(SHA1, 1000) | sort by SHA1 asc'),
  ).toEqual([
    ['aa', 12],
    ['bb', null],
  ]);
});

test('externaldata reads the table that stands for its address', async () => {
  expect(
    await rowsOf(
      'externaldata(ip:string, score:long)["https://example.com/feed.csv"] with (format="csv") | where score > 5',
    ),
  ).toEqual([['1.2.3.4', 7]]);
});

test('an address is looked up in the table of networks', async () => {
  const kql =
    'datatable(ip:string)["1.2.3.4", "9.9.9.9"] | extend g = geo_info_from_ip_address(ip) | project ip, tostring(g.country)';
  expect(await rowsOf(kql)).toEqual([
    ['1.2.3.4', 'NZ'],
    ['9.9.9.9', ''],
  ]);
});
