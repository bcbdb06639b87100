import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findDetection } from '../../src/hunt/detection/find-detections.ts';
import { parseSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import { proposalsText } from '../../src/hunt/tune/tune-text.ts';
import { openLake } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1, 8);

interface Program {
  readonly name: string;
  readonly path: string | null;
  readonly command: string;
  readonly address: string;
  readonly port: number | null;
  readonly sha256?: string;
  readonly sha1?: string;
  /** How its connections spell its name, where that is another way. */
  readonly connectsAs?: string;
}
type Rows = Record<string, unknown>[];

/** Forty devices, of which a program runs on some on some days: a load, and five seconds later a connection. */
class Fleet {
  readonly loads: Rows = [];
  readonly connections: Rows = [];
  readonly certificates: Rows = [];
  #pid = 100;

  run(devices: number[], days: number[], programOf: (device: number, day: number) => Program): this {
    for (const device of devices) for (const day of days) this.#fire(device, day, programOf(device, day));
    return this;
  }

  #fire(device: number, day: number, program: Program): void {
    this.#pid += 4;
    const at = START + day * DAY + this.#pid;
    const who = {
      DeviceName: `ws-${device}`,
      InitiatingProcessId: this.#pid,
      InitiatingProcessFileName: program.name,
      InitiatingProcessFolderPath: program.path,
      InitiatingProcessCommandLine: program.command,
      InitiatingProcessAccountName: 'system',
      InitiatingProcessSHA256: program.sha256 ?? null,
      InitiatingProcessSHA1: program.sha1 ?? null,
    };
    const time = (millis: number) => new Date(millis).toISOString();
    this.loads.push({ ...who, Timestamp: time(at), FileName: 'bcrypt.dll' });
    this.connections.push({
      ...who,
      InitiatingProcessFileName: program.connectsAs ?? program.name,
      Timestamp: time(at + 5000),
      ActionType: 'ConnectionSuccess',
      RemoteIP: program.address,
      RemotePort: program.port,
      RemoteIPType: 'Public',
    });
  }

  async baseline(minDevices = 3, minDays = 7, settings = {}) {
    const folder = temporaryFolder();
    const tables = {
      DeviceImageLoadEvents: this.loads,
      DeviceNetworkEvents: this.connections,
      DeviceFileCertificateInfo: this.certificates,
    };
    for (const [table, rows] of Object.entries(tables)) {
      if (rows.length === 0) continue;
      mkdirSync(join(folder, table));
      writeFileSync(join(folder, table, 'a.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
    await using lake = await openLake(folder, { threads: 1 });
    const told = await lake.tune(findDetection('t1573.001'), [settings], { minDevices, minDays });
    const text = proposalsText(told.proposals, told.end);
    const suppressions = parseSuppressions(text, 'mine.yaml');
    const left = await (await lake.hunt('t1573.001', { now: '2026-02-01', suppressions })).rows();
    return { ...told, text, rules: suppressions.map(({ match }) => match), left };
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const TEN_DAYS = range(0, 10);
const agent = (device: number): Program => ({
  name: 'agent.exe',
  path: 'C:\\Program Files\\Vendor\\Agent\\agent.exe',
  command: `agent.exe --id ${device}`,
  address: `8.8.8.${device % 3}`,
  port: 7443,
});

describe('from a baseline', () => {
  test('an agent on 30 of 40 devices is proposed by all that tells it, and its rule hides it', async () => {
    const { proposals, rules, text, left } = await new Fleet().run(range(0, 30), TEN_DAYS, agent).baseline();
    expect(proposals).toMatchObject([{ findings: 30, devices: 30, days: 9, beacons: 0 }]);
    expect(rules).toEqual([
      {
        process: ['agent.exe'],
        path: ['c:\\program files\\vendor\\agent\\agent.exe'],
        destination: ['8.8.8.0', '8.8.8.1', '8.8.8.2'],
        port: ['7443'],
      },
    ]);
    expect(text).toContain('expires: 2026-04-10');
    expect(left).toEqual([]);
  });

  test('an implant on one device, and a dropper that struck three within days, are not', async () => {
    const implant = () => ({ ...agent(0), name: 'implant.exe', path: 'C:\\Users\\ann\\implant.exe' });
    const dropper = (device: number) => ({
      ...agent(device),
      name: 'dropper.exe',
      path: 'C:\\Users\\Public\\dropper.exe',
    });
    const fleet = new Fleet().run([35], TEN_DAYS, implant);
    for (const device of [36, 37, 38]) fleet.run([device], [4 * (device - 36)], dropper);
    expect(await fleet.baseline()).toMatchObject({ proposals: [], leftOut: [] });
  });

  test('a management script is proposed by its command line, which does not hide PowerShell that is told otherwise', async () => {
    const powershell = (command: string): Program => ({
      name: 'powershell.exe',
      path: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
      command,
      address: '9.9.9.9',
      port: 8531,
    });
    const { rules, left } = await new Fleet()
      .run(range(0, 30), TEN_DAYS, (device) =>
        powershell(`powershell.exe -File "C:\\Mgmt (x86)\\collect.ps1" -Id ${device}`),
      )
      .run([35], TEN_DAYS, () => powershell('powershell.exe -enc AAAA'))
      .baseline();
    expect(rules).toMatchObject([
      { command: ['^powershell\\.exe -File "C:\\\\Mgmt \\(x[0-9]+\\)\\\\collect\\.ps[0-9]+" -Id [0-9]+$'] },
    ]);
    expect(new Set(left.map(({ ProcessCmd }) => ProcessCmd))).toEqual(new Set(['powershell.exe -enc AAAA']));
  });

  test('users’ own names and versions are left out of paths, and many addresses make no condition', async () => {
    const updater = (device: number, day: number): Program => ({
      name: 'updater.exe',
      path: `C:\\Users\\user${device}\\AppData\\Local\\Chat\\app-4.36.${day}\\updater.exe`,
      command: `updater.exe --day ${day}`,
      address: `1.1.${device}.${day}`,
      port: 9443,
    });
    const { rules, left } = await new Fleet().run(range(0, 5), TEN_DAYS, updater).baseline();
    expect(rules).toEqual([
      {
        process: ['updater.exe'],
        path: ['c:\\users\\*\\appdata\\local\\chat\\app-*\\updater.exe'],
        port: ['9443'],
      },
    ]);
    expect(left).toEqual([]);
  });

  test('a path that is a folder alone does not become the folder above it', async () => {
    const { rules, left } = await new Fleet()
      .run([0, 1, 2], TEN_DAYS, () => ({ ...agent(0), path: 'C:\\Program Files\\Vendor' }))
      .baseline();
    expect(rules).toMatchObject([{ path: ['c:\\program files\\vendor'] }]);
    expect(left).toEqual([]);
  });

  test('without a path it goes by hash, and without either, or an interpreter without its command line, it is left out by name', async () => {
    const hashed = { ...agent(0), name: 'Hashed.exe', connectsAs: 'hashed.exe', sha256: 'A'.repeat(64) };
    const unknown = { ...agent(0), name: 'unknown.exe', path: null };
    const { rules, leftOut, left } = await new Fleet()
      .run([0, 1, 2], TEN_DAYS, () => hashed)
      .run([0, 1, 2], TEN_DAYS, () => unknown)
      .run([0, 1, 2], TEN_DAYS, () => ({ ...hashed, name: 'cmd.exe', command: '' }))
      .baseline();
    expect(rules).toMatchObject([{ process: ['Hashed.exe'], hash: ['a'.repeat(64)] }]);
    expect(leftOut).toEqual(['cmd.exe', 'unknown.exe']);
    expect(new Set(left.map(({ ProcessName }) => ProcessName))).toEqual(new Set(['cmd.exe', 'unknown.exe']));
  });

  test('where one connection has no port, none is asked, and the rule hides all the same', async () => {
    const { rules, left } = await new Fleet()
      .run([0, 1, 2], TEN_DAYS, (device, day) => ({
        ...agent(0),
        port: device === 1 && day === 3 ? null : 7443,
      }))
      .baseline();
    expect(rules).toEqual([
      {
        process: ['agent.exe'],
        path: ['c:\\program files\\vendor\\agent\\agent.exe'],
        destination: ['8.8.8.0'],
      },
    ]);
    expect(left).toEqual([]);
  });

  test('where the lake has certificates, the one signer of all its files is asked as well', async () => {
    const signed = (device: number) => ({ ...agent(device), sha1: `${device}`.repeat(40) });
    const fleet = new Fleet().run([0, 1, 2], TEN_DAYS, signed);
    const certificate = {
      Timestamp: new Date(START).toISOString(),
      Signer: 'Vendor Inc.',
      IsSigned: true,
      IsTrusted: true,
    };
    for (const digit of '01') fleet.certificates.push({ ...certificate, SHA1: digit.repeat(40) });
    expect((await fleet.baseline()).rules).toMatchObject([{ path: [expect.any(String)] }]);
    expect((await fleet.baseline()).rules[0]).not.toHaveProperty('signer');
    fleet.certificates.push({ ...certificate, SHA1: '2'.repeat(40) });
    const { rules, left } = await fleet.baseline();
    expect(rules).toMatchObject([{ signer: ['Vendor Inc.'] }]);
    expect(left).toEqual([]);
  });

  test('too few devices, too few days on each, and no data', async () => {
    const fleet = new Fleet().run([0, 1, 2], TEN_DAYS, agent);
    expect((await fleet.baseline(3, 9)).proposals).toHaveLength(1);
    expect((await fleet.baseline(3, 9.1)).proposals).toEqual([]);
    expect((await fleet.baseline(4, 7)).text).toMatch(/rules: \[\]/);
    expect((await fleet.baseline(4, 7)).days).toBe(9);
    await expect(fleet.baseline(1, 0, { since: '2027-01-01' })).rejects.toThrow(
      'the baseline has no rows of DeviceNetworkEvents in that time',
    );
  });
});

test('of another detection too: interpreters that services start on many devices', async () => {
  const folder = temporaryFolder();
  const rows = [0, 1, 2].flatMap((device) =>
    [0, 8].map((day) => ({
      Timestamp: new Date(START + day * DAY).toISOString(),
      DeviceName: `ws-${device}`,
      ActionType: 'ConnectionSuccess',
      RemoteIP: '9.9.9.9',
      RemotePort: 443,
      RemoteIPType: 'Public',
      InitiatingProcessId: 4,
      InitiatingProcessFileName: 'powershell.exe',
      InitiatingProcessFolderPath: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
      InitiatingProcessCommandLine: 'powershell.exe -File C:\\a.ps1',
      InitiatingProcessParentFileName: 'svchost.exe',
    })),
  );
  mkdirSync(join(folder, 'DeviceNetworkEvents'));
  writeFileSync(
    join(folder, 'DeviceNetworkEvents', 'a.jsonl'),
    rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  );
  await using lake = await openLake(folder);
  const detection = findDetection('t1573.001/process-genealogy');
  const { proposals, end } = await lake.tune(detection, [], { minDevices: 3, minDays: 7 });
  const suppressions = parseSuppressions(proposalsText(proposals, end), 'mine.yaml');
  expect(suppressions.map(({ match }) => match)).toMatchObject([
    {
      process: ['powershell.exe'],
      command: ['^powershell\\.exe -File C:\\\\a\\.ps[0-9]+$'],
      destination: ['9.9.9.9'],
    },
  ]);
  const left = await lake.huntLayers(detection, [{ now: '2026-02-01' }], { suppressions });
  expect(left.rowCount).toBe(0);
});
