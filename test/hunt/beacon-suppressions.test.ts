import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SuppressionReport } from '../../src/hunt/suppress/suppress.ts';
import { parseSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import { openLake } from '../../src/index.ts';
import { networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';

const rules = (match: string, expires = '2027-01-01') =>
  parseSuppressions(
    `rules:\n  - name: one\n    reason: known\n    owner: ann\n    expires: ${expires}\n    match: ${match}\n`,
    'rules.yaml',
  );

const START = Date.UTC(2026, 0, 5) * 1000;

/** Connections a minute apart, over the hosts in turn. */
function beacon(event: Record<string, string>, hosts: readonly string[], length = 12): string[] {
  return Array.from({ length }, (_, beat) =>
    networkEvent({
      ActionType: "'ConnectionSuccess'",
      Timestamp: `make_timestamp(${START + beat * 60_000_000})`,
      DeviceName: "'ws-1'",
      RemoteIP: `'${hosts[beat % hosts.length]}'`,
      RemotePort: '443',
      RemoteUrl: "''",
      InitiatingProcessId: '77::BIGINT',
      InitiatingProcessFileName: "'Agent.exe'",
      InitiatingProcessAccountName: "'Ann'",
      InitiatingProcessCommandLine: "'agent.exe --run'",
      InitiatingProcessFolderPath: "'C:\\Program Files\\Agent [x86]\\agent.exe'",
      InitiatingProcessSHA1: `'${'B'.repeat(40)}'`,
      InitiatingProcessSHA256: `'${'a'.repeat(64)}'`,
      ...event,
    }),
  );
}

async function lakeOf(events: readonly string[], certificates?: string) {
  const folder = temporaryFolder();
  await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), events.join(' UNION ALL BY NAME '));
  if (certificates !== undefined)
    await writeFile(join(folder, 'DeviceFileCertificateInfo', 'a.parquet'), certificates);
  return openLake(folder);
}

const ONE = ['203.0.113.10'];
const TURNS = ['203.0.113.10', '203.0.113.20', '203.0.113.30'];

/** The kinds of the keys that a rule leaves. */
async function left(
  match: string,
  hosts: readonly string[] = ONE,
  event: Record<string, string> = {},
  certificates?: string,
): Promise<string[]> {
  await using lake = await lakeOf(beacon(event, hosts), certificates);
  const hits = await lake.beacons({ suppressions: rules(match), min_score: 0, now: '2026-06-01' });
  return (await hits.rows()).map(({ KeyKind }) => String(KeyKind)).sort();
}

describe('a rule hides a beacon', () => {
  const url = { RemoteUrl: "'https://api.vendor.example.com/x'" };
  test.each<[string, string, boolean, Record<string, string>?]>([
    ['by process, in any casing', '{ process: AGENT.EXE }', true],
    ['not by another process', '{ process: other.exe }', false],
    ['by path, with a star', "{ path: 'c:\\program files\\agent [x86]\\*' }", true],
    ['not by another path', "{ path: 'c:\\program files\\agent\\*' }", false],
    ['by SHA-256', `{ hash: ${'A'.repeat(64)} }`, true],
    ['by SHA-1', `{ hash: ${'b'.repeat(40)} }`, true],
    ['not by another hash', `{ hash: ${'c'.repeat(40)} }`, false],
    ['by command line', "{ command: '--r.n$' }", true],
    ['not by another command line', "{ command: '^--run' }", false],
    ['by block', '{ destination: 203.0.113.0/24 }', true],
    ['not by another block', '{ destination: 203.0.114.0/24 }', false],
    [
      'not by a block where the address is none',
      '{ destination: 203.0.113.0/24 }',
      false,
      { RemoteIP: "'proxy:8080'" },
    ],
    ['by domain, and what is below it', '{ destination: vendor.example.com }', true, url],
    ['not by a domain that only ends alike', '{ destination: endor.example.com }', false, url],
    ['not by a domain where none is recorded', '{ destination: vendor.example.com }', false],
    ['by port', '{ port: [443, 444] }', true],
    ['not by another port', '{ port: 444 }', false],
    ['by device and account', '{ device: WS-1, account: ann }', true],
    ['not where one of two conditions fails', '{ device: ws-1, account: bob }', false],
    [
      'without a process id, by its path',
      "{ path: '*\\agent.exe' }",
      true,
      { InitiatingProcessId: 'NULL::BIGINT' },
    ],
  ])('%s', async (_, match, hidden, event) => {
    expect(await left(match, ONE, event)).toEqual(hidden ? [] : ['address']);
  });

  test('of several addresses only where each lies within', async () => {
    expect(await left('{ port: 1 }', TURNS)).toEqual(['network']);
    expect(await left('{ destination: 203.0.113.0/24 }', TURNS)).toEqual([]);
    expect(await left('{ destination: 203.0.113.0/28 }', TURNS)).toEqual(['network']);
  });

  test('by signer, where the certificate is trusted; and is refused without the table', async () => {
    const certificate = (trusted: boolean) =>
      `SELECT TIMESTAMP '2026-01-05' AS Timestamp, '${'b'.repeat(40)}' AS SHA1, 'Vendor Inc.' AS Signer, true AS IsSigned, ${trusted} AS IsTrusted`;
    const match = '{ signer: Vendor Inc. }';
    expect(await left(match, ONE, {}, certificate(true))).toEqual([]);
    expect(await left(match, ONE, {}, certificate(false))).toEqual(['address']);
    await expect(left(match)).rejects.toThrow('the lake has no DeviceFileCertificateInfo');
  });

  test('of one process, not of another on the same device to the same address', async () => {
    const other = beacon(
      { InitiatingProcessId: '78::BIGINT', InitiatingProcessCommandLine: "'agent.exe --x'" },
      ONE,
    );
    await using lake = await lakeOf([...beacon({}, ONE), ...other]);
    const hits = await lake.beacons({
      suppressions: rules("{ command: '--run' }"),
      min_score: 0,
      now: '2026-06-01',
    });
    expect((await hits.rows()).map(({ ProcessId }) => ProcessId)).toEqual([78]);
  });
});

describe('keys that lie in each other', () => {
  // One domain: two of three connections to one address on the minute, the others to eleven around it.
  const events = beacon({ RemoteUrl: "'c2.example.com'" }, ONE, 60);
  for (let beat = 0; beat < 30; beat++) {
    const place = [
      `make_timestamp(${START + beat * 120_000_000 + 30_000_000})`,
      `'203.0.113.${20 + (beat % 11)}'`,
    ];
    events.push(
      ...beacon({ RemoteUrl: "'c2.example.com'", Timestamp: place[0]!, RemoteIP: place[1]! }, ONE, 1),
    );
  }
  const listed = async (match: string | undefined, more = {}) => {
    await using lake = await lakeOf(events);
    const suppressions = match === undefined ? undefined : rules(match);
    const hits = await lake.beacons({ suppressions, min_score: 0, now: '2026-06-01', ...more });
    return (await hits.rows()).map(({ KeyKind, FoldedKeys, SuppressedBy }) => [
      KeyKind,
      FoldedKeys,
      SuppressedBy ?? '',
    ]);
  };

  test('are judged one by one, and folded of what rules leave', async () => {
    expect(await listed(undefined, { fold_keys: false })).toEqual(
      expect.arrayContaining([
        ['address', 0, ''],
        ['domain', 0, ''],
        ['network', 0, ''],
      ]),
    );
    expect(await listed(undefined)).toEqual([['address', 2, '']]);
    expect(await listed('{ process: other.exe }')).toEqual([['address', 2, '']]);
    const wide = await listed('{ destination: 203.0.113.10 }');
    expect(wide.map(([kind]) => kind).sort()).toEqual(['domain', 'network']);
    expect(await listed('{ destination: c2.example.com }')).toEqual([]);
  });

  test('are folded among what is hidden as well, where it is shown', async () => {
    const shown = { showSuppressed: true };
    expect(await listed('{ destination: 203.0.113.0/24 }', shown)).toEqual([['address', 2, 'one']]);
    const some = await listed('{ destination: 203.0.113.10 }', shown);
    expect(some.filter(([, , by]) => by === 'one')).toEqual([['address', 0, 'one']]);
    expect(await listed('{ destination: 203.0.113.10 }', { ...shown, fold_keys: false })).toHaveLength(3);
  });
});

test('a key is judged by all its connections, however its process is described', async () => {
  const unique = { InitiatingProcessUniqueId: "'u-1'" };
  const first = beacon({ ...unique, InitiatingProcessCreationTime: 'NULL::TIMESTAMP' }, ONE, 3);
  const later = beacon(
    {
      ...unique,
      InitiatingProcessCreationTime: "TIMESTAMP '2026-01-04'",
      InitiatingProcessFolderPath: "'C:\\Temp\\agent.exe'",
    },
    ONE,
    12,
  ).slice(3);
  await using lake = await lakeOf([...first, ...later]);
  const found = async (match: string) =>
    (await lake.beacons({ suppressions: rules(match), min_score: 0, now: '2026-06-01' })).rowCount;
  expect(await found("{ path: 'c:\\program files\\*' }")).toBe(1);
  expect(await found("{ path: ['c:\\program files\\*', 'c:\\temp\\*'] }")).toBe(0);
});

describe('what the rules did to beacons', () => {
  const run = async (match: string, more = {}) => {
    await using lake = await lakeOf(beacon({}, ONE));
    let report: SuppressionReport | undefined;
    const hits = await lake.beacons({
      suppressions: rules(match, '2026-06-01'),
      min_score: 0,
      now: '2026-06-01',
      onSuppressed: (given: SuppressionReport) => {
        report = given;
      },
      ...more,
    });
    return { rows: await hits.rows(), ...report! };
  };

  test('is counted, and can be shown', async () => {
    expect(await run('{ port: 443 }')).toMatchObject({ rows: [], findings: 1, suppressed: 1 });
    const shown = await run('{ port: 443 }', { showSuppressed: true });
    expect(shown.rows).toEqual([expect.objectContaining({ ProcessName: 'Agent.exe', SuppressedBy: 'one' })]);
  });

  test('ends with the day on which the rule expires', async () => {
    expect(await run('{ port: 443 }', { now: '2026-06-02' })).toMatchObject({
      suppressed: 0,
      rules: [{ hidden: 0, expired: true }],
    });
  });
});
