import { expect, test } from 'vitest';
import { type DetectionHeading, isFindings } from '../../src/report/findings/finding.ts';
import { findingsText } from '../../src/report/findings/findings.ts';
import type { ReportOptions } from '../../src/report/options.ts';
import { onResult, textOf } from './results.ts';

const DETECTION: DetectionHeading = {
  id: 't1573.001',
  title: 'Symmetric cryptography C2',
  severity: 'high',
  confidence: 'medium',
  technique: 'T1573.001',
  tactic: 'Command and Control',
};

const BEACON = {
  DeviceName: `'WORKSTATION5'`,
  ProcessName: `'winx64_payload.exe'`,
  ProcessCmd: `'"C:\\Users\\pgustavo\\Downloads\\winx64_payload.exe" --config C:\\ProgramData\\cfg.bin'`,
  AccountName: `'pgustavo'`,
  ProcessSHA256: `'3F2A9C01B2D4E5F6A7B8C9D0E1F2A3B4C5D6E7F8091A2B3C4D5E6F708192A3B4'`,
  CryptoLibsLoaded: `['bcrypt.dll', 'rsaenh.dll']`,
  RemoteIPs: `['203.0.113.7']`,
  RemotePorts: '[4433]',
  ConnectionCount: '247::BIGINT',
  TotalBytesSent: '1258291::BIGINT',
  TotalBytesReceived: '348160::BIGINT',
  FirstConnection: `TIMESTAMP '2026-01-31 08:00:01.5'`,
  LastConnection: `TIMESTAMP '2026-01-31 12:06:01'`,
  DataTransferMB: '1.53::DOUBLE',
  DurationMinutes: '246::BIGINT',
  AvgIntervalSeconds: '61.02::DOUBLE',
  BeaconLikely: 'true',
};

const QUIET = {
  ...BEACON,
  DeviceName: `'dc-01'`,
  ProcessName: `''`,
  ProcessCmd: `''`,
  AccountName: `''`,
  ProcessSHA256: `''`,
  CryptoLibsLoaded: '[]::VARCHAR[]',
  ConnectionCount: '1::BIGINT',
  TotalBytesSent: 'NULL::BIGINT',
  TotalBytesReceived: 'NULL::BIGINT',
  FirstConnection: `TIMESTAMP '2026-02-01 03:00:00'`,
  LastConnection: `TIMESTAMP '2026-02-01 03:00:00'`,
  DurationMinutes: '0::BIGINT',
  AvgIntervalSeconds: '0::DOUBLE',
  BeaconLikely: 'false',
};

const ACTIVITY = '[5,1,2,3,4,5,0,0,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5,5]::BIGINT[]';

const select = (...rows: Record<string, string>[]) =>
  rows
    .map((row) => `SELECT ${Object.entries(row).map(([name, value]) => `${value} AS "${name}"`)}`)
    .join(' UNION ALL ');

const findings = (sql: string, options: ReportOptions = {}, detection = DETECTION) =>
  onResult(sql, (result) => textOf(findingsText(result, detection, options)));

test('a finding is told in a block that fits 80 columns', async () => {
  expect(await findings(select({ ...BEACON, Activity: ACTIVITY }), { columns: 80 })).toBe(
    [
      'Symmetric cryptography C2',
      'T1573.001 · Command and Control · severity high · confidence medium',
      '',
      '▌ 1 winx64_payload.exe @ WORKSTATION5, pgustavo                           BEACON',
      '▌ command   "C:\\Users\\pgustavo\\Downloads\\winx64_payload.exe" --config C:\\Progra…',
      '▌ sha256    3F2A9C01B2D4E5F6…',
      '▌ loads     bcrypt.dll, rsaenh.dll',
      '▌ remote    203.0.113.7 on port 4433',
      '▌ activity  ▇▁▂▃▅▇··▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇  247 connections in 4.1 h, every 61 s',
      '▌ bytes     1.2 MB sent, 340 KB received',
      '▌ seen      2026-01-31 08:00:01 → 12:06:01 UTC',
      '',
      '1 finding on 1 device, 1 beacon-like',
      '2026-01-31 08:00:01 → 12:06:01 UTC',
      'a connection counts once for each library load in the window before it',
      '',
    ].join('\n'),
  );
});

test('what was not recorded is said so', async () => {
  const text = await findings(select(QUIET), { columns: 80 });
  expect(text).toContain(
    [
      '▌ 1 (no name) @ dc-01                                                  no beacon',
      '▌ command   not recorded',
      '▌ sha256    not recorded',
      '▌ loads     not recorded',
      '▌ remote    203.0.113.7 on port 4433',
      '▌ activity  1 connection',
      '▌ bytes     not recorded',
      '▌ seen      2026-02-01 03:00:00 UTC',
    ].join('\n'),
  );
  expect(text).toContain('1 finding on 1 device, none beacon-like');
});

test('bytes that exist and are none are 0, one direction alone is told apart', async () => {
  const zero = { TotalBytesSent: '0::BIGINT', TotalBytesReceived: '0::BIGINT' };
  expect(await findings(select({ ...BEACON, ...zero }))).toContain('0 B sent, 0 B received');
  expect(await findings(select({ ...BEACON, TotalBytesReceived: 'NULL::BIGINT' }))).toContain(
    '1.2 MB sent, received not recorded',
  );
});

test('the summary spans all findings and counts each device once', async () => {
  expect(await findings(select(BEACON, QUIET, { ...QUIET, AccountName: `'x'` }))).toContain(
    '3 findings on 2 devices, 1 beacon-like\n2026-01-31 08:00:01 → 2026-02-01 03:00:00 UTC\n',
  );
});

test('no findings are said so', async () => {
  expect(await findings(`SELECT * FROM (${select(BEACON)}) WHERE false`)).toMatch(/\n\nnothing found\n$/);
});

test('of many addresses and ports as many are shown as fit, and how many more', async () => {
  const many = {
    ...BEACON,
    RemoteIPs: `['203.0.113.66', '198.51.100.20', '2001:db8:85a3::8a2e:370:7334', '203.0.113.91']`,
    RemotePorts: '[4444, 8081, 8444, 9001, 9002, 9003, 10443, 12345, 31337]',
  };
  const text = await findings(select(many), { columns: 80 });
  expect(text).toContain('▌ remote    203.0.113.66 (+3 more) on ports 4444, 8081, 8444, 9001 (+5 more)\n');
  expect(await findings(select(many))).toContain(
    '203.0.113.66, 198.51.100.20, 2001:db8:85a3::8a2e:370:7334, 203.0.113.91 on ports 4444, 8081, 8444, 9001, 9002, 9003, 10443, 12345, 31337\n',
  );
});

test('without Unicode the drawing is ASCII', async () => {
  const text = await findings(select({ ...BEACON, Activity: ACTIVITY }), { columns: 80, unicode: false });
  expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  expect(text).toContain('| activity  #.:+*#__################  247 connections in 4.1 h, every 61 s\n');
  expect(text).toContain('| seen      2026-01-31 08:00:01 -> 12:06:01 UTC\n');
});

test.each([
  ['critical', 31],
  ['high', 31],
  ['medium', 33],
  ['low', 36],
])('severity %s is marked in its colour, only when asked for', async (severity, code) => {
  const detection = { ...DETECTION, severity };
  const painted = await findings(select(BEACON), { columns: 80, color: true }, detection);
  expect(painted).toContain(`\u001b[${code}m▌ 1 \u001b[39m`);
  const plain = await findings(select(BEACON), { columns: 80 }, detection);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour is what is looked for
  expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(plain);
});

test('beyond twenty, findings take a line each, and none is left out', async () => {
  const sql = `SELECT * REPLACE ('device-' || i AS DeviceName) FROM range(300) t(i), (${select(BEACON)}) ORDER BY i`;
  const text = await findings(`SELECT * EXCLUDE (i) FROM (${sql})`, { columns: 80 });
  const lines = text.split('\n');
  for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
  expect(text).toContain('▌ 20 winx64_payload.exe @ device-19, pgustavo');
  expect(lines).toContain('     #  process        device           count    every  beacon  remote');
  expect(lines).toContain('▌   21  winx64_paylo…  device-20          247     61 s  yes     203.0.113.7');
  expect(lines.filter((line) => /^▌ +\d+ .* device-\d+/.test(line))).toHaveLength(300);
  expect(text).toContain('300 findings on 300 devices, 300 beacon-like');
});

test('escape sequences in the data are shown, not obeyed', async () => {
  const evil = `E'\\x1b]0;owned\\x07\\x1b[2Jx\\n\u202ey'`;
  const names = ['DeviceName', 'ProcessName', 'ProcessCmd', 'AccountName', 'ProcessSHA256'];
  const row = {
    ...BEACON,
    ...Object.fromEntries(names.map((name) => [name, evil])),
    CryptoLibsLoaded: `[${evil}]`,
    RemoteIPs: `[${evil}]`,
    RemotePorts: `[${evil}]`,
  };
  for (const rows of [1, 25]) {
    const text = await findings(`SELECT * FROM (${select(row)}), range(${rows})`, { columns: 80 });
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('\\x1b]0;owned\\x07');
  }
});

test('rows are findings only with the columns of one', () => {
  const columns = Object.keys(BEACON).map((name) => ({ name }));
  expect(isFindings(columns)).toBe(true);
  expect(isFindings([...columns, { name: 'Activity' }])).toBe(true);
  expect(isFindings(columns.filter(({ name }) => name !== 'RemoteIPs'))).toBe(false);
});
