import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../../src/index.ts';
import { ask, imageRow, jsonLake, lines, networkRow } from './json-lake.ts';

const SELECT_KEY =
  'SELECT RemotePort, RemoteIP, Timestamp::VARCHAR AS t FROM DeviceNetworkEvents ORDER BY ALL';

describe('rows of Defender XDR and Sentinel as JSON', () => {
  test.each([
    ['lines', 'part.jsonl', lines(networkRow(), networkRow({ RemotePort: 1 }))],
    ['lines, gzip', 'part.jsonl.gz', lines(networkRow(), networkRow({ RemotePort: 1 }))],
    ['lines, zstd', 'part.json.zst', lines(networkRow(), networkRow({ RemotePort: 1 }))],
    [
      'lines ended by \\r\\n',
      'part.jsonl',
      lines(networkRow(), networkRow({ RemotePort: 1 })).replaceAll('\n', '\r\n'),
    ],
    [
      'lines, the last without an end',
      'part.jsonl',
      lines(networkRow(), networkRow({ RemotePort: 1 })).trimEnd(),
    ],
    [
      'lines behind a byte-order mark',
      'part.jsonl',
      `\ufeff${lines(networkRow(), networkRow({ RemotePort: 1 }))}`,
    ],
    ['an array', 'part.json', JSON.stringify([networkRow(), networkRow({ RemotePort: 1 })])],
    [
      'an array over many lines',
      'part.json',
      JSON.stringify([networkRow(), networkRow({ RemotePort: 1 })], null, 2),
    ],
    ['an array, gzip', 'part.json.gz', JSON.stringify([networkRow(), networkRow({ RemotePort: 1 })])],
    [
      'documents over many lines',
      'part.json',
      `${JSON.stringify(networkRow(), null, 2)}\n${JSON.stringify(networkRow({ RemotePort: 1 }), null, 2)}`,
    ],
    [
      'documents on one line',
      'part.json',
      JSON.stringify(networkRow()) + JSON.stringify(networkRow({ RemotePort: 1 })),
    ],
  ])('%s', async (_, name, text) => {
    const folder = await jsonLake({ [`DeviceNetworkEvents/${name}`]: text });
    expect(await ask(folder, SELECT_KEY)).toEqual([
      { RemotePort: 1, RemoteIP: '203.0.113.1', t: '2026-01-05 00:00:00' },
      { RemotePort: 4444, RemoteIP: '203.0.113.1', t: '2026-01-05 00:00:00' },
    ]);
  });

  test.each(['Isp', 'ISP'])('a column that Microsoft spells in two ways is read as %s', async (name) => {
    const record = { Timestamp: '2026-01-05T00:00:00Z', ActionType: 'a', [name]: 'Contoso' };
    const folder = await jsonLake({ 'CloudAppEvents/a.jsonl': lines(record) });
    await using lake = await openLake(folder);
    expect(await (await lake.kql(`CloudAppEvents | project ${name}`)).rows()).toEqual([
      { [name]: 'Contoso' },
    ]);
    expect((await lake.columns('CloudAppEvents')).filter((column) => /^isp$/i.test(column.name))).toEqual([
      { name, type: 'string' },
    ]);
  });

  test.each([
    ['AccountUpn', 'IdentityInfo'],
    ['AccountUPN', 'IdentityInfo'],
    ['Isp', 'CloudAppEvents'],
    ['ISP', 'CloudAppEvents'],
  ])('of documented names that differ in case alone, the files have %s', async (name, table) => {
    const folder = await jsonLake({
      [`${table}/part.jsonl`]: lines({ Timestamp: '2026-01-05T00:00:00Z', [name]: 'ann' }),
    });
    expect(
      await ask(folder, `SELECT COLUMNS(c -> lower(c) = '${name.toLowerCase()}') FROM ${table}`),
    ).toEqual([{ [name]: 'ann' }]);
  });

  test('an empty file of a table whose documented names differ in case alone has no rows', async () => {
    const folder = await jsonLake({ 'IdentityInfo/part.jsonl': '' });
    expect(await ask(folder, 'SELECT count(*)::INT AS n FROM IdentityInfo')).toEqual([{ n: 0 }]);
  });

  test('a single document is one row', async () => {
    const folder = await jsonLake({ 'DeviceNetworkEvents/one.json': JSON.stringify(networkRow(), null, 2) });
    expect(await ask(folder, 'SELECT count(*)::INT AS n FROM DeviceNetworkEvents')).toEqual([{ n: 1 }]);
  });

  test('times with an offset become UTC, and null, empty and absent times stay null', async () => {
    const folder = await jsonLake({
      'DeviceImageLoadEvents/a.jsonl': lines(
        imageRow({
          Timestamp: '2026-01-05T00:30:00+02:00',
          InitiatingProcessCreationTime: '2026-01-04T19:00:00-05:00',
        }),
        imageRow({ Timestamp: '2026-01-05T01:00:00.1234567Z', InitiatingProcessCreationTime: null }),
        imageRow({ Timestamp: '2026-01-05 02:00:00', InitiatingProcessCreationTime: '' }),
        imageRow({ Timestamp: '2026-01-05T03:00:00Z' }),
      ),
    });
    const sql =
      'SELECT Timestamp::VARCHAR AS t, InitiatingProcessCreationTime::VARCHAR AS c FROM DeviceImageLoadEvents ORDER BY t';
    expect(await ask(folder, sql)).toEqual([
      { t: '2026-01-04 22:30:00', c: '2026-01-05 00:00:00' },
      { t: '2026-01-05 01:00:00.123456', c: null },
      { t: '2026-01-05 02:00:00', c: null },
      { t: '2026-01-05 03:00:00', c: null },
    ]);
  });

  test('null and absent strings read as empty, null and absent numbers as null', async () => {
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl': lines(
        networkRow({ RemoteIP: null, RemotePort: null }),
        networkRow({ RemoteIP: undefined, RemotePort: undefined }),
        networkRow({ RemoteUrl: 'example.com' }),
      ),
    });
    const sql = 'SELECT RemoteIP, RemotePort, RemoteUrl FROM DeviceNetworkEvents ORDER BY ALL NULLS FIRST';
    expect(await ask(folder, sql)).toEqual([
      { RemoteIP: '', RemotePort: null, RemoteUrl: '' },
      { RemoteIP: '', RemotePort: null, RemoteUrl: '' },
      { RemoteIP: '203.0.113.1', RemotePort: 4444, RemoteUrl: 'example.com' },
    ]);
  });

  test('Sentinel names the time TimeGenerated and keeps AdditionalFields as dynamic; both shapes read together', async () => {
    const sentinel = networkRow({
      Timestamp: undefined,
      TimeGenerated: '2026-01-06T00:00:00Z',
      AdditionalFields: { direction: 'Out', n: 1 },
      Type: 'DeviceNetworkEvents',
    });
    const folder = await jsonLake({
      'DeviceNetworkEvents/sentinel.jsonl': lines(sentinel),
      'DeviceNetworkEvents/xdr.jsonl': lines(networkRow({ AdditionalFields: '{"direction":"In"}' })),
    });
    const sql = `
      SELECT Timestamp::VARCHAR AS t, TimeGenerated::VARCHAR AS g, AdditionalFields ->> '$.direction' AS d, typeof(AdditionalFields) AS type
      FROM DeviceNetworkEvents ORDER BY t`;
    expect(await ask(folder, sql)).toEqual([
      { t: '2026-01-05 00:00:00', g: '2026-01-05 00:00:00', d: 'In', type: 'JSON' },
      { t: '2026-01-06 00:00:00', g: '2026-01-06 00:00:00', d: 'Out', type: 'JSON' },
    ]);
  });

  test('keys are matched in any casing, file by file', async () => {
    const lower = Object.fromEntries(
      Object.entries(networkRow()).map(([key, value]) => [key.toLowerCase(), value]),
    );
    const folder = await jsonLake({
      'DeviceNetworkEvents/lower.jsonl': lines({ ...lower, remoteport: 1 }),
      'DeviceNetworkEvents/usual.jsonl': lines(networkRow({ RemotePort: 2 })),
    });
    expect(await ask(folder, SELECT_KEY)).toEqual([
      { RemotePort: 1, RemoteIP: '203.0.113.1', t: '2026-01-05 00:00:00' },
      { RemotePort: 2, RemoteIP: '203.0.113.1', t: '2026-01-05 00:00:00' },
    ]);
  });

  test('two spellings of one column in a file are refused by name', async () => {
    const folder = await jsonLake({ 'DeviceNetworkEvents/a.jsonl': lines(networkRow({ remoteport: 5 })) });
    await expect(ask(folder, SELECT_KEY)).rejects.toThrow(
      /a\.jsonl: its records have both RemotePort and remoteport/,
    );
  });

  test('keys that no contract names come as dynamic columns, whichever file has them', async () => {
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl': lines(networkRow({ RemotePort: 1, Site: { city: 'Kiel' }, Tag: 'x' })),
      'DeviceNetworkEvents/b.jsonl': lines(networkRow({ RemotePort: 2, Tag: 7 })),
      'DeviceNetworkEvents/c.jsonl': lines(networkRow({ RemotePort: 3, tag: 8 })),
    });
    const sql =
      'SELECT RemotePort, Site::VARCHAR AS site, Tag::VARCHAR AS tag FROM DeviceNetworkEvents ORDER BY 1';
    expect(await ask(folder, sql)).toEqual([
      { RemotePort: 1, site: '{"city":"Kiel"}', tag: '"x"' },
      { RemotePort: 2, site: null, tag: '7' },
      { RemotePort: 3, site: null, tag: '8' },
    ]);
  });

  test('numbers written as text are numbers, and long ones keep every digit', async () => {
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl': `${lines(
        networkRow({ RemotePort: '4433', InitiatingProcessId: '7' }),
      ).replace('}', ',"ReportId":9007199254740993}')}`,
    });
    const sql = 'SELECT RemotePort, InitiatingProcessId AS pid, ReportId FROM DeviceNetworkEvents';
    expect(await ask(folder, sql)).toEqual([{ RemotePort: 4433, pid: '7', ReportId: '9007199254740993' }]);
  });
});

describe('whole numbers', () => {
  const pid = (value: unknown) => lines(networkRow(), networkRow({ InitiatingProcessId: value }));
  const event = (properties: object) => ({ category: 'AdvancedHunting-DeviceNetworkEvents', properties });

  test.each([
    ['InitiatingProcessId', 443.6, /line 2: InitiatingProcessId is 443\.6, which cannot be read as BIGINT/],
    ['RemotePort', 443.6, /line 2: RemotePort is 443\.6, which cannot be read as INTEGER/],
    ['RemotePort', 2 ** 31, /line 2: RemotePort is 2147483648, which cannot be read as INTEGER/],
    ['RemotePort', true, /line 2: RemotePort is true, which cannot be read as INTEGER/],
  ])('a fraction is none: %s of %s is refused by file, record and value', async (column, value, problem) => {
    const rows = [networkRow(), networkRow({ [column]: value })];
    for (const records of [rows, rows.map(event)]) {
      const folder = await jsonLake({ 'DeviceNetworkEvents/a.jsonl': lines(...records) });
      await using lake = await openLake(folder);
      const asked = lake.kql(`DeviceNetworkEvents | summarize max(${column})`);
      await expect(asked).rejects.toThrow(problem);
      await expect(asked).rejects.toThrow(/a\.jsonl/);
    }
  });

  test('443.0, 1e3 and numbers in quotes are whole', async () => {
    const text = `${pid(1)}${pid('7')}`.replace('"InitiatingProcessId":1}', '"InitiatingProcessId":1e3}');
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl': text.replace('"RemotePort":4444', '"RemotePort":443.0'),
    });
    const sql = 'SELECT RemotePort, InitiatingProcessId AS pid FROM DeviceNetworkEvents ORDER BY ALL';
    expect(await ask(folder, sql)).toEqual([
      { RemotePort: 443, pid: '4' },
      { RemotePort: 4444, pid: '4' },
      { RemotePort: 4444, pid: '7' },
      { RemotePort: 4444, pid: '1000' },
    ]);
  });
});

describe('columns that the first records do not have', () => {
  const many = (changes: Record<string, unknown>) =>
    lines(...Array.from({ length: 2000 }, () => networkRow(changes)));

  test('a required one is found however late it comes', async () => {
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl': many({ RemoteIPType: undefined }) + lines(networkRow()),
    });
    const sql = `SELECT RemoteIPType, count(*)::INT AS n FROM DeviceNetworkEvents GROUP BY ALL ORDER BY ALL`;
    expect(await ask(folder, sql)).toEqual([
      { RemoteIPType: '', n: 2000 },
      { RemoteIPType: 'Public', n: 1 },
    ]);
  });

  test('one that no record has is missing, by name', async () => {
    const folder = await jsonLake({ 'DeviceNetworkEvents/a.jsonl': many({ RemoteIPType: undefined }) });
    await expect(ask(folder, SELECT_KEY)).rejects.toThrow(
      /a\.jsonl: column RemoteIPType of DeviceNetworkEvents is missing/,
    );
  });

  test('an optional one keeps its type however late it comes', async () => {
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl':
        many({}) + lines(networkRow({ InitiatingProcessFileSize: 12, SentBytes: 34 })),
    });
    const sql = `
      SELECT sum(InitiatingProcessFileSize)::BIGINT AS size, sum(SentBytes)::BIGINT AS sent, any_value(typeof(SentBytes)) AS type
      FROM DeviceNetworkEvents`;
    expect(await ask(folder, sql)).toEqual([{ size: '12', sent: '34', type: 'BIGINT' }]);
  });
});

describe('files without rows', () => {
  test.each([
    ['0 bytes', 'empty.jsonl', ''],
    ['0 bytes by the name of gzip', 'empty.jsonl.gz', new Uint8Array()],
    ['nothing in gzip', 'empty.jsonl.gz', ''],
    ['blank lines', 'empty.jsonl', '\n \n'],
    ['an array of nothing', 'empty.json', ' [ ]\n'],
  ])('%s', async (_, name, content) => {
    const counted = 'SELECT count(*)::INT AS n, count(RemoteIP)::INT AS ips FROM DeviceNetworkEvents';
    const alone = await jsonLake({ [`DeviceNetworkEvents/${name}`]: content });
    expect(await ask(alone, counted)).toEqual([{ n: 0, ips: 0 }]);
    const beside = await jsonLake({
      [`DeviceNetworkEvents/${name}`]: content,
      'DeviceNetworkEvents/full.jsonl': lines(networkRow()),
    });
    expect(await ask(beside, counted)).toEqual([{ n: 1, ips: 1 }]);
  });
});

describe('files that are not what their names say', () => {
  test('UTF-16 is refused by name, with a way out', async () => {
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl': Buffer.from(`\ufeff${lines(networkRow())}`, 'utf16le'),
    });
    await expect(ask(folder, SELECT_KEY)).rejects.toThrow(/a\.jsonl: .*UTF-16/);
  });

  test('what is not gzip, or cut off, is refused by name', async () => {
    const folder = await jsonLake({ 'DeviceNetworkEvents/a.jsonl.gz': Buffer.from(lines(networkRow())) });
    await expect(ask(folder, SELECT_KEY)).rejects.toThrow(/a\.jsonl\.gz/);
  });

  test('a malformed line among good ones is refused by the file’s name', async () => {
    const folder = await jsonLake({ 'DeviceNetworkEvents/a.jsonl': lines(networkRow()) });
    appendFileSync(join(folder, 'DeviceNetworkEvents/a.jsonl'), '{"Timestamp":\n');
    await expect(ask(folder, SELECT_KEY)).rejects.toThrow(/a\.jsonl/);
  });
});

describe('a table that no contract describes', () => {
  test('has the columns of all its files, with the types of all their values', async () => {
    const late = lines(...Array.from({ length: 25000 }, () => ({ id: 1 })), { id: 2.5, note: 'late' });
    const folder = await jsonLake({
      'Proxy/a.jsonl': late,
      'Proxy/b.json': JSON.stringify([{ id: 7, seen: '2026-01-05T02:00:00+02:00', who: { name: 'x' } }]),
    });
    const sql = `
      SELECT id, note, seen::VARCHAR AS seen, who::VARCHAR AS who
      FROM Proxy WHERE id <> 1 ORDER BY id`;
    expect(await ask(folder, sql)).toEqual([
      { id: 2.5, note: 'late', seen: null, who: null },
      { id: 7, note: '', seen: '2026-01-05 00:00:00', who: '{"name":"x"}' },
    ]);
  });

  test('has no rows where its files are empty', async () => {
    const folder = await jsonLake({ 'Proxy/a.jsonl': '', 'Proxy/b.jsonl': lines({ id: 1 }) });
    expect(await ask(folder, 'SELECT id FROM Proxy')).toEqual([{ id: '1' }]);
  });
});
