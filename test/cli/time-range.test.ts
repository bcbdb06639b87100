import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imageLoad, networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** A hunt whose time range lies beside the lake's looks like a clean fleet: it says so. */
let lake: string;
beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  const ids = { DeviceId: "'d'", ReportId: '7::BIGINT', SentBytes: '1::BIGINT', ReceivedBytes: '1::BIGINT' };
  const at = (time: string) => ({ ...ids, Timestamp: `TIMESTAMP '${time}'` });
  await writeFile(join(lake, 'DeviceImageLoadEvents', 'a.parquet'), imageLoad(at('2026-01-05 08:00:00')));
  await writeFile(join(lake, 'DeviceNetworkEvents', 'a.parquet'), networkEvent(at('2026-01-05 08:01:00')));
});
afterAll(() => rmSync(lake, { recursive: true }));

const LOADS =
  'no event of DeviceImageLoadEvents lies in that time range: its events are from 2026-01-05T08:00:00Z to 2026-01-05T08:00:00Z';
const CONNECTIONS =
  'no event of DeviceNetworkEvents lies in that time range: its events are from 2026-01-05T08:01:00Z to 2026-01-05T08:01:00Z';

const RANGES: readonly (readonly [name: string, argv: readonly string[], notes: readonly string[]])[] = [
  ["is the lake's own", ['--since', '2026-01-05', '--until', '2026-01-06'], []],
  ['lies after it', ['--since', '2026-01-06'], [LOADS, CONNECTIONS]],
  ['lies before it', ['--until', '2026-01-05T08:00'], [LOADS, CONNECTIONS]],
  ['is counted from now', ['--lookback', '24h'], [LOADS, CONNECTIONS]],
  ['holds connections alone', ['--since', '2026-01-05T08:00:30'], [LOADS]],
  ['holds loads alone', ['--until', '2026-01-05T08:00:30'], [CONNECTIONS]],
];

test.each(RANGES)('a hunt whose range %s', async (_, range, notes) => {
  const outcome = await merganser(['hunt', '--lake', lake, '--format', 'csv', ...range]);
  expect(outcome.code).toBe(0);
  expect(outcome.stderr).toBe(notes.map((note) => `note: ${note}\n`).join(''));
  expect(outcome.stdout.trimEnd().split('\n')).toHaveLength(notes.length === 0 ? 2 : 1);
});

test('nothing is said where there are events and nothing to find', async () => {
  const argv = ['hunt', '--lake', lake, '--since', '2026-01-05', '--set', 'crypto_libraries=none.dll'];
  expect(await merganser([...argv, '--format', 'json'])).toEqual({ code: 0, stdout: '[]\n', stderr: '' });
});

test('a lake of JSON lines, which has to be read to tell', async () => {
  const json = temporaryFolder();
  const event = {
    Timestamp: '2026-01-05T08:00:00Z',
    DeviceName: 'd',
    ActionType: 'ImageLoaded',
    FileName: 'a.dll',
  };
  const whole = {
    ...event,
    InitiatingProcessId: 4,
    RemoteIP: '192.0.2.1',
    RemotePort: 4444,
    RemoteIPType: 'Public',
  };
  for (const table of ['DeviceImageLoadEvents', 'DeviceNetworkEvents'])
    writeFileSync(
      join(json, `${table}.jsonl`),
      `${JSON.stringify({ ...whole, InitiatingProcessFileName: 'p.exe' })}\n`,
    );
  const { code, stderr } = await merganser(['hunt', '--lake', json, '--lookback', '24h', '--format', 'csv']);
  expect(code).toBe(0);
  expect(stderr).toContain(`note: ${LOADS}\n`);
  expect(stderr).toContain(`note: ${LOADS.replace('DeviceImageLoadEvents', 'DeviceNetworkEvents')}\n`);
});

test('with copies dropped and addresses classified', async () => {
  const argv = [
    'hunt',
    '--lake',
    lake,
    '--dedupe',
    '--classify-addresses',
    '--format',
    'csv',
    '--lookback',
    '24h',
  ];
  const { code, stderr } = await merganser(argv);
  expect(code).toBe(0);
  expect(stderr).toContain(`note: ${LOADS}\nnote: ${CONNECTIONS}\n`);
});

test('beacons', async () => {
  const { stderr } = await merganser(['beacons', '--lake', lake, '--lookback', '24h', '--format', 'csv']);
  expect(stderr).toBe(`note: ${CONNECTIONS}\n`);
});

test.each([
  ['DeviceNetworkEvents | where Timestamp > ago(7d)', [CONNECTIONS]],
  ['DeviceNetworkEvents | where Timestamp > ago(7d) or RemotePort == 1', []],
  ['DeviceNetworkEvents | where RemotePort == 1', []],
  ['DeviceNetworkEvents | where Timestamp > datetime(2026-01-05) and RemotePort == 1', []],
  [
    'union (DeviceNetworkEvents | where Timestamp > ago(7d)), (DeviceNetworkEvents | where RemotePort == 1)',
    [],
  ],
  [
    'DeviceNetworkEvents | where Timestamp > ago(7d) | join (DeviceImageLoadEvents | where Timestamp < datetime(2026-01-05)) on DeviceId',
    [LOADS, CONNECTIONS],
  ],
])('a query: %s', async (query, notes) => {
  const { code, stderr } = await merganser(['kql', query, '--lake', lake, '--format', 'csv']);
  expect(code).toBe(0);
  expect(stderr).toBe(notes.map((note) => `note: ${note}\n`).join(''));
});

test('a batch', async () => {
  const work = temporaryFolder();
  const argv = ['batch', '--lake', lake, '--work', work];
  expect((await merganser([...argv, '--since', '2026-01-05'])).stderr).not.toContain('time range');
  const { code, stderr } = await merganser([...argv, '--lookback', '24h']);
  const name = 't1573.001.symmetric-cryptography-c2';
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining(`note: ${name}: ${LOADS}\nnote: ${name}: ${CONNECTIONS}\n`),
  });
});
