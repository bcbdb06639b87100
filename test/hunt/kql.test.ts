import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DurationMillisecond, Table, vectorFromArray } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { KqlError, openLake } from '../../src/index.ts';
import { networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';
import { jsonLake, lines } from '../lake/shapes/json-lake.ts';

async function lakeOf(rows: Record<string, string>[], watchlists: Record<string, string> = {}) {
  const folder = temporaryFolder();
  await writeFile(
    join(folder, 'DeviceNetworkEvents', 'a.parquet'),
    rows.map((row) => networkEvent(row)).join(' UNION ALL BY NAME '),
  );
  const lists = temporaryFolder();
  for (const [name, text] of Object.entries(watchlists)) writeFileSync(join(lists, name), text);
  return openLake(folder, { watchlists: lists });
}

/** A lake whose second table cannot be read. */
async function lakeWithDamage() {
  const folder = await jsonLake({
    'DeviceEvents/a.jsonl': lines({ Timestamp: '2026-01-05T00:00:00Z', DeviceId: 'd', ActionType: 'a' }),
    'DeviceInfo/a.jsonl': '{"Timestamp": nothing',
  });
  return openLake(folder);
}

describe('a KQL query over a lake', () => {
  test.each([
    'DeviceEvents // and no DeviceInfo *',
    'DeviceEvents | where ActionType != "search *" // find it',
    'DeviceEvents | summarize arg_max(Timestamp, *) by DeviceId | extend x = 2 * 3',
    'union (DeviceEvents | summarize arg_max(Timestamp, *) by DeviceId), DeviceEvents | take 1',
    "DeviceEvents | parse ActionType with * 'a' *",
  ])('reads no table but the one it means: %s', async (kql) => {
    await using lake = await lakeWithDamage();
    expect((await lake.kql(kql)).rowCount).toBe(1);
  });

  test.each([
    'union Device* | take 1',
    'union Device* | summarize arg_max(Timestamp, *) by DeviceId',
    'search in (Device*) "a"',
    'find in (Device*) where DeviceId == "d" project DeviceId',
  ])('reads the tables that a wildcard means: %s', async (kql) => {
    await using lake = await lakeWithDamage();
    await expect(lake.kql(kql)).rejects.toThrow(/DeviceInfo/);
  });

  test('columns that depend on the data are found first: pivot', async () => {
    await using lake = await lakeOf([
      { RemotePort: '4444' },
      { RemotePort: '80' },
      { RemotePort: '80', DeviceName: "'ws-2'" },
    ]);
    const hits = await lake.kql(
      'DeviceNetworkEvents | evaluate pivot(RemotePort, count(), DeviceName) | sort by DeviceName asc',
    );
    expect(hits.columns.map(({ name }) => name)).toEqual(['DeviceName', '4444', '80']);
    expect(await hits.rows()).toEqual([
      { DeviceName: 'ws-1', 80: 1, 4444: 1 },
      { DeviceName: 'ws-2', 80: 1, 4444: 0 },
    ]);
  });

  test.each([
    "['a b'] | count",
    '["a b"] | count',
    "union ['a b'], (print x = toint(1)) | where x == 5 | count",
  ])('means a table whose name is no word: %s', async (kql) => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'a b', 'a.parquet'), 'SELECT 5 AS x');
    await using lake = await openLake(folder);
    expect(await (await lake.kql(kql)).rows()).toEqual([{ Count: 1 }]);
  });

  test('counts with the timespans of a table as with its own', async () => {
    const spans = [0, 1, 59_999, 60_000, 3_600_000, 90_000_000, -1_500];
    const table = new Table({ d: vectorFromArray([...spans.map(BigInt), null], new DurationMillisecond()) });
    await using lake = await openLake({ T: table });
    const rows = async (kql: string) =>
      (await (await lake.kql(kql)).rows()).map((row) => Object.values(row)[0]);
    expect(await rows('T | project tolong(d)')).toEqual([...spans.map((each) => each * 10_000), null]);
    expect(await rows('T | where d > 1m | project d / 1s')).toEqual([3600, 90_000]);
    expect(await rows('T | where d between (1m .. 1h) | project d + 1d')).toEqual([
      '1.00:01:00',
      '1.01:00:00',
    ]);
    expect(await rows('T | summarize sum(d)')).toEqual(['1.02:01:58.5000000']);
    expect(await rows('T | summarize max(bin(d, 1d))')).toEqual(['1.00:00:00']);
    expect(await (await lake.sql('SELECT typeof(d) AS type FROM T LIMIT 1')).rows()).toEqual([
      { type: 'INTERVAL' },
    ]);
  });

  test('a star that stands for no table, and a comment, read no other table', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), networkEvent({}));
    mkdirSync(join(folder, 'AlertInfo'));
    writeFileSync(join(folder, 'AlertInfo', 'a.jsonl'), '{"Title":"x","title":"y"}\n');
    await using lake = await openLake(folder);
    const hits = await lake.kql(`
      // search the union of all: find what there is
      DeviceNetworkEvents
      | summarize arg_max(Timestamp, *), n = 2 * count() by Url = "https://a.example/search?q=*"
      | project n`);
    expect(await hits.rows()).toEqual([{ n: 2 }]);
    await expect(lake.kql('union * | count')).rejects.toThrow('both Title and title');
  });

  test('of documented columns that differ in case alone, the lake has the one that its files have', async () => {
    const folder = temporaryFolder();
    for (const table of ['IdentityInfo', 'CloudAppEvents', 'IdentityLogonEvents'])
      mkdirSync(join(folder, table));
    writeFileSync(join(folder, 'IdentityInfo', 'a.jsonl'), '{"AccountUpn":"a@x.example"}\n');
    writeFileSync(join(folder, 'CloudAppEvents', 'a.jsonl'), '{"ISP":"Contoso Net"}\n');
    writeFileSync(join(folder, 'IdentityLogonEvents', 'a.jsonl'), '{"Isp":"Contoso Net"}\n');
    await using lake = await openLake(folder);
    expect(await (await lake.kql('IdentityInfo | project AccountUpn')).rows()).toEqual([
      { AccountUpn: 'a@x.example' },
    ]);
    expect(await (await lake.kql('CloudAppEvents | project ISP')).rows()).toEqual([{ ISP: 'Contoso Net' }]);
    expect(await (await lake.kql('IdentityLogonEvents | project Isp')).rows()).toEqual([
      { Isp: 'Contoso Net' },
    ]);
  });

  test('a column that Sentinel has of another type has that type where its files are Sentinel’s', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'IdentityLogonEvents'));
    const file = join(folder, 'IdentityLogonEvents', 'a.jsonl');
    writeFileSync(file, '{"TimeGenerated":"2026-01-31T08:00:00Z","Port":"88"}\n');
    {
      await using lake = await openLake(folder);
      const hits = await lake.kql('search in (IdentityLogonEvents) Port == "88" | project Port');
      expect(await hits.rows()).toEqual([{ Port: '88' }]);
    }
    writeFileSync(file, '{"Timestamp":"2026-01-31T08:00:00Z","Port":88}\n');
    await using lake = await openLake(folder);
    const hits = await lake.kql('IdentityLogonEvents | where Port == "88" | project Port');
    expect(await hits.rows()).toEqual([{ Port: 88 }]);
  });

  test('a column that is a text in Defender and dynamic in Sentinel is read by its parts in either', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'DeviceInfo'));
    const file = join(folder, 'DeviceInfo', 'a.jsonl');
    const query = 'DeviceInfo | project User = tostring(LoggedOnUsers[0].UserName)';
    for (const record of [
      { Timestamp: '2026-01-31T08:00:00Z', LoggedOnUsers: '[{"UserName":"ann"}]' },
      { TimeGenerated: '2026-01-31T08:00:00Z', LoggedOnUsers: [{ UserName: 'ann' }] },
    ]) {
      writeFileSync(file, `${JSON.stringify(record)}\n`);
      await using lake = await openLake(folder);
      expect(await (await lake.kql(query)).rows()).toEqual([{ User: 'ann' }]);
    }
  });

  test('a column that no unpacked bag has is said to be so, as Kusto, too, makes none', async () => {
    await using lake = await lakeOf([{}]);
    const query = 'DeviceNetworkEvents | extend d = dynamic({}) | evaluate bag_unpack(d)';
    await expect(lake.kql(`${query} | project PublicScannedIp`)).rejects.toThrow(
      'an output schema would name it',
    );
    const hits = await lake.kql(`${query} : (*, PublicScannedIp:string) | project PublicScannedIp`);
    expect(await hits.rows()).toEqual([{ PublicScannedIp: '' }]);
  });

  test('a watchlist is a file of the watchlists folder, by its name', async () => {
    await using lake = await lakeOf([{ RemoteIP: "'203.0.113.1'" }, { RemoteIP: "'203.0.113.2'" }], {
      'bad-hosts.csv': 'SearchKey,Why\n203.0.113.2,seen before\n',
    });
    const hits = await lake.kql(`
      let bad = _GetWatchlist('bad-hosts') | project SearchKey;
      DeviceNetworkEvents | where RemoteIP in (bad) | project RemoteIP`);
    expect(await hits.rows()).toEqual([{ RemoteIP: '203.0.113.2' }]);
  });

  test('invoke FileProfile looks a hash up in the table of that name; what it does not have stays empty', async () => {
    await using lake = await lakeOf([{ InitiatingProcessSHA1: "'aa'" }, { InitiatingProcessSHA1: "'bb'" }], {
      'FileProfile.csv': 'SHA1,GlobalPrevalence,Signer\nbb,12,Contoso\n',
    });
    const hits = await lake.kql(`
      DeviceNetworkEvents
      | invoke FileProfile(InitiatingProcessSHA1)
      | project InitiatingProcessSHA1, Signer
      | sort by InitiatingProcessSHA1 asc`);
    expect(await hits.rows()).toEqual([
      { InitiatingProcessSHA1: 'aa', Signer: '' },
      { InitiatingProcessSHA1: 'bb', Signer: 'Contoso' },
    ]);
  });

  test('externaldata reads the file that has the address’s name; the address is never asked', async () => {
    await using lake = await lakeOf([{}], { 'feed.csv': 'ip\n198.51.100.9\n203.0.113.1\n' });
    const hits = await lake.kql(`
      externaldata (ip: string) [@'https://intel.example/lists/feed.csv?sig=1'] with (format='csv')
      | join kind=inner (DeviceNetworkEvents | project ip = RemoteIP) on ip
      | project ip`);
    expect(await hits.rows()).toEqual([{ ip: '203.0.113.1' }]);
  });

  test('arrays that lie deeper than in looks are an error, not passed over', async () => {
    await using lake = await lakeOf([{}]);
    const asked = async (array: string) =>
      (await lake.kql(`let a = toscalar(print dynamic(${array})); print found = 4 in (a)`)).rows();
    expect(await asked('[1, [2, [4]]]')).toEqual([{ found: true }]);
    await expect(asked('[1, [2, [3, [4]]]]')).rejects.toThrow(
      'in met arrays in arrays more than three deep: mv-expand them',
    );
  });

  test('names that differ in case only are those of the query, in rows and in files', async () => {
    await using lake = await lakeOf([{}]);
    const found = await lake.kql(
      'print Count = 1, count = 2, d = dynamic({"a": 3, "A": 4}) | evaluate bag_unpack(d)',
    );
    expect(found.columns.map(({ name }) => name)).toEqual(['Count', 'count', 'A', 'a']);
    expect(await found.rows()).toEqual([{ Count: 1, count: 2, A: 4, a: 3 }]);
    const file = join(temporaryFolder(), 'found.csv');
    await found.write(file);
    expect(readFileSync(file, 'utf8')).toBe('Count,count,A,a\r\n1,2,4,3\r\n');
  });

  test('a key on a path through what is no bag is an error, and what was there is not lost in silence', async () => {
    await using lake = await lakeOf([{}]);
    await expect(
      lake.kql('print d = dynamic({"a": 1}) | project bag_set_key(d, "$.a.c", 5)'),
    ).rejects.toThrow('bag_set_key met what is no bag on its path');
  });

  test('a text that is no UTF-8 once it is decoded ends with what it is', async () => {
    await using lake = await lakeOf([{}]);
    await expect(lake.kql('print u = "caf%e9" | project url_decode(u)')).rejects.toThrow(
      'url_decode met a text that is no UTF-8 once it is decoded: caf%e9',
    );
  });

  test('an assertion that fails ends with its own words, a pattern in the data that is none with what is wrong', async () => {
    await using lake = await lakeOf([{}]);
    const asked = async (query: string) => (await lake.kql(query)).rows();
    await expect(asked('print x = assert(1 > 2, "it\'s\\n1 > 2")')).rejects.toThrow(
      /^assert\(\) has failed with message: 'it's\n1 > 2'$/,
    );
    await expect(
      asked("datatable(s: string, p: string)['a', '('] | where s matches regex p"),
    ).rejects.toThrow(/^a regular expression is not valid: missing \): \($/);
  });

  test('an escape in quotes before what is no quote is an error, as no page says what it makes of it', async () => {
    await using lake = await lakeOf([{}]);
    const asked = async (text: string) =>
      (
        await lake.kql(
          `print s = '${text}' | parse-kv s as (a: string) with (pair_delimiter=';', kv_delimiter='=', quote='"', escape='!') | project a`,
        )
      ).rows();
    expect(await asked('a="x!"!!"')).toEqual([{ a: 'x"!' }]);
    await expect(asked('a="x!n"')).rejects.toThrow(
      /^parse-kv with escape= met an escape before what is no quote: take it out with replace_string\(\) first$/,
    );
  });

  test('a path to a bag’s key that comes with the data is an error, not a key that is not there', async () => {
    await using lake = await lakeOf([{}]);
    const asked = async (key: string, call: string) =>
      (await lake.kql(`datatable(k: string)['${key}'] | project found = ${call}`)).rows();
    const has = "bag_has_key(dynamic({'a': {'b': 1}}), k)";
    const without = "bag_remove_keys(dynamic({'a': {'b': 1}, 'c': 2}), pack_array('c', k))";
    expect(await asked('a', has)).toEqual([{ found: true }]);
    expect(await asked('b', has)).toEqual([{ found: false }]);
    expect(await asked('a', without)).toEqual([{ found: {} }]);
    for (const call of [has, without])
      await expect(asked('$.a.b', call)).rejects.toThrow(
        'bag_has_key and bag_remove_keys met a path in the data: write it into the query',
      );
  });

  test('a second query over a table that the lake lacks is a second query', async () => {
    await using lake = await lakeOf([{}]);
    await expect(lake.kql('DeviceNetworkEvents | count\n\nDeviceEvents | count')).rejects.toThrow(
      /KS005: a second query begins here[\s\S]*Kusto runs one query at a time: give each apart/,
    );
  });

  test('a table of networks without what the lookup reads is refused by what it lacks', async () => {
    await using lake = await lakeOf([{}], {
      'geo_info_from_ip_address.csv': 'network,country\n203.0.113.0/24,NZ\n',
    });
    await expect(lake.kql("print geo_info_from_ip_address('203.0.113.1').country")).rejects.toThrow(
      'the table of networks for geo_info_from_ip_address() lacks state, city, latitude, longitude',
    );
  });

  test('externaldata has the declared columns in the declared types, out of what an archive held too', async () => {
    await using lake = await lakeOf([{}], {
      'top.csv': 'DOMAIN,Rank\na.example,10\nb.example,9\nc.example,\n',
    });
    const hits = await lake.kql(`
      externaldata (Rank: int, domain: string) ['https://intel.example/top.csv.zip'] with (format='csv')
      | where Rank != 10`);
    expect(await hits.rows()).toEqual([
      { Rank: 9, domain: 'b.example' },
      { Rank: null, domain: 'c.example' },
    ]);
  });

  test.each<[string, string, unknown[][]]>([
    [
      '203.0.113.1,bad\n',
      "(ip: string, what: string) ['https://x.example/feed.csv']",
      [['203.0.113.1', 'bad']],
    ],
    ['203.0.113.1,bad\n', "(ip: string) ['https://x.example/feed.csv']", [['203.0.113.1']]],
    [
      'seen,dst_ip,port\n2026-01-01,203.0.113.1,443\n',
      "(Seen_: datetime, IP: string, Port_: int) ['https://x.example/feed.csv'] with (format='csv', ignoreFirstRecord=true)",
      [['2026-01-01T00:00:00Z', '203.0.113.1', 443]],
    ],
    [
      'seen,dst_ip,port\n2026-01-01,203.0.113.1,443\n',
      "(Seen_: datetime, IP: string) ['https://x.example/feed.csv'] with (ignoreFirstRecord=false)",
      [
        [null, 'dst_ip'],
        ['2026-01-01T00:00:00Z', '203.0.113.1'],
      ],
    ],
    [
      '1,1\n2,3\n',
      "(a: long, b: long) ['https://x.example/feed.csv']",
      [
        [1, 1],
        [2, 3],
      ],
    ],
    [
      '# made today\n203.0.113.1,"a, b\nc",x\n\n198.51.100.9\n',
      "(ip: string, what: string) ['https://x.example/feed.csv']",
      [
        ['# made today', ''],
        ['203.0.113.1', 'a, b\nc'],
        ['198.51.100.9', ''],
      ],
    ],
    ['IP,x\n203.0.113.1,y\n', "(ip: string) ['https://x.example/feed.csv']", [['203.0.113.1']]],
  ])(
    'externaldata goes by the names of a header, or by the order of the fields: %j as %s',
    async (file, asked, rows) => {
      await using lake = await lakeOf([{}], { 'feed.csv': file });
      const found = await (await lake.kql(`externaldata ${asked}`)).rows();
      expect(found.map((row) => Object.values(row))).toEqual(rows);
    },
  );

  test('externaldata with more columns than the file has says how many it has', async () => {
    await using lake = await lakeOf([{}], { 'feed.csv': '203.0.113.1,bad\n' });
    await expect(
      lake.kql("externaldata (ip: string, what: string, more: long) ['https://x.example/feed.csv']"),
    ).rejects.toThrow(
      /MG010: [\s\S]* has no column 'more'[\s\S]*it has column1, column2; give it the header ip,what,more/,
    );
  });

  test('what was not supplied is refused by name, with how to supply it', async () => {
    await using lake = await lakeOf([{}]);
    await expect(lake.kql("_GetWatchlist('vip')")).rejects.toThrow(
      /MG010: the watchlist 'vip'[\s\S]*put it, for example as vip\.csv, into the folder that --watchlists names/,
    );
    await expect(lake.kql("externaldata (a: string) ['https://x.example/y.tsv?k=1']")).rejects.toThrow(
      /MG010: the file https:\/\/x\.example\/y\.tsv\?k=1[\s\S]*for example as y\.csv with the header a,/,
    );
    await expect(lake.kql('DeviceNetworkEvents | invoke FileProfile(SHA1)')).rejects.toThrow(
      /MG010: the function FileProfile is not known here[\s\S]*for example as FileProfile\.csv,/,
    );
  });

  test.each([
    ['a table', 'DeviceNetworkEvent | take 1', "did you mean 'DeviceNetworkEvents'?"],
    ['a table in another casing', 'devicenetworkevents | take 1', "did you mean 'DeviceNetworkEvents'?"],
    [
      'a table beside a watchlist',
      'DeviceNetworkEvent | where RemoteIP in (_GetWatchlist("a"))',
      "'DeviceNetworkEvents'?",
    ],
    ['a column', 'DeviceNetworkEvents | where RemotePrt == 1', "did you mean 'RemotePort'"],
    ['a function', 'DeviceNetworkEvents | extend n = strlenn(RemoteIP)', "did you mean 'strlen'"],
    ['an aggregate', 'DeviceNetworkEvents | summarize cuntif(true)', "did you mean 'countif'"],
    ['an operator', 'DeviceNetworkEvents | summarise count()', "did you mean 'summarize'?"],
  ])('%s that is mistyped is named once, with the nearest', async (_, query, hint) => {
    await using lake = await lakeOf([{}], { 'a.csv': 'x\n1\n' });
    const error = (await lake.kql(query).catch((thrown: unknown) => thrown)) as KqlError;
    expect(error).toBeInstanceOf(KqlError);
    expect(error.diagnostics).toHaveLength(1);
    expect(error.diagnostics[0]!.hint).toContain(hint);
  });

  test('a value for a parameter that the query does not declare is refused, not dropped', async () => {
    await using lake = await lakeOf([{}]);
    const query = 'declare query_parameters(port: long = 1); DeviceNetworkEvents | where RemotePort == port';
    expect((await lake.kql(query, { parameters: { port: 4444 } })).rowCount).toBe(1);
    await expect(lake.kql(query, { parameters: { prt: 4444 } })).rejects.toMatchObject({
      diagnostics: [
        {
          code: 'MG013',
          message: "a value is given for 'prt', which is no parameter of this query",
          hint: "did you mean 'port'?",
        },
      ],
    });
    await expect(lake.kql('print 1', { parameters: { port: 1 } })).rejects.toThrow('it declares none');
  });

  test('a column for ingestion_time() that is not there is named with the nearest', async () => {
    await using lake = await lakeOf([{}]);
    const query = 'DeviceNetworkEvents | project ingestion_time()';
    await expect(lake.kql(query)).rejects.toThrow('name the column that holds it, with --ingestion-time');
    await expect(lake.kql(query, { ingestionTime: 'Timestmp' })).rejects.toThrow(
      /there is no column 'Timestmp' here for ingestion_time\(\) to read[\s\S]* did you mean 'Timestamp'/,
    );
  });

  test('has_any of a table of arrays ends with what to write instead', async () => {
    await using lake = await lakeOf([{ RemoteIP: "'203.0.113.1'" }]);
    const sets = 'let S = DeviceNetworkEvents | summarize make_set(RemoteIP)';
    await expect(lake.kql(`${sets}; DeviceNetworkEvents | where RemoteIP has_any (S)`)).rejects.toThrow(
      'has_any and has_all met a table of arrays: mv-expand them, or hand one over with toscalar()',
    );
    const hits = await lake.kql(
      `${sets}; DeviceNetworkEvents | where RemoteIP has_any (toscalar(S)) | count`,
    );
    expect(await hits.rows()).toEqual([{ Count: 1 }]);
  });

  test('a star that is no union over tables does not look into them', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), networkEvent({ RemotePort: '80' }));
    writeFileSync(join(folder, 'AlertInfo.jsonl'), 'no json at all\n');
    await using lake = await openLake(folder);
    const hits = await lake.kql('DeviceNetworkEvents | summarize arg_max(RemotePort, *) by DeviceId | count');
    expect(await hits.rows()).toEqual([{ Count: 1 }]);
  });

  test('a table that a parameter names and the lake lacks is said to be lacking', async () => {
    await using lake = await lakeOf([{}]);
    await expect(lake.kql('let f = (t: string) { table(t) | take 1 }; f("DeviceEvents")')).rejects.toThrow(
      /the lake has no files for DeviceEvents/,
    );
  });

  test('a documented table that the lake lacks is said to be lacking', async () => {
    await using lake = await lakeOf([{}]);
    await expect(lake.kql('DeviceEvents | take 1')).rejects.toThrow(
      /the lake has no files for DeviceEvents[\s\S]*it has DeviceNetworkEvents/,
    );
  });

  test('every diagnostic has a code, a position and the source underlined', async () => {
    await using lake = await lakeOf([{}]);
    const error = await lake
      .kql('DeviceNetworkEvents\n| where RemotePrt == 4444', { file: 'hunt.kql' })
      .catch((each) => each);
    expect(error).toBeInstanceOf(KqlError);
    expect(error.message).toContain('--> hunt.kql:2:9\n');
    expect(error.message).toContain(
      "2 | | where RemotePrt == 4444\n  |         ^^^^^^^^^ did you mean 'RemotePort'",
    );
    expect(error.diagnostics[0]).toMatchObject({ code: 'KS142', line: 2, column: 9, length: 9 });
  });

  test('time bounds of the query prune files of every timestamp type, and change no row', async () => {
    const rows = Array.from({ length: 10 }, (_, hour) => ({
      Timestamp: `TIMESTAMPTZ '2026-01-05 0${hour}:00:00+00'`,
    }));
    await using lake = await lakeOf(rows);
    const now = new Date('2026-01-05T10:00:00Z');
    const count = async (where: string) =>
      (await (await lake.kql(`DeviceNetworkEvents | where ${where} | count`, { now })).rows())[0]!.Count;
    expect(await count('Timestamp > ago(3h)')).toBe(2);
    expect(await count('Timestamp >= ago(3h)')).toBe(3);
    expect(await count('Timestamp between (datetime(2026-01-05 02:00) .. 2h)')).toBe(3);
    expect(await count('Timestamp < datetime(2026-01-05 02:00) or RemotePort == 4444')).toBe(10);
  });
});
