import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type BeaconKey, beaconKeys, type Connection, toldKeys } from '../oracle/beacon-keys.ts';
import { BeaconStatement } from './beacon-statement.ts';

const START = Date.UTC(2026, 0, 5) * 1000;
const SECOND = 1e6;

let statement: BeaconStatement;
beforeAll(async () => {
  statement = await BeaconStatement.open();
});

const USUAL: Connection = {
  Timestamp: START,
  DeviceId: 'd1',
  DeviceName: 'ws-1',
  ActionType: 'ConnectionSuccess',
  RemoteIP: '203.0.113.10',
  RemoteIPType: 'Public',
  RemotePort: 443,
  RemoteUrl: '',
  InitiatingProcessUniqueId: '',
  InitiatingProcessId: 4242,
  InitiatingProcessCreationTime: START - SECOND,
  InitiatingProcessFileName: 'implant.exe',
  SentBytes: 512,
};

const at = (seconds: number, change: Partial<Connection> = {}): Connection => ({
  ...USUAL,
  Timestamp: START + Math.round(seconds * SECOND),
  ...change,
});
const every = (interval: number, count: number, change: Partial<Connection> = {}) =>
  Array.from({ length: count }, (_, beat) => at(beat * interval, change));

/** A process and where it connects: one address, several behind a domain, or several in a /24. */
const actor = fc
  .record({
    DeviceId: fc.constantFrom('d1', 'd2', 'd3', ''),
    DeviceName: fc.constantFrom('ws-1', 'ws-2'),
    program: fc.constantFrom('implant.exe', 'Agent.exe', 'AGENT.exe', ''),
    InitiatingProcessUniqueId: fc.constantFrom('', '', '', 'u1', 'u2'),
    InitiatingProcessId: fc.constantFrom(4, 8, 12, 0, null),
    InitiatingProcessCreationTime: fc.constantFrom(START, START - SECOND, null, Date.UTC(1601, 0, 1) * 1000),
    RemotePort: fc.constantFrom(443, 8443, null),
    addresses: fc.constantFrom(
      ['203.0.113.10'],
      ['203.0.113.10', '203.0.113.77', '203.0.113.99'],
      ['198.51.100.1', '2001:db8::1'],
      ['::ffff:198.51.100.1', '198.51.100.9'],
      ['not an address', '300.1.2', ''],
    ),
    url: fc.constantFrom(
      '',
      'c2.example',
      'https://user@C2.example:8443/path?x=1',
      'cdn.example/',
      'https://c2.example:pw@CDN.example\\.c2.example',
      'cdn.example?x=@c2.example',
      'other.example',
    ),
    first: fc.integer({ min: 0, max: 40 * 3600 }),
    gaps: fc.oneof(
      rhythm(fc.double({ min: 1, max: 7_200, noNaN: true }), 40),
      rhythm(fc.double({ min: 0, max: 3, noNaN: true }), 40),
      fc.array(fc.double({ min: 0, max: 50_000, noNaN: true }), { maxLength: 30 }),
      fc.array(fc.constantFrom(0, 1, 60, 60, 60, 120), { maxLength: 30 }),
    ),
    sizes: fc.array(fc.constantFrom(null, -5, 0, 200, 210, 4_000, 9_007_199_254_740_991), {
      minLength: 1,
      maxLength: 5,
    }),
  })
  // A process has one image: what its identity is made of decides its name.
  .map((drawn) => ({
    ...drawn,
    program: drawn.InitiatingProcessId ? `p${drawn.InitiatingProcessId}.exe` : drawn.program,
  }));

function rhythm(interval: fc.Arbitrary<number>, maxLength: number): fc.Arbitrary<number[]> {
  return interval.chain((base) =>
    fc.array(
      fc
        .tuple(fc.constantFrom(1, 1, 1, 2, 3, 20), fc.double({ min: 0.5, max: 1.5, noNaN: true }))
        .map(([times, jitter]) => base * times * jitter),
      { maxLength },
    ),
  );
}

type Actor = typeof actor extends fc.Arbitrary<infer T> ? T : never;

function connectionsOf({ program, addresses, url, first, gaps, sizes, ...drawn }: Actor): Connection[] {
  let seconds = first;
  return [0, ...gaps].map((gap: number, beat: number) => {
    seconds += gap;
    return at(seconds, {
      ...drawn,
      InitiatingProcessFileName:
        drawn.InitiatingProcessUniqueId === '' ? program : `${drawn.InitiatingProcessUniqueId}.exe`,
      RemoteIP: addresses[(beat * 7) % addresses.length]!,
      RemoteUrl: url,
      SentBytes: sizes[beat % sizes.length]!,
    });
  });
}

describe('the statistics and the score', () => {
  test('agree with their definitions on random keys to 1e-9', async () => {
    const compared = { address: 0, domain: 0, network: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(actor, { minLength: 1, maxLength: 40 }), async (actors) => {
        const rows = actors.flatMap(connectionsOf);
        const expected = beaconKeys(rows);
        const found = await statement.keys(rows);
        expect(found.map(name).sort()).toEqual(expected.map(name).sort());
        const byName = new Map(found.map((key) => [name(key), key]));
        for (const key of expected) agree(byName.get(name(key))!, key);
        for (const { KeyKind } of expected) compared[KeyKind]++;
      }),
      { numRuns: 30, endOnFailure: true },
    );
    expect(Math.min(...Object.values(compared))).toBeGreaterThan(8);
  });
});

describe('what is told once', () => {
  test('is, on random keys, what scores most of a wider key and the addresses in it', async () => {
    let [folded, compared] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(actor, { minLength: 1, maxLength: 20 }), async (actors) => {
        const rows = actors.flatMap(connectionsOf);
        const expected = toldKeys(rows);
        if (expected === undefined) return;
        const found = await statement.keys(rows, { fold_keys: true });
        expect(found.map(name).sort()).toEqual(expected.map(name).sort());
        const all = beaconKeys(rows).length;
        expect(found.reduce((sum, key) => sum + Number(key.FoldedKeys), 0)).toBeLessThanOrEqual(
          all - found.length,
        );
        folded += all - found.length;
        compared += found.length;
      }),
      { numRuns: 40, endOnFailure: true },
    );
    expect(Math.min(folded, compared)).toBeGreaterThan(5);
  });
});

describe('the score says why', () => {
  test('a minute’s beacon with a third of its beats missing is still a minute’s beacon', async () => {
    const rows = every(60, 90).filter((_, beat) => beat % 3 !== 1);
    const [key] = await statement.keys(rows);
    expect(key).toMatchObject({
      IntervalSeconds: 60,
      Beats: 60,
      Missed: expect.closeTo(30 / 89, 12),
      FitShare: 1,
      Jitter: 0,
      ModalGap: 120,
    });
    expect(key!.Reason).toBe(
      'every 60 s ± 0 %, 60 beats, 34 % missed, for 89 min, to one address seen on 1 of 1 devices',
    );
  });

  test('what RITA’s definition gives as an example of quartiles', async () => {
    const seconds = [0, 1, 3, 28, 70, 160, 459, 959, 2_459, 7_434];
    const [key] = await statement.keys(seconds.map((second) => at(second)));
    expect(key).toMatchObject({ LowerQuartile: 13.5, MedianGap: 90, UpperQuartile: 1_000 });
    expect(key!.GapSkewness).toBeCloseTo((13.5 + 1_000 - 180) / 986.5, 12);
  });

  test('the same rhythm counts for less the more devices have it', async () => {
    const fleet = (sharing: number) =>
      Array.from({ length: 60 }, (_, device) => [
        ...every(60, 40, {
          DeviceId: `d${device}`,
          RemoteIP: device < sharing ? '203.0.113.10' : `198.51.100.${device}`,
        }),
      ]).flat();
    const scores: number[] = [];
    for (const sharing of [1, 6, 30, 60]) {
      const keys = await statement.keys(fleet(sharing));
      const [shared] = keys.filter(({ Destination }) => Destination === '203.0.113.10');
      expect(shared).toMatchObject({ PairDevices: sharing, FleetDevices: 60 });
      scores.push(Number(shared!.BeaconScore));
    }
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores[0]).toBeGreaterThan(0.9);
    expect(scores[3]).toBeLessThan(0.05);
  });

  test('a domain behind many addresses is one key, and so is a /24; one address of many stays an address', async () => {
    const kinds = async (rows: Connection[]) =>
      (await statement.keys(rows)).map(({ KeyKind, Destination, Addresses }) => [
        KeyKind,
        Destination,
        Addresses,
      ]);
    const domain = every(60, 30).map((row, beat) => ({
      ...row,
      RemoteUrl: 'c2.example',
      RemoteIP: `20.0.${beat}.1`,
    }));
    expect(await kinds(domain)).toEqual([['domain', 'c2.example', 30]]);
    const network = every(60, 30).map((row, beat) => ({ ...row, RemoteIP: `20.0.7.${beat}` }));
    expect(await kinds(network)).toEqual([['network', '20.0.7.0/24', 30]]);
    const mostlyOne = every(60, 30).map((row, beat) => ({
      ...row,
      RemoteIP: `20.0.7.${beat === 9 ? 1 : 2}`,
    }));
    expect(await kinds(mostlyOne)).toEqual([['address', '20.0.7.2', 1]]);
  });

  test('hosts of a /24 that never come again count against it, hosts that take turns do not', async () => {
    const over = async (hosts: number, beats: number) => {
      const rows = every(60, beats).map((row, beat) => ({ ...row, RemoteIP: `20.0.7.${beat % hosts}` }));
      const [key] = (await statement.keys(rows)).filter(({ KeyKind }) => KeyKind === 'network');
      return key!;
    };
    expect((await over(8, 8)).ReturnEvidence).toBe(-1.5);
    expect((await over(8, 9)).ReturnEvidence).toBeCloseTo(4.5 - 48 / 9, 12);
    expect((await over(6, 8)).ReturnEvidence).toBe(0);
    const [once, inTurn] = [await over(8, 8), await over(4, 8)];
    expect(once.EvennessEvidence).toBe(inTurn.EvennessEvidence);
    expect(Number(once.TimingScore)).toBeLessThan(Number(inTurn.TimingScore) - 0.2);
    expect(Number((await over(30, 30)).BeaconScore)).toBeGreaterThan(0.8);
  });

  test('a /24 and the addresses in it are told once, as what says most', async () => {
    const told = async (rows: Connection[], settings = {}) =>
      (await statement.keys(rows, { fold_keys: true, ...settings })).map(
        ({ Destination, FoldedKeys }) => `${Destination} ${FoldedKeys}`,
      );
    // Three hosts at random: together a beacon of a minute, each alone with gaps.
    const hosts = [1, 2, 3, 1, 3, 3, 2, 1, 1, 2, 3, 2, 2, 1, 3, 1, 2, 2, 3, 3, 1, 2, 1, 3, 2, 3, 1, 1, 3, 2];
    const turns = every(60, 30).map((row, beat) => ({ ...row, RemoteIP: `20.0.7.${hosts[beat]}` }));
    expect(await told(turns)).toEqual(['20.0.7.0/24 3']);
    expect((await told(turns, { fold_keys: false })).length).toBe(4);
    // One host is a beacon of ten minutes; two more are visited between its beats, at no regular times.
    const browsing = [7, 31, 2, 400, 3, 90, 1_500, 12, 60, 800, 5, 1_900, 33, 250, 4, 700].map(
      (_, n, gaps) => {
        const seconds = gaps.slice(0, n + 1).reduce((sum, each) => sum + each, 0);
        return at(seconds, { RemoteIP: `20.0.7.${8 + (n % 2)}` });
      },
    );
    const alone = every(600, 24).map((row) => ({ ...row, RemoteIP: '20.0.7.1' }));
    const [first, ...rest] = await told([...alone, ...browsing]);
    expect(first).toBe('20.0.7.1 1');
    expect(rest.some((key) => key.startsWith('20.0.7.0/24'))).toBe(false);
    // What is in a /24 that is left to another address is not left to the /24.
    expect(rest.map((key) => key.split(' ')[0]).sort()).toEqual(['20.0.7.8', '20.0.7.9']);
  });

  test('a PID that another process takes over is two keys, and they are not one beacon', async () => {
    const rows = [
      ...every(60, 20),
      ...every(60, 20).map((row) => ({
        ...row,
        Timestamp: row.Timestamp! + 3_600 * SECOND,
        InitiatingProcessCreationTime: START + 3_000 * SECOND,
      })),
    ];
    expect((await statement.keys(rows)).map(({ Beats }) => Beats)).toEqual([20, 20]);
  });
});

describe('bad input', () => {
  test('one event, and all events at one instant, are no key and no error', async () => {
    expect(await statement.keys([])).toEqual([]);
    expect(await statement.keys([at(0)])).toEqual([]);
    expect(await statement.keys(Array.from({ length: 50 }, () => at(5)))).toEqual([]);
  });

  test('100,000 events in a second are one beat', async () => {
    const burst = Array.from({ length: 100_000 }, (_, event) => at(event / 100_000));
    const [key] = await statement.keys([...burst, ...every(60, 20)]);
    expect(key).toMatchObject({ Connections: 100_020, Beats: 20, IntervalSeconds: expect.closeTo(60, 0) });
  });

  test('timestamps of 1601 and 2099 do not count, and leave the others as they were', async () => {
    const rows = every(60, 20);
    const odd = [Date.UTC(1601, 0, 1), Date.UTC(2099, 11, 31)].map((ms) => ({
      ...USUAL,
      Timestamp: ms * 1000,
    }));
    expect(await statement.keys([...odd, ...rows, { ...USUAL, Timestamp: null }])).toEqual(
      await statement.keys(rows),
    );
    const [key] = await statement.keys([...odd, ...rows], { since: '1600-01-01', until: '2100-01-01' });
    expect(key).toMatchObject({ Beats: 22, MedianGap: 60 });
  });

  test('negative bytes are not bytes, and absurd ones overflow nothing', async () => {
    const sizes = [-1, -9_007_199_254_740_991, 9_007_199_254_740_991, 9_007_199_254_740_991, 100];
    const rows = every(60, 20).map((row, beat) => ({ ...row, SentBytes: sizes[beat % 5]! }));
    const [key] = await statement.keys(rows);
    expect(key).toMatchObject({ MedianBytes: 9_007_199_254_740_991, BytesMad: 0 });
    const [none] = await statement.keys(every(60, 20, { SentBytes: -1 }));
    expect(none).toMatchObject({ MedianBytes: null, BytesMad: null, SizeRegularity: null, RitaSizes: 0 });
  });

  test('text that is no address is a destination of its own, in no /24; none at all is no destination', async () => {
    const [key, ...more] = await statement.keys(every(60, 20, { RemoteIP: '999.1.2' }));
    expect([key!.Destination, more.length]).toEqual(['999.1.2', 0]);
    expect(await statement.keys(every(60, 20, { RemoteIP: '' }))).toEqual([]);
  });

  test('the answer does not depend on threads or on the order of the rows', async () => {
    const rows = Array.from({ length: 40 }, (_, pid) =>
      every(7 + pid, 40, { InitiatingProcessId: pid + 1, RemoteIP: `20.0.${pid % 5}.${pid}` }),
    ).flat();
    const parallel = await BeaconStatement.open(4);
    expect(await parallel.keys([...rows].reverse())).toEqual(await statement.keys(rows));
  });
});

/** What tells keys of one lake apart, both in the statement's rows and in the oracle's. */
function name(key: Readonly<Record<string, unknown>> | BeaconKey): string {
  const { KeyKind, Destination, RemotePort, Connections, Beats, FirstConnection, MedianGap } =
    key as BeaconKey;
  return JSON.stringify([
    KeyKind,
    Destination,
    RemotePort,
    Number(Connections),
    Number(Beats),
    FirstConnection,
    MedianGap.toPrecision(9),
  ]);
}

function agree(found: Readonly<Record<string, number | string | null>>, expected: BeaconKey): void {
  for (const [column, value] of Object.entries(expected)) {
    const got = found[column];
    if (typeof value !== 'number') expect([column, got]).toEqual([column, value]);
    else if (Math.abs(Number(got) - value) > 1e-9 * Math.max(1, Math.abs(value)) || got === null) {
      expect([column, got]).toEqual([column, value]);
    }
  }
}

test.each([
  ['min_score', 2, 'parameter min_score: expected a number from 0 to 1, got 2'],
  ['tolerance', -0.1, 'parameter tolerance: expected a number from 0 to 0.5, got -0.1'],
  ['min_connections', 0, 'parameter min_connections: expected a number of 1 or more, got 0'],
  ['key_kinds', ['adress'], "parameter key_kinds: 'adress' is none of its values"],
])('%s cannot be %j', async (name, value, message) => {
  await expect(statement.keys([], { [name]: value })).rejects.toThrow(message);
});
