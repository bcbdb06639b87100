import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ExpectedFinding, expectedFinding, LABEL_KINDS, type Label } from '../../src/sample/labels.ts';
import { makeSample } from '../../src/sample/sample.ts';
import { readParquet } from '../oracle/read-parquet.ts';
import { type Finding, oracle } from '../oracle/t1573_001.ts';
import { temporaryFolder } from './files.ts';

const COMMITTED = fileURLToPath(new URL('../../data/sample', import.meta.url));

async function labelsOf(lake: string): Promise<Label[]> {
  return JSON.parse(await readFile(join(lake, 'labels.json'), 'utf8')).labels;
}

async function findingsOf(lake: string): Promise<Finding[]> {
  const { loads, connections } = await readParquet(
    `${lake}/DeviceImageLoadEvents/*/*.parquet`,
    `${lake}/DeviceNetworkEvents/*/*.parquet`,
  );
  return oracle(loads, connections);
}

/** As labels.json writes findings: longs as numbers, datetimes as Kusto prints them. */
function asLabelled(finding: Finding): ExpectedFinding {
  return {
    ...finding,
    ConnectionCount: Number(finding.ConnectionCount),
    TotalBytesSent: Number(finding.TotalBytesSent),
    TotalBytesReceived: Number(finding.TotalBytesReceived),
    DurationMinutes: Number(finding.DurationMinutes),
    FirstConnection: datetime(finding.FirstConnection),
    LastConnection: datetime(finding.LastConnection),
  };
}

function datetime(micros: bigint): string {
  const text = new Date(Number(micros / 1000n)).toISOString();
  const digits = `${text.slice(20, 23)}${String(micros % 1000n).padStart(3, '0')}0`;
  return Number(digits) === 0 ? `${text.slice(0, 19)}Z` : `${text.slice(0, 19)}.${digits}Z`;
}

function inOrder(findings: readonly ExpectedFinding[]): ExpectedFinding[] {
  return [...findings].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

/** The oracle finds what the labels say, all of it, and nothing else. */
async function expectAgreement(lake: string): Promise<void> {
  const labels = await labelsOf(lake);
  const findings = (await findingsOf(lake)).map(asLabelled);
  const expected = labels.flatMap((label) => (label.expected === null ? [] : [label.expected]));
  expect(inOrder(findings)).toEqual(inOrder(expected));
  for (const label of labels) {
    const found = findings.some(
      ({ DeviceName, ProcessName, ProcessCmd }) =>
        DeviceName === label.DeviceName &&
        ProcessName === label.ProcessName &&
        ProcessCmd === label.ProcessCmd,
    );
    expect(found, label.id).toBe(label.found);
  }
}

describe('labels', () => {
  it.each([
    { seed: 1, devices: 2, days: 1 },
    { seed: 2, devices: 2, days: 3 },
    { seed: 3, devices: 5, days: 1 },
    { seed: 4, devices: 9, days: 2 },
    { seed: 'weekend', devices: 12, days: 2, start: new Date('2026-01-10T00:00:00Z') },
  ])('agree with the oracle: %o', async (options) => {
    const lake = join(await temporaryFolder(), 'lake');
    await makeSample(lake, options);
    await expectAgreement(lake);
  });

  it.skipIf(!existsSync(COMMITTED))('agree with the oracle on the committed lake', async () => {
    await expectAgreement(COMMITTED);
  });

  it('have every kind, each with its reason, found or not as the kind says', async () => {
    const labels = await labelsOf(COMMITTED);
    for (const kind of LABEL_KINDS) {
      const some = labels.filter((label) => label.kind === kind);
      expect(some.length, kind).toBeGreaterThan(0);
      for (const label of some) {
        expect(label.found, label.id).toBe(kind !== 'near-miss');
        expect(label.expected === null, label.id).toBe(!label.found);
        expect(label.why.length, label.id).toBeGreaterThan(10);
      }
    }
    expect(new Set(labels.map(({ id }) => id)).size).toBe(labels.length);
  });

  it('cover every false positive and every near miss that the field knows', async () => {
    const labels = await labelsOf(COMMITTED);
    expect(new Set(labels.filter(({ kind }) => kind === 'decoy').map(({ category }) => category))).toEqual(
      new Set([
        'security agent',
        'backup agent',
        'software updater',
        'VPN client',
        'proxy client',
        'IDE',
        'language runtime',
        'remote support',
        'collaboration',
        'database client',
      ]),
    );
    const updaters = labels.filter(({ category }) => category === 'software updater');
    expect(updaters.flatMap(({ expected }) => expected!.RemotePorts)).toEqual([7443, 8444]);
    expect(labels.filter(({ kind }) => kind === 'near-miss').map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'one-microsecond-late',
        'one-microsecond-early',
        'port-443',
        'private-address',
        'connection-failed',
        'excluded-process',
        'excluded-browser',
        'other-process-id',
        'other-device',
        'aggregated-report',
      ]),
    );
  });

  it('include implants that are called beacons and some that are not, one of them for hours', async () => {
    const implants = (await labelsOf(COMMITTED)).filter(({ kind }) => kind === 'implant');
    expect(new Set(implants.map(({ expected }) => expected!.BeaconLikely))).toEqual(new Set([true, false]));
    expect(Math.max(...implants.map(({ expected }) => expected!.DurationMinutes))).toBeGreaterThan(24 * 60);
  });
});

describe('expectedFinding', () => {
  const subject = {
    DeviceName: 'd',
    ProcessName: 'p',
    ProcessCmd: 'c',
    AccountName: 'a',
    ProcessSHA256: 's',
  };
  /** 2026-01-05T10:00:30Z */
  const at = 1_767_607_230_000_000;
  const MINUTE = 60_000_000;

  it('pairs loads and connections of one process id within 15 minutes, both ends included', () => {
    const load = { at, id: 4, fileName: 'bcrypt.dll' };
    const connection = {
      at: at + 15 * MINUTE,
      id: 4,
      ip: '203.0.113.1',
      port: 4444,
      sent: 131_072,
      received: null,
    };
    const finding = expectedFinding(
      subject,
      [load, { ...load, fileName: 'BCRYPT.DLL' }],
      [
        connection,
        { ...connection, at },
        { ...connection, at: at - 1 },
        { ...connection, at: at + 15 * MINUTE + 1 },
        { ...connection, id: null },
      ],
    );
    expect(finding).toEqual({
      ...subject,
      CryptoLibsLoaded: ['BCRYPT.DLL', 'bcrypt.dll'],
      RemoteIPs: ['203.0.113.1'],
      RemotePorts: [4444],
      ConnectionCount: 4,
      TotalBytesSent: 524_288,
      TotalBytesReceived: 0,
      FirstConnection: '2026-01-05T10:00:30Z',
      LastConnection: '2026-01-05T10:15:30Z',
      DataTransferMB: 0.5,
      DurationMinutes: 15,
      // 15 × 60 / (4 − 1)
      AvgIntervalSeconds: 300,
      BeaconLikely: false,
    });
  });

  it('is null where nothing pairs', () => {
    expect(expectedFinding(subject, [{ at, id: 4, fileName: 'bcrypt.dll' }], [])).toBeNull();
  });
});
