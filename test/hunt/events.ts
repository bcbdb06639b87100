import fc from 'fast-check';
import { type Connection, type Load, type Parameters, REFERENCE } from '../oracle/t1573_001.ts';

/**
 * Random small telemetry that is made to collide: few devices, few PIDs (null and 0 among them), names that
 * differ only in case, and times that sit on the edges of the window and of its buckets, a microsecond off them,
 * and on each other.
 */

const START = BigInt(Date.UTC(2026, 0, 5)) * 1000n;

function times(window: bigint): fc.Arbitrary<bigint | null> {
  const edge = fc
    .tuple(fc.integer({ min: -1, max: 1 }), fc.constantFrom(-1n, 0n, 0n, 1n))
    .map(([windows, off]) => START + BigInt(windows) * window + off);
  const near = fc.bigInt({ min: -window, max: 2n * window }).map((off) => START + off);
  const far = fc.bigInt({ min: -20n * window, max: 20n * window }).map((off) => START + off);
  return fc.oneof({ weight: 6, arbitrary: edge }, { weight: 4, arbitrary: near }, far, fc.constant(null));
}

/** Mostly one value, so that rows meet; now and then one of those that must not, or that need care. */
function mostly<T, U>(usual: T, ...odd: U[]): fc.Arbitrary<T | U> {
  return fc.oneof(
    { weight: 12, arbitrary: fc.constant(usual) },
    { weight: 2, arbitrary: fc.constantFrom(...odd) },
  );
}

const devices = mostly('ws-1', 'WS-1', 'ws-2', '', null);
const processIds = mostly(4n, 8n, 0n, null, 4294967296n);
const images = mostly('implant.exe', 'Implant.exe', 'LSASS.exe', 'Chrome.EXE', 'ünïcode.exe', '', null);
const texts = mostly('a', 'A', "it's", '', null);
const bytes = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: 0n, max: 3_000_000n }),
  fc.constant(9_007_199_254_740_992n),
);

const load = (window: bigint): fc.Arbitrary<Load> =>
  fc.record({
    Timestamp: times(window),
    DeviceName: devices,
    FileName: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('bcrypt.dll', 'BCRYPT.DLL', 'RsaEnh.dll', 'ncrypt.dll') },
      fc.constantFrom('kernel32.dll', '', null),
    ),
    InitiatingProcessFileName: images,
    InitiatingProcessId: processIds,
    InitiatingProcessCommandLine: texts,
    InitiatingProcessAccountName: texts,
    InitiatingProcessSHA256: mostly('00', 'ff', '', null),
  });

const connection = (window: bigint): fc.Arbitrary<Connection> =>
  fc.record({
    Timestamp: times(window),
    DeviceName: devices,
    ActionType: mostly('ConnectionSuccess', 'connectionsuccess', 'ConnectionFailed', null),
    RemoteIP: fc.constantFrom('203.0.113.1', '2001:db8::1', '198.51.100.7', '', null),
    RemoteIPType: mostly('Public', 'Private', 'public', null),
    RemotePort: mostly(4444, 8444, 443, 80, 0, null),
    InitiatingProcessId: processIds,
    SentBytes: bytes,
    ReceivedBytes: bytes,
  });

const parameters: fc.Arbitrary<Parameters> = fc
  .record({
    window: fc.constantFrom(900_000_000n, 900_000_000n, 1n, 1_000_000n, 86_400_000_000n),
    crypto_libraries: fc.constantFrom(REFERENCE.crypto_libraries, ['Bcrypt.dll'], ['', 'kernel32.dll'], []),
    excluded_processes: fc.constantFrom(REFERENCE.excluded_processes, [], ['IMPLANT.EXE'], ['']),
    excluded_browsers: fc.constantFrom(REFERENCE.excluded_browsers, []),
    tolerance: fc.constantFrom(0n, 0n, 1n, 5_000_000n, 900_000_000n),
    standard_ports: fc.constantFrom(REFERENCE.standard_ports, [], [4444]),
    action_type: fc.constantFrom('ConnectionSuccess', 'ConnectionSuccess', ''),
    address_type: fc.constantFrom('Public', 'Public', ''),
    beacon_min_interval: fc.constantFrom(30, 0, 1.5),
    beacon_max_interval: fc.constantFrom(3600, 60),
    beacon_min_connections: fc.constantFrom(5n, 1n, 2n),
    since: fc.constantFrom(undefined, undefined, START, START + 1n),
    until: fc.constantFrom(undefined, undefined, START + 900_000_000n),
    after: fc.constantFrom(undefined, undefined, START - 900_000_000n, START),
  })
  .filter(({ since, until }) => since === undefined || until === undefined || since < until);

export interface Case {
  readonly parameters: Parameters;
  readonly lakes: number;
  readonly loads: readonly Load[];
  readonly connections: readonly Connection[];
}

/** How many lakes one case holds: planning the statement costs more than running it on one. */
const LAKES = 5;

/**
 * Cases of five small lakes under one set of parameters, each of up to 24 loads and 24 connections. Half of the
 * cases keep the reference's parameters, but for time.
 */
export const cases: fc.Arbitrary<Case> = fc
  .oneof(
    parameters,
    parameters.map(({ since, until, after, tolerance }) => ({
      ...REFERENCE,
      since,
      until,
      after,
      tolerance,
    })),
  )
  .chain((chosen) => {
    const lake = fc.record({
      loads: fc.array(load(chosen.window), { minLength: 2, maxLength: 24 }),
      connections: fc.array(connection(chosen.window), { minLength: 2, maxLength: 24 }),
    });
    return fc.array(lake, { minLength: 1, maxLength: LAKES }).map((lakes) => ({
      parameters: chosen,
      lakes: lakes.length,
      loads: lakes.flatMap(({ loads }, index) => loads.map((row) => apart(row, index))),
      connections: lakes.flatMap(({ connections }, index) => connections.map((row) => apart(row, index))),
    }));
  });

/** Lakes lie side by side, each with devices of its own; the first keeps those without a name. */
function apart<T extends { readonly DeviceName: string | null }>(row: T, index: number): T {
  return index === 0 ? row : { ...row, DeviceName: `${row.DeviceName ?? ''}.${index}` };
}
