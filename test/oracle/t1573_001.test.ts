import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readParquet } from './read-parquet.ts';
import { type Connection, type Load, oracle, REFERENCE } from './t1573_001.ts';

/** 2026-01-05T10:00:00Z, in microseconds. */
const TEN = 1_767_607_200_000_000n;
const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;

function load(change: Partial<Load> = {}): Load {
  return {
    Timestamp: TEN,
    DeviceName: 'ws-1',
    FileName: 'bcrypt.dll',
    InitiatingProcessFileName: 'implant.exe',
    InitiatingProcessId: 100n,
    InitiatingProcessCommandLine: 'implant.exe -x',
    InitiatingProcessAccountName: 'j.doe',
    InitiatingProcessSHA256: 'ab',
    ...change,
  };
}

function connection(change: Partial<Connection> = {}): Connection {
  return {
    Timestamp: TEN + MINUTE,
    DeviceName: 'ws-1',
    ActionType: 'ConnectionSuccess',
    RemoteIP: '203.0.113.1',
    RemoteIPType: 'Public',
    RemotePort: 4444,
    InitiatingProcessId: 100n,
    SentBytes: 10n,
    ReceivedBytes: 20n,
    ...change,
  };
}

describe('oracle of t1573.001', () => {
  it('answers one load and one connection with all 17 columns', () => {
    expect(oracle([load()], [connection()])).toEqual([
      {
        DeviceName: 'ws-1',
        ProcessName: 'implant.exe',
        ProcessCmd: 'implant.exe -x',
        AccountName: 'j.doe',
        ProcessSHA256: 'ab',
        CryptoLibsLoaded: ['bcrypt.dll'],
        RemoteIPs: ['203.0.113.1'],
        RemotePorts: [4444],
        ConnectionCount: 1n,
        TotalBytesSent: 10n,
        TotalBytesReceived: 20n,
        FirstConnection: TEN + MINUTE,
        LastConnection: TEN + MINUTE,
        DataTransferMB: 0,
        DurationMinutes: 0n,
        AvgIntervalSeconds: 0,
        BeaconLikely: false,
      },
    ]);
  });

  it.each<[string, Partial<Load>, Partial<Connection>, number]>([
    ['the very time of the load', {}, { Timestamp: TEN }, 1],
    ['one microsecond before the load', {}, { Timestamp: TEN - 1n }, 0],
    ['exactly 15 minutes after', {}, { Timestamp: TEN + 15n * MINUTE }, 1],
    ['15 minutes and one microsecond after', {}, { Timestamp: TEN + 15n * MINUTE + 1n }, 0],
    ['library name in other case', { FileName: 'RSAENH.dll' }, {}, 1],
    ['library of a longer name', { FileName: 'xbcrypt.dll' }, {}, 0],
    ['absent library name', { FileName: null }, {}, 0],
    ['excluded process in other case', { InitiatingProcessFileName: 'msmpeng.EXE' }, {}, 0],
    ['excluded browser', { InitiatingProcessFileName: 'Chrome.exe' }, {}, 0],
    ['absent process name', { InitiatingProcessFileName: null }, {}, 1],
    ['other action', {}, { ActionType: 'ConnectionFailed' }, 0],
    ['action in other case', {}, { ActionType: 'connectionsuccess' }, 0],
    ['private address', {}, { RemoteIPType: 'Private' }, 0],
    ['absent address type', {}, { RemoteIPType: null }, 0],
    ['standard port', {}, { RemotePort: 8443 }, 0],
    ['absent port', {}, { RemotePort: null }, 1],
    ['other process id', {}, { InitiatingProcessId: 101n }, 0],
    ['both process ids absent', { InitiatingProcessId: null }, { InitiatingProcessId: null }, 1],
    ['one process id absent', { InitiatingProcessId: null }, {}, 0],
    ['process id 0 and an absent one', { InitiatingProcessId: 0n }, { InitiatingProcessId: null }, 0],
    ['other device', {}, { DeviceName: 'ws-2' }, 0],
    ['device in other case', {}, { DeviceName: 'WS-1' }, 0],
    ['absent and empty device name', { DeviceName: null }, { DeviceName: '' }, 1],
    ['absent time of the load', { Timestamp: null }, {}, 0],
    ['absent time of the connection', {}, { Timestamp: null }, 0],
  ])('%s', (_, left, right, findings) => {
    expect(oracle([load(left)], [connection(right)])).toHaveLength(findings);
  });

  it('counts pairs: two loads before three connections are six, and their bytes are summed six times', () => {
    const [finding] = oracle(
      [load(), load({ FileName: 'ncrypt.dll', Timestamp: TEN + SECOND })],
      [1n, 2n, 3n].map((minutes) => connection({ Timestamp: TEN + minutes * MINUTE })),
    );
    expect(finding).toMatchObject({
      CryptoLibsLoaded: ['bcrypt.dll', 'ncrypt.dll'],
      ConnectionCount: 6n,
      TotalBytesSent: 60n,
      TotalBytesReceived: 120n,
      DurationMinutes: 2n,
      // 2 minutes × 60 / (6 − 1)
      AvgIntervalSeconds: 24,
      BeaconLikely: false,
    });
  });

  it('calls five connections half a minute apart on average a beacon, and 29 seconds apart not', () => {
    const every = (seconds: bigint) =>
      [0n, 1n, 2n, 3n, 4n].map((beat) => connection({ Timestamp: TEN + beat * seconds * SECOND }));
    // Minutes are boundaries crossed: 4 × 30 s from 10:00:00 to 10:02:00 is 2, 2 × 60 / 4 = 30.
    expect(oracle([load()], every(30n))[0]).toMatchObject({ AvgIntervalSeconds: 30, BeaconLikely: true });
    // 4 × 29 s ends at 10:01:56: 1 boundary, 1 × 60 / 4 = 15.
    expect(oracle([load()], every(29n))[0]).toMatchObject({ AvgIntervalSeconds: 15, BeaconLikely: false });
    expect(oracle([load()], every(60n).slice(1))[0]).toMatchObject({
      ConnectionCount: 4n,
      BeaconLikely: false,
    });
  });

  it('counts the minute boundaries between first and last connection, before 1970 too', () => {
    const duration = (from: bigint, to: bigint) =>
      oracle(
        [load({ Timestamp: from })],
        [connection({ Timestamp: from }), connection({ Timestamp: to })],
      )[0]!.DurationMinutes;
    expect(duration(TEN + 59n * SECOND, TEN + 60n * SECOND)).toBe(1n);
    expect(duration(TEN, TEN + 59n * SECOND)).toBe(0n);
    expect(duration(-1n, 0n)).toBe(1n);
    expect(duration(-60n * SECOND, -1n)).toBe(0n);
  });

  it('sums nothing to 0 and skips what is null', () => {
    const none = connection({ SentBytes: null, ReceivedBytes: null });
    expect(oracle([load()], [none])[0]).toMatchObject({ TotalBytesSent: 0n, TotalBytesReceived: 0n });
    expect(oracle([load()], [none, connection()])[0]).toMatchObject({ TotalBytesSent: 10n });
  });

  it('rounds megabytes half away from zero', () => {
    const megabytes = (bytes: bigint) =>
      oracle([load()], [connection({ SentBytes: bytes, ReceivedBytes: 0n })])[0]!.DataTransferMB;
    expect(megabytes(131_072n)).toBe(0.13); // 0.125
    expect(megabytes(393_216n)).toBe(0.38); // 0.375
    expect(megabytes(131_071n)).toBe(0.12);
    expect(megabytes(-131_072n)).toBe(-0.13);
  });

  it('holds each value of a set once, sorted, without nulls but with the empty string', () => {
    const [finding] = oracle(
      [load({ FileName: 'bcrypt.dll' }), load({ FileName: 'BCRYPT.dll' })],
      [
        connection({ RemoteIP: null, RemotePort: null }),
        connection({ RemoteIP: '203.0.113.9', RemotePort: 10_000 }),
        connection({ RemoteIP: '203.0.113.10', RemotePort: 9_999 }),
      ],
    );
    expect(finding).toMatchObject({
      CryptoLibsLoaded: ['BCRYPT.dll', 'bcrypt.dll'],
      RemoteIPs: ['', '203.0.113.10', '203.0.113.9'],
      RemotePorts: [9_999, 10_000],
    });
  });

  it('groups by device, name, command line, account and hash, letter by letter, and not by process id', () => {
    const same = [load(), load({ InitiatingProcessId: 200n })];
    const connections = [connection(), connection({ InitiatingProcessId: 200n })];
    expect(oracle(same, connections)).toMatchObject([{ ConnectionCount: 2n }]);
    for (const change of [
      { InitiatingProcessFileName: 'IMPLANT.EXE' },
      { InitiatingProcessCommandLine: null },
      { InitiatingProcessAccountName: 'system' },
      { InitiatingProcessSHA256: null },
    ]) {
      expect(oracle([load(), load(change)], [connection()])).toHaveLength(2);
    }
  });

  it('sorts by count, then by the group’s names', () => {
    const named = (name: string, id: bigint) =>
      load({ InitiatingProcessFileName: name, InitiatingProcessId: id });
    const to = (id: bigint) => connection({ InitiatingProcessId: id });
    const findings = oracle(
      [named('b.exe', 1n), named('a.exe', 2n), named('c.exe', 3n)],
      [to(1n), to(2n), to(3n), to(3n)],
    );
    expect(findings.map(({ ProcessName }) => ProcessName)).toEqual(['c.exe', 'a.exe', 'b.exe']);
  });

  it('keeps since, drops until and drops after, on both tables', () => {
    const found = (bounds: object) => oracle([load()], [connection()], { ...REFERENCE, ...bounds }).length;
    expect(found({ since: TEN })).toBe(1);
    expect(found({ since: TEN + 1n })).toBe(0);
    expect(found({ after: TEN })).toBe(0);
    expect(found({ after: TEN - 1n })).toBe(1);
    expect(found({ until: TEN + MINUTE })).toBe(0);
    expect(found({ until: TEN + MINUTE + 1n })).toBe(1);
  });
});

const TELEMETRY = new URL('../../../shared/telemetry/', import.meta.url).pathname;

/** The known answers of telemetry recorded in a lab, C2 address made public. */
describe.skipIf(!existsSync(TELEMETRY))('oracle on recorded telemetry (needs ../shared/telemetry)', () => {
  async function hunt(set: string, shape: string, parameters = REFERENCE) {
    const folder = `${TELEMETRY}${set}/${shape}`;
    const { loads, connections } = await readParquet(
      `${folder}/DeviceImageLoadEvents/*.parquet`,
      `${folder}/DeviceNetworkEvents/*.parquet`,
    );
    return oracle(loads, connections, parameters).map((finding) => [
      finding.ProcessName,
      Number(finding.ConnectionCount),
    ]);
  }

  it.each([
    ['meterpreter-4433', [['winx64_payload.exe', 9]]],
    ['empire-regsvr32-8444', [['regsvr32.exe', 2]]],
    ['meterpreter-8443', []],
    ['covenant-excel4macro', []],
    ['empire-dcom-no-pid', []],
    ['empire-psinject-5s-beacon', []],
  ])('%s gives %j', async (set, findings) => {
    expect(await hunt(set, 'c2-public')).toEqual(findings);
    expect(await hunt(set, 'as-recorded')).toEqual([]);
  });

  it('finds meterpreter-8443 once its port is not a standard one', async () => {
    const parameters = { ...REFERENCE, standard_ports: [80, 443] };
    expect(await hunt('meterpreter-8443', 'c2-public', parameters)).toEqual([['payload.exe', 6]]);
  });
});
