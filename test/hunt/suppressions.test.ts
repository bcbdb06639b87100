import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { SuppressionReport } from '../../src/hunt/suppress/suppress.ts';
import { parseSuppressions, readSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import { openLake, type Row } from '../../src/index.ts';
import { imageLoad, networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';

const SAMPLE = fileURLToPath(new URL('../../data/sample', import.meta.url));
const STARTER = fileURLToPath(new URL('../../data/suppressions.yaml', import.meta.url));

const rule = (match: string, more = '') =>
  `rules:\n  - name: one\n    reason: known\n    owner: ann\n    expires: ${more || '2027-01-01'}\n    match: ${match}\n`;

describe('a file of rules is refused, with file and line, where', () => {
  test.each<[string, string, string]>([
    ['it is no YAML', 'rules: [', 'rules.yaml:1: not YAML'],
    ['there are no rules', 'rule: []', 'rules.yaml:1: there is no list of rules'],
    [
      'a CIDR block is bad',
      rule('\n      destination: [198.51.100.0/24, 10.0.0.0/33]'),
      "rules.yaml:7: destination '10.0.0.0/33'",
    ],
    [
      'a CIDR block of a list is bad',
      rule('\n      destination:\n        - 198.51.100.0/24\n        - 10.0.0.0/33'),
      "rules.yaml:9: destination '10.0.0.0/33' is no address, CIDR block or domain: a prefix is a number from 0 to 32",
    ],
    [
      'a CIDR block has bits behind its prefix',
      rule('{ destination: 10.0.0.1/8 }'),
      "rules.yaml:6: destination '10.0.0.1/8' is no address, CIDR block or domain: the bits behind the prefix must be 0",
    ],
    [
      'a port is none',
      rule('{ port: 70000 }'),
      "rules.yaml:6: port '70000' is none: list each, from 0 to 65535",
    ],
    ['a hash is none', rule('{ hash: abc }'), "rules.yaml:6: hash 'abc'"],
    [
      'there is no reason',
      rule('{ port: 1 }').replace('    reason: known\n', ''),
      'rules.yaml:2: the rule has no reason',
    ],
    [
      'there is no owner',
      rule('{ port: 1 }').replace('owner: ann', "owner: ''"),
      'rules.yaml:4: the rule has no owner',
    ],
    ['there is no expiry', rule('{ port: 1 }').replace('    expires: 2027-01-01\n', ''), 'has no expires'],
    ['the expiry is no date', rule('{ port: 1 }', '2027-02-30'), "rules.yaml:5: expires '2027-02-30'"],
    ['a key is unknown', rule('{ prot: 1 }'), 'rules.yaml:6: unknown key prot, did you mean port?'],
    [
      'a name is taken',
      rule('{ port: 1 }') + rule('{ port: 2 }').slice('rules:\n'.length),
      'another rule is called one',
    ],
    ['there is no condition', rule('{}'), 'rules.yaml:6: rule one would hide everything'],
    ['every finding would match', rule("{ command: '(?i).*' }"), 'would hide everything'],
    ['every address would match', rule('{ destination: [0.0.0.0/0, 10.0.0.0/8] }'), 'would hide everything'],
    [
      'every address would match one of its blocks',
      rule('{ destination: [128.0.0.0/1, 0.0.0.0/2, 64.0.0.0/2] }'),
      'would hide everything',
    ],
    ['every address would match a block of IPv6', rule("{ destination: '::/0' }"), 'would hide everything'],
    ['every command line would match', rule('{ command: . }'), 'would hide everything'],
    ['every word would match', rule("{ command: '\\w' }"), 'would hide everything'],
    ['every letter would match', rule("{ command: '(?i)[A-Z]' }"), 'would hide everything'],
    ['every path of every drive would match', rule("{ path: '*:\\*' }"), 'would hide everything'],
    ['every program in a folder would match', rule("{ path: '*\\*.exe' }"), 'would hide everything'],
    ['every path would match', rule("{ path: '*' }"), 'would hide everything'],
    ['every path of a drive would match', rule("{ path: 'C:\\*' }"), 'would hide everything'],
    ['every program would match', rule("{ path: '*.exe' }"), 'would hide everything'],
    ['a value is empty', rule("{ process: '' }"), 'process has an empty value'],
  ])('%s', (_, text, said) => {
    expect(() => parseSuppressions(text, 'rules.yaml')).toThrow(said);
  });
});

async function lakeOf(
  events: Record<string, string>[],
  more: Record<string, string> = {},
  load: Record<string, string> = {},
) {
  const folder = temporaryFolder();
  const process = {
    InitiatingProcessCommandLine: "'agent.exe --run'",
    InitiatingProcessAccountName: "'Ann'",
    InitiatingProcessSHA256: `'${'a'.repeat(64)}'`,
  };
  await writeFile(
    join(folder, 'DeviceImageLoadEvents', 'a.parquet'),
    imageLoad({ InitiatingProcessFileName: "'Agent.exe'", ...process, ...load }),
  );
  const rows = events.map((event) =>
    networkEvent({
      InitiatingProcessFileName: "'Agent.exe'",
      InitiatingProcessFolderPath: "'C:\\Program Files\\Agent [x86]\\agent.exe'",
      InitiatingProcessSHA1: `'${'B'.repeat(40)}'`,
      RemoteUrl: "'https://api.vendor.example.com/x'",
      ...process,
      ...event,
    }),
  );
  await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), rows.join(' UNION ALL '));
  for (const [table, sql] of Object.entries(more)) await writeFile(join(folder, table, 'a.parquet'), sql);
  return openLake(folder);
}

async function left(match: string, events: Record<string, string>[] = [{}], more = {}): Promise<number> {
  await using lake = await lakeOf(events, more);
  return (await lake.hunt('t1573.001', { suppressions: parseSuppressions(rule(match), 'rules.yaml') }))
    .rowCount;
}

describe('a rule hides a finding', () => {
  const two = [{}, { RemoteIP: "'203.0.113.9'", RemotePort: '5555', RemoteUrl: "'cdn.other.example.net'" }];
  test.each<[string, string, number, Record<string, string>[]?]>([
    ['by process, in any casing', '{ process: AGENT.EXE }', 0],
    ['not by another process', '{ process: other.exe }', 1],
    ['by path, with a star', "{ path: 'c:\\program files\\agent [x86]\\*' }", 0],
    ['not by another path', "{ path: 'c:\\program files\\agent\\*' }", 1],
    ['by SHA-256', `{ hash: ${'A'.repeat(64)} }`, 0],
    ['by SHA-1', `{ hash: ${'b'.repeat(40)} }`, 0],
    ['not by another hash', `{ hash: ${'c'.repeat(40)} }`, 1],
    ['by command line', "{ command: '--r.n$' }", 0],
    ['not by another command line', "{ command: '^--run' }", 1],
    ['by block', '{ destination: 203.0.113.0/24 }', 0],
    ['not where one destination lies outside', '{ destination: 203.0.113.0/29 }', 1, two],
    [
      'not where one destination is no address',
      '{ destination: 203.0.113.0/24 }',
      1,
      [{}, { RemoteIP: "'proxy:8080'" }],
    ],
    ['not where one address is not recorded', '{ destination: 203.0.113.0/24 }', 1, [{}, { RemoteIP: "''" }]],
    [
      'not where no address is recorded',
      '{ destination: 203.0.113.0/24 }',
      1,
      [{ RemoteIP: 'NULL::VARCHAR' }],
    ],
    ['by domain, and what is below it', '{ destination: vendor.example.com }', 0],
    ['not by a domain that only ends alike', '{ destination: endor.example.com }', 1],
    ['not where one destination is elsewhere', '{ destination: vendor.example.com }', 1, two],
    ['where each lies in a block or a domain', '{ destination: [vendor.example.com, 203.0.113.9] }', 0, two],
    [
      'not by a domain where an address is that of another process’s events',
      '{ destination: vendor.example.com }',
      1,
      [{}, { RemoteIP: "'203.0.113.9'", InitiatingProcessCommandLine: "''" }],
    ],
    ['by port', '{ port: [4444, 5555] }', 0, two],
    ['not where one port is another', '{ port: 4444 }', 1, two],
    ['not where one port is not recorded', '{ port: 4444 }', 1, [{}, { RemotePort: 'NULL::INTEGER' }]],
    [
      'not where one port is not recorded, of events that say other things of the process',
      '{ port: 4444, process: agent.exe }',
      1,
      [{}, { RemotePort: 'NULL::INTEGER', InitiatingProcessCommandLine: "''" }],
    ],
    ['not where no port is recorded', '{ port: 4444 }', 1, [{ RemotePort: 'NULL::INTEGER' }]],
    [
      'by port, whatever ports connections to other addresses have',
      '{ port: 4444 }',
      0,
      [{}, { RemotePort: 'NULL::INTEGER', RemoteIP: "'10.0.0.1'", RemoteIPType: "'Private'" }],
    ],
    [
      'by port, whatever the hunt does not count, such as a ping by another program',
      '{ port: 4444 }',
      0,
      [{}, { RemotePort: 'NULL::INTEGER', ActionType: "'IcmpConnectionInspected'" }],
    ],
    ['by device and account', '{ device: WS-1, account: ann }', 0],
    ['not where one of two conditions fails', '{ device: ws-1, account: bob }', 1],
  ])('%s', async (_, match, count, events) => {
    expect(await left(match, events)).toBe(count);
  });

  test.each<[url: string, hidden: boolean]>([
    ['https://api.my_svc.example.com/x', true],
    ['HTTPS://API.MY_SVC.EXAMPLE.COM/x', true],
    ['my_svc.example.com:8443', true],
    ['https://user:pw@my_svc.example.com/', true],
    ['https://a.my-svc.example.com/', false],
    ['https://my_svc.example.com:pw@evil.example.net/x', false],
    ['https://x@my_svc.example.com@evil.example.net/x', false],
    ['https://evil.example.net\\@my_svc.example.com/', false],
    ['https://evil.example.net\\.my_svc.example.com', false],
    ['https://evil.example.net?@my_svc.example.com', false],
    ['https://evil.example.net#.my_svc.example.com', false],
    ['evil.example.net?x=.my_svc.example.com', false],
    ['evil.example.net#.my_svc.example.com', false],
    ['', false],
  ])('by domain, by the host alone of %j: %j', async (url, hidden) => {
    expect(await left('{ destination: MY_SVC.example.com }', [{ RemoteUrl: `'${url}'` }])).toBe(
      hidden ? 0 : 1,
    );
  });

  test('by process, and path, in the engine’s casing of letters that have another in JavaScript', async () => {
    const name = { InitiatingProcessFileName: "'İstanbul.exe'" };
    const paths = { InitiatingProcessFolderPath: "'C:\\İ [1]\\İstanbul.exe'" };
    const hidden = async (match: string) => {
      await using lake = await lakeOf([{ ...name, ...paths }], {}, name);
      return (await lake.hunt('t1573.001', { suppressions: parseSuppressions(rule(match), 'rules.yaml') }))
        .rowCount;
    };
    expect(await hidden('{ process: İstanbul.exe }')).toBe(0);
    expect(await hidden('{ process: İSTANBUL.EXE }')).toBe(0);
    expect(await hidden("{ path: 'c:\\İ [1]\\*.EXE' }")).toBe(0);
    expect(await hidden('{ process: Izmir.exe }')).toBe(1);
  });

  const certificate = (signer: string, trusted: boolean) => ({
    DeviceFileCertificateInfo: `SELECT TIMESTAMP '2026-01-05' AS Timestamp, '${'b'.repeat(40)}' AS SHA1, '${signer}' AS Signer, true AS IsSigned, ${trusted} AS IsTrusted`,
  });
  test('by signer, where the certificate is trusted; and is refused without the table', async () => {
    expect(await left('{ signer: Vendor Inc. }', [{}], certificate('Vendor Inc.', true))).toBe(0);
    expect(await left('{ signer: Vendor Inc. }', [{}], certificate('Vendor Inc.', false))).toBe(1);
    expect(await left('{ signer: Vendor Inc. }', [{}], certificate('Another', true))).toBe(1);
    await expect(left('{ signer: Vendor Inc. }')).rejects.toThrow(
      'the lake has no DeviceFileCertificateInfo',
    );
  });

  const creation = (path: string) => ({
    DeviceProcessEvents: `SELECT TIMESTAMP '2026-01-05' AS Timestamp, 'ws-1' AS DeviceName, 'ProcessCreated' AS ActionType,
      'Agent.exe' AS FileName, '${path}' AS FolderPath, 'agent.exe --run' AS ProcessCommandLine, 'Ann' AS AccountName,
      '${'a'.repeat(64)}' AS SHA256, '${'b'.repeat(40)}' AS SHA1`,
  });
  test('not where the process’s creation says another path than its connections do', async () => {
    const match = "{ path: 'c:\\program files\\agent [x86]\\*' }";
    expect(await left(match, [{}], creation('C:\\Program Files\\Agent [x86]\\agent.exe'))).toBe(0);
    expect(await left(match, [{}], creation('C:\\Temp\\agent.exe'))).toBe(1);
    expect(await left(match, [{}], creation(''))).toBe(0);
  });

  test('a process that never connected is known by its creation', async () => {
    const folder = temporaryFolder();
    await writeFile(
      join(folder, 'DeviceProcessEvents', 'a.parquet'),
      `SELECT TIMESTAMP '2026-01-05' AS Timestamp, 'ws-1' AS DeviceName, 'ProcessCreated' AS ActionType, 'openssl.exe' AS FileName,
        'C:\\Git\\openssl.exe' AS FolderPath, 'openssl enc -rc4' AS ProcessCommandLine, '${'B'.repeat(40)}' AS SHA1, 4 AS ProcessId`,
    );
    await using lake = await openLake(folder);
    const hunt = async (match: string) => {
      const suppressions = parseSuppressions(rule(match), 'rules.yaml');
      return (await lake.hunt('t1573.001/cipher-artefacts', { now: '2026-06-01', suppressions })).rowCount;
    };
    expect(await hunt("{ path: 'c:\\git\\*' }")).toBe(0);
    expect(await hunt("{ path: 'c:\\temp\\*' }")).toBe(1);
    expect(await hunt(`{ hash: ${'b'.repeat(40)} }`)).toBe(0);
    expect(await hunt(`{ hash: ${'c'.repeat(40)} }`)).toBe(1);
  });

  test('a pattern that is none is refused with file and line', async () => {
    await expect(left("{ command: '(' }")).rejects.toThrow(
      "rules.yaml:6: rule one: command '(' is no pattern: missing ): (",
    );
    const expired = rule("{ command: '(' }", '2020-01-01');
    await using lake = await lakeOf([{}]);
    const suppressions = parseSuppressions(expired, 'rules.yaml');
    await expect(lake.hunt('t1573.001', { suppressions })).rejects.toThrow("command '(' is no pattern");
    const list = "\n      process: agent.exe\n      command:\n        - '^agent'\n        - '['";
    await expect(left(list)).rejects.toThrow("rules.yaml:10: rule one: command '[' is no pattern");
  });
});

describe('what the rules did', () => {
  const report = async (text: string, more = {}) => {
    await using lake = await lakeOf([{}]);
    let said: SuppressionReport | undefined;
    const suppressions = parseSuppressions(text, 'rules.yaml');
    const onSuppressed = (given: SuppressionReport) => {
      said = given;
    };
    const hits = await lake.hunt('t1573.001', { suppressions, onSuppressed, now: '2026-06-01', ...more });
    return { rows: await hits.rows(), ...said! };
  };

  test('is counted, and can be shown', async () => {
    const hidden = await report(rule('{ port: 4444 }'));
    expect(hidden).toMatchObject({
      rows: [],
      findings: 1,
      suppressed: 1,
      rules: [{ hidden: 1, expired: false }],
    });
    const shown = await report(rule('{ port: 4444 }'), { showSuppressed: true });
    expect(shown.rows).toEqual([expect.objectContaining({ ProcessName: 'Agent.exe', SuppressedBy: 'one' })]);
  });

  test.each([{}, { identity: 'process' }])(
    'hides the evidence behind what it hides, %o',
    async (settings) => {
      await using lake = await openLake(SAMPLE);
      const evidence = async (more = {}) =>
        (await lake.hunt('t1573.001', { variant: 'evidence', ...settings, ...more })).rows();
      const all = await evidence();
      const name = String(all[0]!.ProcessName);
      const suppressions = parseSuppressions(rule(`{ process: ${name} }`), 'rules.yaml');
      const rest = all.filter(({ ProcessName }) => ProcessName !== name);
      expect(rest.length).toBeGreaterThan(10);
      expect(await evidence({ suppressions, now: '2026-06-01' })).toEqual(rest);
      const shown = await evidence({ suppressions, now: '2026-06-01', showSuppressed: true });
      expect(shown).toEqual(
        all.map((pair) => ({ ...pair, SuppressedBy: pair.ProcessName === name ? 'one' : '' })),
      );
    },
  );

  test('a rule holds on its last day, and not on the next', async () => {
    expect(await report(rule('{ port: 4444 }', '2026-06-01'))).toMatchObject({ suppressed: 1 });
    const late = await report(rule('{ port: 4444 }', '2026-05-31'));
    expect(late).toMatchObject({ suppressed: 0, rules: [{ hidden: 0, expired: true }] });
  });

  test('with rules that match nothing, the findings are those without rules, in their order', async () => {
    await using lake = await openLake(SAMPLE);
    const suppressions = parseSuppressions(rule('{ port: 1 }'), 'rules.yaml');
    expect(await (await lake.hunt('t1573.001', { suppressions })).rows()).toEqual(
      await (await lake.hunt()).rows(),
    );
  });
});

test('the starter file hides the sample’s agents, updaters, VPN clients and runtimes, and no implant', async () => {
  const { labels } = JSON.parse(readFileSync(`${SAMPLE}/labels.json`, 'utf8')) as {
    labels: { kind: string; category: string; ProcessName: string; ProcessCmd: string }[];
  };
  await using lake = await openLake(SAMPLE);
  const suppressions = readSuppressions(STARTER);
  const rows = await (await lake.hunt('t1573.001', { suppressions, showSuppressed: true })).rows();
  const of = (row: Row) =>
    labels.find(
      ({ ProcessCmd, ProcessName }) => ProcessCmd === row.ProcessCmd && ProcessName === row.ProcessName,
    )!;
  const hidden = rows.filter(({ SuppressedBy }) => SuppressedBy !== '');
  expect(new Set(hidden.map((row) => of(row).kind))).toEqual(new Set(['decoy']));
  expect(new Set(hidden.map((row) => of(row).category))).toEqual(
    new Set([
      'security agent',
      'backup agent',
      'software updater',
      'VPN client',
      'proxy client',
      'IDE',
      'language runtime',
      'remote support',
    ]),
  );
});
