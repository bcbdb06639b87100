import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageLoad, networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** A lake where implant.exe, PID 4, loads bcrypt.dll and connects at once to ports 443, 4444 and 8443. */
let lake: string;
beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  await writeFile(join(lake, 'DeviceImageLoadEvents', 'a.parquet'), imageLoad());
  await writeFile(
    join(lake, 'DeviceNetworkEvents', 'a.parquet'),
    `${networkEvent({ RemotePort: 'port' })} FROM (VALUES (443), (4444), (8443)) AS ports(port)`,
  );
});
afterAll(() => rmSync(lake, { recursive: true }));

/** The ports of the one finding; none where nothing is found. */
async function portsFound(...options: string[]): Promise<number[]> {
  const outcome = await merganser(['hunt', '--lake', lake, '--format', 'json', ...options]);
  expect(outcome.code).toBe(0);
  const findings = JSON.parse(outcome.stdout) as { RemotePorts: number[] }[];
  return findings.flatMap((finding) => finding.RemotePorts);
}

function parameterFile(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

describe('lists are replaced, extended and reduced', () => {
  test.each<[string, number[]]>([
    ['--set standard_ports=4444', [443, 8443]],
    ['--set standard_ports=', [443, 4444, 8443]],
    ['--set standard_ports+=4444', []],
    ['--set standard_ports-=443,8443', [443, 4444, 8443]],
    ['--set standard_ports=1 --set standard_ports+=4444 --set standard_ports+=443', [8443]],
    ['--set standard_ports+=4444 --set standard_ports=443', [4444, 8443]],
  ])('from the command line, in the order given: %s', async (options, ports) => {
    expect(await portsFound(...options.split(' '))).toEqual(ports);
  });

  test.each<[string, string, number[]]>([
    ['YAML', 'standard_ports: [4444]', [443, 8443]],
    ['YAML', '"standard_ports+": 4444', []],
    ['YAML', 'standard_ports-: [443]\nwindow: 30m', [443, 4444]],
    ['JSON', '{"standard_ports-": [443, 8443]}', [443, 4444, 8443]],
    ['JSON', '{"excluded_processes+": ["IMPLANT.EXE"]}', []],
    ['JSON', '{"since": "2026-01-06"}', []],
  ])('from a %s file: %s', async (_, text, ports) => {
    expect(await portsFound('--params', parameterFile('p.txt', text))).toEqual(ports);
  });

  test('--set goes over the file, whichever stands first', async () => {
    const file = parameterFile('p.yaml', 'standard_ports: [443]');
    expect(await portsFound('--set', 'standard_ports+=4444', '--params', file)).toEqual([8443]);
  });

  test('an option of its own goes over --set', async () => {
    expect(await portsFound('--set', 'since=2026-01-06', '--since', '2026-01-05')).toEqual([4444]);
  });

  test('names are taken in any casing, when a list is reduced as when it is used', async () => {
    expect(await portsFound('--set', 'crypto_libraries-=BCRYPT.DLL')).toEqual([]);
  });
});

describe('quotes, semicolons and newlines in a value are part of the value', () => {
  test.each(["it's.exe", 'a;DROP TABLE x', 'a\nb', '$window', "'); SELECT 1; --", 'a"b', '%s', '\\'])(
    '%j',
    async (value) => {
      expect(await portsFound('--set', `excluded_processes+=${value}`)).toEqual([4444]);
      expect(await portsFound('--set', `action_type=${value}`)).toEqual([]);
    },
  );
});

describe('a wrong parameter is exit code 2 and named, before the lake is opened', () => {
  test.each([
    ['standard_prts=80', "unknown parameter 'standard_prts'", 'did you mean standard_ports?'],
    ['ports=80', "unknown parameter 'ports'", 'there are crypto_libraries, excluded_processes, '],
    [
      'standard_ports=http',
      "parameter standard_ports: expected a whole number of at most 32 bits, got 'http'",
      '',
    ],
    [
      'standard_ports=80.5',
      "parameter standard_ports: expected a whole number of at most 32 bits, got '80.5'",
      '',
    ],
    [
      'standard_ports=4294967296',
      "parameter standard_ports: expected a whole number of at most 32 bits, got '4294967296'",
      '',
    ],
    ['standard_ports-=81', "parameter standard_ports: '81' is not in the list", 'the list is 80, 443, '],
    [
      'window+=1m',
      "parameter window is a timespan, not a list: '+=' cannot change it",
      'set it with window=…',
    ],
    ['window=15', "parameter window: expected a timespan such as 15m, 24h or 7d, got '15'", ''],
    ['window=0s', 'parameter window: expected a timespan greater than zero', 'for example window=15m'],
    ['window=-15m', 'parameter window: expected a timespan greater than zero', ''],
    [
      'window=99999999999d',
      "parameter window: expected a timespan such as 15m, 24h or 7d, got '99999999999d'",
      '',
    ],
    ['lookback=0d', 'parameter lookback: expected a timespan greater than zero', ''],
    ['since=today', 'parameter since: expected a date or time such as 2026-01-31', ''],
    [
      'beacon_min_connections=1.5',
      "parameter beacon_min_connections: expected a whole number, got '1.5'",
      '',
    ],
    ['beacon_min_interval=NaN', "parameter beacon_min_interval: expected a number, got 'NaN'", ''],
    ['window', "--set 'window': expected name=value, name+=value or name-=value", ''],
    ['=1', "--set '=1': expected name=value, name+=value or name-=value", ''],
  ])('--set %s', async (setting, message, hint) => {
    const { code, stdout, stderr } = await merganser(['hunt', '--lake', '/no/where', '--set', setting]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
    expect(stderr).toContain(hint);
  });

  test('since at or after until: no event can lie between', async () => {
    for (const until of ['2026-01-05', '2026-01-06']) {
      const { code, stderr } = await merganser([
        'hunt',
        '--lake',
        '/no/where',
        '--since',
        '2026-01-06',
        '--until',
        until,
      ]);
      expect(code).toBe(2);
      expect(stderr).toBe(
        `error: since (2026-01-06) is not before until (${until}): no event can lie between\n  swap them, or leave one out\n`,
      );
    }
    const sql = await merganser([
      'sql',
      'SELECT 1',
      '--lake',
      lake,
      '--since',
      '2026-01-06',
      '--until',
      '2026-01-05',
    ]);
    expect(sql).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('a wrong parameter file is exit code 2 and named, with the place in it', () => {
  test.each([
    ['p.json', '{"standard_ports": [80,', /p\.json:1:\d+: neither JSON nor YAML: /],
    ['p.yaml', 'window: 15m\n  lookback: 1d', /p\.yaml:1:\d+: neither JSON nor YAML: /],
    ['p.yaml', 'window: 1m\nwindow: 2m', /p\.yaml:2:1: neither JSON nor YAML: Map keys must be unique/],
    [
      'p.yaml',
      'window: 1m\n---\nwindow: 2m',
      /p\.yaml:2:1: neither JSON nor YAML: it holds several documents/,
    ],
    ['p.json', '[80, 443]', /the parameter file \S+p\.json holds no parameters\n {2}write it as name: value/],
    ['p.yaml', '', /the parameter file \S+p\.yaml holds no parameters/],
    [
      'p.yaml',
      'standard_prts: [80]',
      /p\.yaml: unknown parameter 'standard_prts'\n {2}did you mean standard_ports\?/,
    ],
    [
      'p.yaml',
      'standard_ports: [http]',
      /p\.yaml: parameter standard_ports: expected a whole number of at most 32 bits, got 'http'/,
    ],
    [
      'p.json',
      '{"window": 15}',
      /p\.json: parameter window: expected a timespan such as 15m, 24h or 7d, got 15/,
    ],
    [
      'p.json',
      '{"window": null}',
      /p\.json: parameter window: expected a timespan such as 15m, 24h or 7d, got null/,
    ],
    [
      'p.json',
      '{"crypto_libraries": {"a": 1}}',
      /p\.json: parameter crypto_libraries: expected text, got \{"a":1\}/,
    ],
    ['p.json', '{"__proto__": {"window": "1m"}}', /p\.json: unknown parameter '__proto__'/],
  ])('%s: %s', async (name, text, message) => {
    const outcome = await merganser(['hunt', '--lake', '/no/where', '--params', parameterFile(name, text)]);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(message);
  });

  test('one that is not there, or is a folder', async () => {
    const folder = temporaryFolder();
    const said = async (path: string) =>
      (await merganser(['hunt', '--lake', '/no/where', '--params', path])).stderr;
    expect(await said(join(folder, 'p.yaml'))).toContain(
      `cannot read the parameter file '${folder}/p.yaml': there is no such file`,
    );
    expect(await said(folder)).toContain(`cannot read the parameter file '${folder}': it is a folder`);
  });
});
