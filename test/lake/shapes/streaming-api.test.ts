import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ask, imageRow, jsonLake, lines, networkRow } from './json-lake.ts';

/** An event as the streaming API sends it, a quarter of an hour after it happened. */
function event(table: string, properties: Record<string, unknown>) {
  return {
    time: '2026-01-05T00:15:00.1234567Z',
    tenantId: '00000000-0000-0000-0000-000000000001',
    operationName: 'Publish',
    category: `AdvancedHunting-${table}`,
    properties,
  };
}

const network = (changes: Record<string, unknown> = {}) => event('DeviceNetworkEvents', networkRow(changes));
const image = (changes: Record<string, unknown> = {}) => event('DeviceImageLoadEvents', imageRow(changes));
/** A table in which ReportId is text and ActionType a list: nothing of the kind may stop the tables asked for. */
const email = event('EmailEvents', {
  Timestamp: '2026-01-05T00:00:00Z',
  ReportId: 'a-b-c',
  ActionType: ['x'],
});

const NETWORK = 'SELECT RemotePort, Timestamp::VARCHAR AS t FROM DeviceNetworkEvents ORDER BY ALL';
const IMAGES = 'SELECT FileName, Timestamp::VARCHAR AS t FROM DeviceImageLoadEvents ORDER BY ALL';

describe('the streaming API', () => {
  const events = [network(), email, image(), network({ RemotePort: 1, ReportId: 12 })];

  test.each([
    ['lines', 'stream.jsonl', lines(...events)],
    ['lines, gzip', 'stream.json.gz', lines(...events)],
    ['lines, zstd', 'stream.jsonl.zst', lines(...events)],
    ['an array', 'stream.json', JSON.stringify(events, null, 1)],
    ['one records object', 'stream.json', JSON.stringify({ records: events })],
    ['one records object over many lines', 'stream.json', JSON.stringify({ records: events }, null, 2)],
    [
      'a records object a line',
      'stream.jsonl',
      lines({ records: events.slice(0, 1) }, { records: events.slice(1) }),
    ],
    ['a records object a line, gzip', 'stream.jsonl.gz', lines({ records: [] }, { records: events })],
    [
      'a records object a line, zstd',
      'stream.jsonl.zst',
      lines({ records: events.slice(0, 3) }, { records: [events[3]] }),
    ],
  ])('as %s feeds each table with its own events, at the time they happened', async (_, name, text) => {
    const folder = await jsonLake({ [`hub/${name}`]: text });
    expect(await ask(folder, NETWORK)).toEqual([
      { RemotePort: 1, t: '2026-01-05 00:00:00' },
      { RemotePort: 4444, t: '2026-01-05 00:00:00' },
    ]);
    expect(await ask(folder, IMAGES)).toEqual([{ FileName: 'bcrypt.dll', t: '2026-01-05 00:00:00' }]);
    expect(await ask(folder, 'SELECT ReportId FROM EmailEvents')).toEqual([{ ReportId: 'a-b-c' }]);
  });

  test('feeds a table whose events all come after another’s', async () => {
    const many = Array.from({ length: 3000 }, () => image());
    const folder = await jsonLake({ 'hub/stream.jsonl': lines(...many, network()) });
    expect(await ask(folder, NETWORK)).toEqual([{ RemotePort: 4444, t: '2026-01-05 00:00:00' }]);
  });

  test('in a folder of one table gives that table’s events alone', async () => {
    const folder = await jsonLake({
      'insights-logs-advancedhunting-devicenetworkevents/y=2026/m=01/d=05/h=00/m=00/PT1H.json': lines(
        network(),
        image(),
      ),
    });
    expect(await ask(folder, NETWORK)).toEqual([{ RemotePort: 4444, t: '2026-01-05 00:00:00' }]);
  });

  test('keeps types, nulls and what no contract names', async () => {
    const folder = await jsonLake({
      'hub/a.jsonl': lines(
        network({ Timestamp: '2026-01-05T02:00:00+02:00', ReportId: null, MachineGroup: 'HQ', Extra: [1] }),
        network({
          RemoteIP: null,
          RemotePort: null,
          IsInitiatingProcessRemoteSession: true,
          ReportId: 9007199254740992,
        }),
      ).replace('9007199254740992', '9007199254740993'),
    });
    const sql = `
      SELECT Timestamp::VARCHAR AS t, RemoteIP, RemotePort, ReportId, IsInitiatingProcessRemoteSession AS remote, Extra::VARCHAR AS extra
      FROM DeviceNetworkEvents ORDER BY RemoteIP`;
    expect(await ask(folder, sql)).toEqual([
      {
        t: '2026-01-05 00:00:00',
        RemoteIP: '',
        RemotePort: null,
        ReportId: '9007199254740993',
        remote: true,
        extra: null,
      },
      {
        t: '2026-01-05 00:00:00',
        RemoteIP: '203.0.113.1',
        RemotePort: 4444,
        ReportId: null,
        remote: null,
        extra: '[1]',
      },
    ]);
  });

  test('matches keys of properties in any casing, file by file', async () => {
    const lower = Object.fromEntries(
      Object.entries(networkRow()).map(([key, value]) => [key.toLowerCase(), value]),
    );
    const folder = await jsonLake({
      'hub/a.jsonl': lines(event('DeviceNetworkEvents', lower)),
      'hub/b.jsonl': lines(network({ RemotePort: 1 })),
    });
    expect(await ask(folder, NETWORK)).toEqual([
      { RemotePort: 1, t: '2026-01-05 00:00:00' },
      { RemotePort: 4444, t: '2026-01-05 00:00:00' },
    ]);
  });

  test('lacks a required column by name', async () => {
    const folder = await jsonLake({ 'hub/a.jsonl': lines(network({ RemoteIPType: undefined })) });
    await expect(ask(folder, NETWORK)).rejects.toThrow(
      /a\.jsonl: column RemoteIPType of DeviceNetworkEvents is missing/,
    );
  });

  test('refuses records objects of other logs by name', async () => {
    const folder = await jsonLake({
      'DeviceNetworkEvents/a.json': JSON.stringify({ records: [{ category: 'AuditLogs', properties: {} }] }),
    });
    await expect(ask(folder, NETWORK)).rejects.toThrow(/a\.json: .*not events of Defender's streaming API/);
  });

  test.each(['json', 'json.gz'])('reads a records object of 40 MB, as .%s', async (ending) => {
    const folder = await jsonLake({});
    mkdirSync(join(folder, 'hub'));
    const file = createWriteStream(join(folder, 'hub', `big.${ending}`));
    const out = ending.endsWith('gz') ? createGzip({ level: 1 }) : file;
    if (out !== file) out.pipe(file);
    const padding = 'x'.repeat(4000);
    const records = 10_000;
    out.write('{"records":[');
    for (let n = 0; n < records; n++) {
      const line = JSON.stringify(network({ RemotePort: n, InitiatingProcessCommandLine: padding }));
      out.write(n === 0 ? line : `,${line}`);
    }
    out.end(']}');
    await finished(file);
    const sql = `
      SELECT count(*)::INT AS n, sum(RemotePort)::INT AS ports, min(length(InitiatingProcessCommandLine))::INT AS text
      FROM DeviceNetworkEvents`;
    expect(await ask(folder, sql)).toEqual([
      { n: records, ports: (records * (records - 1)) / 2, text: 4000 },
    ]);
  });
});
