import { beforeAll, describe, expect, test } from 'vitest';
import { type Connection, type Load, REFERENCE } from '../oracle/t1573_001.ts';
import { Statement } from './statement.ts';

const LOADED = BigInt(Date.UTC(2026, 0, 5, 8)) * 1000n;
const WINDOW = 900_000_000n;

const load: Load = {
  Timestamp: LOADED,
  DeviceName: 'ws-1',
  FileName: 'bcrypt.dll',
  InitiatingProcessFileName: 'implant.exe',
  InitiatingProcessId: 4n,
  InitiatingProcessCommandLine: 'implant.exe -k',
  InitiatingProcessAccountName: 'j.doe',
  InitiatingProcessSHA256: 'ab',
};
const connection: Connection = {
  Timestamp: LOADED + 1_000_000n,
  DeviceName: 'ws-1',
  ActionType: 'ConnectionSuccess',
  RemoteIP: '203.0.113.1',
  RemoteIPType: 'Public',
  RemotePort: 4444,
  InitiatingProcessId: 4n,
  SentBytes: 1n,
  ReceivedBytes: 2n,
};

let statement: Statement;
beforeAll(async () => {
  statement = await Statement.open();
});
const count = async (loads: Load[], connections: Connection[], parameters = REFERENCE) =>
  (await statement.findings(loads, connections, parameters)).map((finding) =>
    Number(finding.ConnectionCount),
  );

describe('found', () => {
  test.each<[string, Partial<Load>, Partial<Connection>]>([
    ['a connection right after the load', {}, {}],
    ['a connection at the very instant of the load', {}, { Timestamp: LOADED }],
    ['a connection exactly 15 minutes after the load', {}, { Timestamp: LOADED + WINDOW }],
    ['a library in another casing', { FileName: 'RSAENH.DLL' }, {}],
    ['a process whose name is not recorded: it is on no list', { InitiatingProcessFileName: null }, {}],
    ['a port that is not recorded: it is on no list', {}, { RemotePort: null }],
    [
      'PIDs that are both not recorded: null keys join',
      { InitiatingProcessId: null },
      { InitiatingProcessId: null },
    ],
    [
      'PID 0 on both sides, as the reference has it',
      { InitiatingProcessId: 0n },
      { InitiatingProcessId: 0n },
    ],
    ['a device without a name on both sides', { DeviceName: null }, { DeviceName: '' }],
    ['an address that is not recorded', {}, { RemoteIP: null }],
  ])('%s', async (_, changedLoad, changedConnection) => {
    expect(await count([{ ...load, ...changedLoad }], [{ ...connection, ...changedConnection }])).toEqual([
      1,
    ]);
  });
});

describe('not found', () => {
  test.each<[string, Partial<Load>, Partial<Connection>]>([
    ['15 minutes and a microsecond after the load', {}, { Timestamp: LOADED + WINDOW + 1n }],
    ['a microsecond before the load', {}, { Timestamp: LOADED - 1n }],
    ['port 443', {}, { RemotePort: 443 }],
    ['port 8443', {}, { RemotePort: 8443 }],
    ['a private address', {}, { RemoteIPType: 'Private' }],
    ['an address class that is not recorded', {}, { RemoteIPType: null }],
    ['an address class in another casing: == is exact', {}, { RemoteIPType: 'public' }],
    ['a failed connection', {}, { ActionType: 'ConnectionFailed' }],
    ['an aggregated report', {}, { ActionType: 'ConnectionSuccessAggregatedReport' }],
    ['an excluded process in another casing', { InitiatingProcessFileName: 'SVCHOST.exe' }, {}],
    ['an excluded browser', { InitiatingProcessFileName: 'Chrome.exe' }, {}],
    ['another PID', {}, { InitiatingProcessId: 8n }],
    ['no PID on one side', {}, { InitiatingProcessId: null }],
    ['another device', {}, { DeviceName: 'ws-2' }],
    ['the device in another casing: joins are exact', {}, { DeviceName: 'WS-1' }],
    ['a library that is not on the list', { FileName: 'crypt32.dll' }, {}],
  ])('%s', async (_, changedLoad, changedConnection) => {
    expect(await count([{ ...load, ...changedLoad }], [{ ...connection, ...changedConnection }])).toEqual([]);
  });
});

describe('counted', () => {
  test('a connection once for each load before it, its bytes too', async () => {
    const loads = ['bcrypt.dll', 'ncrypt.dll', 'bcrypt.dll'].map((FileName) => ({ ...load, FileName }));
    const [finding] = await statement.findings(
      loads,
      [connection, { ...connection, SentBytes: null }],
      REFERENCE,
    );
    expect(finding).toMatchObject({
      ConnectionCount: 6n,
      TotalBytesSent: 3n,
      TotalBytesReceived: 12n,
      CryptoLibsLoaded: ['bcrypt.dll', 'ncrypt.dll'],
    });
  });

  test('sums over nothing are 0', async () => {
    const [finding] = await statement.findings(
      [load],
      [{ ...connection, SentBytes: null, ReceivedBytes: null }],
      REFERENCE,
    );
    expect(finding).toMatchObject({ TotalBytesSent: 0n, TotalBytesReceived: 0n, DataTransferMB: 0 });
  });

  test('two processes under one PID apart, two PIDs of one process together', async () => {
    const other = { ...load, InitiatingProcessFileName: 'other.exe' };
    const again = { ...load, InitiatingProcessId: 8n };
    const connections = [connection, { ...connection, InitiatingProcessId: 8n }];
    expect(await count([load, other, again], connections)).toEqual([2, 1]);
  });

  test('minutes by the boundaries crossed: 59.9 s to 60.1 s past is one', async () => {
    const at = (micros: bigint) => ({ ...connection, Timestamp: LOADED + micros });
    const [finding] = await statement.findings([load], [at(59_900_000n), at(60_100_000n)], REFERENCE);
    expect(finding).toMatchObject({ DurationMinutes: 1n, AvgIntervalSeconds: 60 });
  });

  test('megabytes with halves rounded away from zero', async () => {
    // 1,053,818.88 bytes would be 1.005 MB; the nearest whole byte below and above tell the rounding apart.
    const megabytes = async (SentBytes: bigint) =>
      (await statement.findings([load], [{ ...connection, SentBytes, ReceivedBytes: null }], REFERENCE))[0]!
        .DataTransferMB;
    expect(await megabytes(131_072n)).toBe(0.13); // 0.125
    expect(await megabytes(655_360n)).toBe(0.63); // 0.625
    expect(await megabytes(1_053_818n)).toBe(1);
    expect(await megabytes(1_053_819n)).toBe(1.01);
  });

  test('a beacon from 30 s to 3600 s on average and from 5 pairs on, both ends included', async () => {
    const beacon = async (times: number, minutes: number) => {
      const window = 86_400_000_000n;
      const connections = Array.from({ length: times }, (_, index) => ({
        ...connection,
        Timestamp: LOADED + (BigInt(index) * BigInt(minutes) * 60_000_000n) / BigInt(times - 1),
      }));
      return (await statement.findings([load], connections, { ...REFERENCE, window }))[0]!.BeaconLikely;
    };
    expect(await beacon(5, 2)).toBe(true); // 120 s / 4 = 30 s
    expect(await beacon(6, 2)).toBe(false); // 24 s
    expect(await beacon(5, 240)).toBe(true); // 3600 s
    expect(await beacon(5, 241)).toBe(false);
    expect(await beacon(4, 2)).toBe(false); // 40 s, but only 4 pairs
  });
});
