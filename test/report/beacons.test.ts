import { expect, test } from 'vitest';
import { isBeacons } from '../../src/report/findings/beacon.ts';
import { beaconsText } from '../../src/report/findings/beacons.ts';
import type { DetectionHeading } from '../../src/report/findings/finding.ts';
import type { ReportOptions } from '../../src/report/options.ts';
import { onResult, textOf } from './results.ts';

const HEADING: DetectionHeading = {
  id: 'beacons',
  title: 'Beacons',
  severity: 'medium',
  confidence: 'medium',
  technique: 'T1071',
  tactic: 'Command and Control',
};

const BEACON = {
  DeviceName: `'ws-1'`,
  ProcessName: `'implant.exe'`,
  AccountName: `'ada'`,
  KeyKind: `'address'`,
  Destination: `'203.0.113.10'`,
  RemotePort: '443',
  Domain: `'c2.example'`,
  BeaconScore: '0.941::DOUBLE',
  TimingScore: '0.99::DOUBLE',
  PrevalenceScore: '0.951::DOUBLE',
  RitaScore: '0.44::DOUBLE',
  Reason: `'every 60 s ± 5 %, 30 beats'`,
  FirstConnection: `TIMESTAMP '2026-01-31 08:00:00'`,
  LastConnection: `TIMESTAMP '2026-01-31 08:29:00'`,
};

const select = (...rows: Record<string, string>[]) =>
  rows
    .map((row) => `SELECT ${Object.entries(row).map(([name, value]) => `${value} AS "${name}"`)}`)
    .join(' UNION ALL ');

function shown(rows: Record<string, string>[], options: ReportOptions = {}): Promise<string> {
  return onResult(select(...rows), (result) => textOf(beaconsText(result, HEADING, options)));
}

test('a beacon is a block: who talks to whom, why it scores, when it was seen', async () => {
  expect(await shown([BEACON])).toBe(
    [
      'Beacons',
      '',
      '▌ 1 implant.exe @ ws-1, ada → 203.0.113.10:443  0.94',
      '▌ because   every 60 s ± 5 %, 30 beats',
      '▌ score     timing 0.99 × prevalence 0.95; RITA 0.44',
      '▌ domain    c2.example',
      '▌ seen      2026-01-31 08:00:00 → 08:29:00 UTC',
      '',
      '1 key on 1 device',
      '',
    ].join('\n'),
  );
});

test('what is not there is left out: account, port, RITA, the domain that is the key', async () => {
  const text = await shown([
    {
      ...BEACON,
      AccountName: `''`,
      RemotePort: 'NULL::INTEGER',
      RitaScore: 'NULL::DOUBLE',
      KeyKind: `'domain'`,
      Destination: `'c2.example'`,
    },
  ]);
  expect(text).toContain('▌ 1 implant.exe @ ws-1 → c2.example  ');
  expect(text).not.toMatch(/RITA|domain/);
});

test('an IPv6 address with a port stands in brackets, and a process without a name says so', async () => {
  const text = await shown([{ ...BEACON, Destination: `'2001:db8::1'`, ProcessName: `''` }]);
  expect(text).toContain('(no name) @ ws-1, ada → [2001:db8::1]:443');
});

test('the rule that hides it is named, where hidden ones are shown', async () => {
  const text = await shown([{ ...BEACON, SuppressedBy: `'backup agent'` }]);
  expect(text).toContain('▌ hidden    by rule backup agent\n');
});

test('after twenty in full the rest are a line each, and devices are counted once', async () => {
  const many = Array.from({ length: 23 }, (_, index) => ({ ...BEACON, DeviceName: `'ws-${index % 5}'` }));
  const text = await shown(many);
  expect(text.match(/^▌ because/gm)).toHaveLength(20);
  expect(text.match(/^▌ \d+ implant\.exe/gm)).toHaveLength(23);
  expect(text).toMatch(/^23 keys on 5 devices$/m);
});

test('the title fits the terminal, the score at its right edge', async () => {
  const long = { ...BEACON, ProcessName: `'${'x'.repeat(80)}.exe'`, AccountName: `'${'y'.repeat(40)}'` };
  const [, , title] = (await shown([long], { columns: 72 })).split('\n');
  expect(title).toHaveLength(72);
  expect(title).toMatch(/^▌ 1 x+….* → 203\.0\.113\.10:443 {2}0\.94$/);
});

test('what a process calls itself cannot move or recolour the terminal', async () => {
  const text = await shown([{ ...BEACON, ProcessName: `'a' || chr(27) || '[2Jb.exe'` }]);
  expect(text).not.toContain('\u001b');
});

test('nothing found is said', async () => {
  const none = `${select(BEACON)} LIMIT 0`;
  expect(await onResult(none, (result) => textOf(beaconsText(result, HEADING)))).toBe(
    'Beacons\n\nnothing found\n',
  );
});

test('columns are known as those of beacons by all that a block needs', () => {
  const columns = Object.keys(BEACON).map((name) => ({ name }));
  expect(isBeacons(columns)).toBe(true);
  expect(isBeacons(columns.filter(({ name }) => name !== 'Reason'))).toBe(false);
});
