import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLake } from '../../../src/index.ts';
import { ask, jsonLake, lines, networkRow } from './json-lake.ts';

/** More records than a file's first bytes hold. */
const MANY = 400;
const many = (row: Record<string, unknown>) => Array.from({ length: MANY }, () => row);
const event = (properties: object) => ({ category: 'AdvancedHunting-DeviceNetworkEvents', properties });
const long = 'x'.repeat(100_000);

const lower = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key.toLowerCase(), value]));

describe('keys that the first bytes of a file do not show', () => {
  test.each([
    ['rows', 'a.jsonl', (row: object) => `${JSON.stringify(row)}\n`],
    ['rows, gzip', 'a.jsonl.gz', (row: object) => `${JSON.stringify(row)}\n`],
    ['rows, zstd', 'a.jsonl.zst', (row: object) => `${JSON.stringify(row)}\n`],
    ['an array', 'a.json', (row: object) => JSON.stringify([row], null, 2)],
    ['events', 'a.jsonl', (row: object) => lines(event(row))],
    ['a records object', 'a.json', (row: object) => JSON.stringify({ records: [event(row)] })],
  ])('lie behind a long value: %s', async (_, name, written) => {
    const row = lower(networkRow({ RemotePort: 1 }));
    const folder = await jsonLake({
      [`DeviceNetworkEvents/${name}`]: written({ initiatingprocesscommandline: long, ...row }),
    });
    const sql = `SELECT Timestamp::VARCHAR AS t, DeviceName AS d, RemotePort AS p FROM DeviceNetworkEvents`;
    expect(await ask(folder, sql)).toEqual([{ t: '2026-01-05 00:00:00', d: 'ws-1', p: 1 }]);
  });

  test('the category of an event stands behind its long properties', async () => {
    const { category, properties } = event(networkRow({ InitiatingProcessCommandLine: long }));
    const folder = await jsonLake({ 'hub/a.jsonl': lines({ properties, category }) });
    expect(await ask(folder, 'SELECT count(*)::INT AS n FROM DeviceNetworkEvents')).toEqual([{ n: 1 }]);
  });

  test.each([
    ['rows', (row: object) => row],
    ['events', event],
  ])('come with a later record, in another spelling or under no contract: %s', async (_, as) => {
    const late = networkRow({ remoteUrl: 'late.example', Site: { city: 'Kiel' } });
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl': lines(...many(networkRow()).map(as), as(late)),
    });
    const sql = `
      SELECT count(*)::INT AS n, max(RemoteUrl) AS url, max(Site::VARCHAR) AS site FROM DeviceNetworkEvents`;
    expect(await ask(folder, sql)).toEqual([{ n: MANY + 1, url: 'late.example', site: '{"city":"Kiel"}' }]);
  });

  test('two spellings of one column are refused however late the second comes', async () => {
    const { DeviceName, ...rest } = networkRow();
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.jsonl': lines(...many(networkRow()), { ...rest, deviceName: DeviceName }),
    });
    await expect(ask(folder, 'SELECT DeviceName FROM DeviceNetworkEvents')).rejects.toThrow(
      /a\.jsonl: its records have both DeviceName and deviceName, which name one column/,
    );
  });

  test('every value is found that JSON.parse finds, wherever it stands and however its file spells the key', async () => {
    const names = ['RemoteUrl', 'LocalIP', 'Protocol', 'InitiatingProcessFileName'];
    const spelling = fc.constantFrom<(name: string) => string>(
      (name) => name,
      (name) => name.toLowerCase(),
      (name) => name.toUpperCase(),
      (name) => name[0]!.toLowerCase() + name.slice(1),
    );
    const record = fc.record(Object.fromEntries(names.map((name) => [name, fc.string()])), {
      requiredKeys: [],
    });
    const file = fc.record({
      spelled: fc.tuple(...names.map(() => spelling)),
      sparse: fc.array(record, { minLength: 1, maxLength: 4 }),
      before: fc.constantFrom(0, MANY),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), async (files) => {
        const texts = files.map(({ spelled, sparse, before }) =>
          lines(
            ...many(networkRow()).slice(0, before),
            ...sparse.map((values) =>
              networkRow(
                Object.fromEntries(
                  names.flatMap((name, index) =>
                    name in values ? [[spelled[index]!(name), values[name]]] : [],
                  ),
                ),
              ),
            ),
          ),
        );
        const folder = await jsonLake(
          Object.fromEntries(texts.map((text, index) => [`DeviceNetworkEvents/${index}.jsonl`, text])),
        );
        const rows = await ask(folder, `SELECT ${names.join(', ')} FROM DeviceNetworkEvents`);
        const wanted = texts
          .flatMap((text) => text.trimEnd().split('\n'))
          .map((line) =>
            Object.entries(JSON.parse(line) as object).map(([key, value]) => [key.toLowerCase(), value]),
          )
          .map((entries) => Object.fromEntries(entries) as Record<string, string>)
          .map((row) => names.map((name) => row[name.toLowerCase()] ?? ''));
        const sorted = (values: unknown[][]) => values.map((each) => JSON.stringify(each)).sort();
        expect(sorted(rows.map((row) => names.map((name) => row[name])))).toEqual(sorted(wanted));
      }),
      { numRuns: 25 },
    );
  });
});

describe('what an API has answered', () => {
  const rows = [networkRow({ RemotePort: 1 }), networkRow({ RemotePort: 2, remoteurl: 'x.example' })];
  test.each([
    ['OData', { '@odata.context': 'https://x', value: rows }],
    ['advanced hunting', { Stats: {}, Schema: [{ Name: 'Timestamp', Type: 'DateTime' }], Results: rows }],
    ['Graph', { schema: [{ name: 'Timestamp', type: 'DateTime' }], results: rows }],
  ])('%s: its rows are the table’s', async (_, answer) => {
    const sql = 'SELECT RemotePort, RemoteUrl FROM DeviceNetworkEvents ORDER BY ALL';
    for (const text of [JSON.stringify(answer), JSON.stringify(answer, null, 2)]) {
      expect(await ask(await jsonLake({ 'DeviceNetworkEvents/a.json': text }), sql)).toEqual([
        { RemotePort: 1, RemoteUrl: '' },
        { RemotePort: 2, RemoteUrl: 'x.example' },
      ]);
    }
  });

  test.each([
    [{ value: [1, 2] }, 'value'],
    [{ value: 'x' }, 'value'],
    [{ value: rows, other: 1 }, 'other, value'],
    [{ value: rows, results: rows }, 'results, value'],
  ])('anything else is told by the keys that it has', async (answer, keys) => {
    const folder = await jsonLake({ 'DeviceNetworkEvents/a.json': JSON.stringify(answer) });
    await using lake = await openLake(folder);
    await expect(lake.kql('DeviceNetworkEvents')).rejects.toMatchObject({
      message: expect.stringContaining('are missing'),
      hint: expect.stringContaining(`the file has ${keys};`),
    });
  });

  test('of a table without a contract is a row, as it is to Kusto', async () => {
    const folder = await jsonLake({ 'Proxy/a.json': JSON.stringify({ value: [{ a: 1 }] }) });
    expect(await ask(folder, 'SELECT value::VARCHAR AS v FROM Proxy')).toEqual([{ v: '[{"a":1}]' }]);
  });
});

test.each(['jsonl', 'jsonl.gz', 'jsonl.zst'])(
  'a byte-order mark before lines in .%s is skipped',
  async (ending) => {
    const folder = await jsonLake({
      [`DeviceNetworkEvents/a.${ending}`]: `\ufeff${lines(networkRow(), networkRow())}`,
    });
    expect(await ask(folder, 'SELECT count(*)::INT AS n FROM DeviceNetworkEvents')).toEqual([{ n: 2 }]);
  },
);

test.each([
  ['before', [networkRow(), event(networkRow())], 1],
  ['after', [...many(event(networkRow())), networkRow()], MANY + 1],
])('a row %s events of the streaming API is refused by file and line', async (_, records, line) => {
  for (const name of ['DeviceNetworkEvents/a.jsonl', 'hub/a.jsonl']) {
    const folder = await jsonLake({ [name]: lines(...records) });
    await expect(ask(folder, 'SELECT count(*) FROM DeviceNetworkEvents')).rejects.toThrow(
      new RegExp(
        `a\\.jsonl: line ${line}: an event of Defender's streaming API is expected, not \\{"Timestamp"`,
      ),
    );
  }
});

test('events of the streaming API behind a file’s rows are refused by file', async () => {
  const folder = await jsonLake({
    'DeviceNetworkEvents/a.jsonl': lines(...many(networkRow()), event(networkRow())),
  });
  await expect(ask(folder, 'SELECT count(*) FROM DeviceNetworkEvents')).rejects.toThrow(
    /a\.jsonl: it holds 1 event of Defender's streaming API behind rows/,
  );
});

test('fields of Sysmon that come with a later event are read, however they are spelled', async () => {
  const load = { EventID: 7, UtcTime: '2026-01-05 00:00:00.000', ProcessGuid: '{1}', Image: 'C:\\a.exe' };
  const folder = await jsonLake({
    'sysmon/a.jsonl': lines(...many(load), { ...load, imageLoaded: 'C:\\Windows\\bcrypt.dll' }),
  });
  const sql = "SELECT count(*)::INT AS n FROM DeviceImageLoadEvents WHERE FileName = 'bcrypt.dll'";
  expect(await ask(folder, sql)).toEqual([{ n: 1 }]);
});
