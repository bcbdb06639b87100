import { isoText, MINUTE, type Micros } from './time.ts';

/**
 * Why a planted process is in the lake:
 * `implant` command and control, what the hunt is for; `decoy` honest software that the detection reports all
 * the same; `boundary` a time at the very edge that still counts; `artefact` a quirk of telemetry that makes a
 * finding; `near-miss` all but one thing that makes a finding, so none.
 */
export const LABEL_KINDS = ['implant', 'decoy', 'boundary', 'artefact', 'near-miss'] as const;

export type LabelKind = (typeof LABEL_KINDS)[number];

/** What the detection, with its default parameters and no time bounds, must say about one planted process. */
export interface Label {
  readonly id: string;
  readonly kind: LabelKind;
  /** What sort of software, or what the label tries. */
  readonly category: string;
  readonly found: boolean;
  readonly why: string;
  readonly DeviceName: string;
  readonly ProcessName: string;
  readonly ProcessCmd: string;
  readonly AccountName: string;
  readonly ProcessSHA256: string;
  readonly ProcessId: number | null;
  /** How many of the finding's pairs join a connection that another process made, or that no known one did. */
  readonly falsePairs: number;
  /** The finding, all 17 columns, values as the JSON output prints them; null where there must be none. */
  readonly expected: ExpectedFinding | null;
}

export interface ExpectedFinding {
  readonly DeviceName: string;
  readonly ProcessName: string;
  readonly ProcessCmd: string;
  readonly AccountName: string;
  readonly ProcessSHA256: string;
  readonly CryptoLibsLoaded: readonly string[];
  readonly RemoteIPs: readonly string[];
  readonly RemotePorts: readonly number[];
  readonly ConnectionCount: number;
  readonly TotalBytesSent: number;
  readonly TotalBytesReceived: number;
  readonly FirstConnection: string;
  readonly LastConnection: string;
  readonly DataTransferMB: number;
  readonly DurationMinutes: number;
  readonly AvgIntervalSeconds: number;
  readonly BeaconLikely: boolean;
}

/** A load of a watched library, planned to count; `id` is the process id that the two sides are joined on. */
export interface PlannedLoad {
  readonly at: Micros;
  readonly id: number | null;
  readonly fileName: string;
}

/** A connection planned to count: successful, public, on an unusual port. */
export interface PlannedConnection {
  readonly at: Micros;
  readonly id: number | null;
  readonly ip: string;
  readonly port: number | null;
  readonly sent: number | null;
  readonly received: number | null;
}

/** Who is reported: the five columns that findings are grouped by. */
export type Subject = Pick<
  ExpectedFinding,
  'DeviceName' | 'ProcessName' | 'ProcessCmd' | 'AccountName' | 'ProcessSHA256'
>;

/**
 * The finding that a plan leads to, or null when no connection follows a load within 15 minutes.
 * Taken from what was planned, without a look at the rows that came of it.
 */
export function expectedFinding(
  subject: Subject,
  loads: readonly PlannedLoad[],
  connections: readonly PlannedConnection[],
): ExpectedFinding | null {
  const pairs = plannedPairs(loads, connections);
  if (pairs.length === 0) return null;
  const times = pairs.map(({ connection }) => connection.at);
  const sent = total(pairs.map(({ connection }) => connection.sent));
  const received = total(pairs.map(({ connection }) => connection.received));
  const first = Math.min(...times);
  const last = Math.max(...times);
  const minutes = Math.floor(last / MINUTE) - Math.floor(first / MINUTE);
  const interval = pairs.length > 1 ? (minutes * 60) / (pairs.length - 1) : 0;
  return {
    ...subject,
    CryptoLibsLoaded: distinct(pairs.map(({ load }) => load.fileName)).sort(),
    RemoteIPs: distinct(pairs.map(({ connection }) => connection.ip)).sort(),
    RemotePorts: distinct(pairs.map(({ connection }) => connection.port))
      .filter((port) => port !== null)
      .sort((one, other) => one - other),
    ConnectionCount: pairs.length,
    TotalBytesSent: sent,
    TotalBytesReceived: received,
    FirstConnection: isoText(first),
    LastConnection: isoText(last),
    DataTransferMB: megabytes(sent + received),
    DurationMinutes: minutes,
    AvgIntervalSeconds: interval,
    BeaconLikely: interval >= 30 && interval <= 3600 && pairs.length >= 5,
  };
}

/** Every load with every connection of its PID in the 15 minutes after it. */
export function plannedPairs<L extends PlannedLoad, C extends PlannedConnection>(
  loads: readonly L[],
  connections: readonly C[],
): { readonly load: L; readonly connection: C }[] {
  return loads.flatMap((load) =>
    connections
      .filter(({ id, at }) => id === load.id && at >= load.at && at - load.at <= 15 * MINUTE)
      .map((connection) => ({ load, connection })),
  );
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

function total(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/** Hundredths of 1,048,576 bytes, half upward; byte counts here are small enough for whole-number arithmetic. */
function megabytes(bytes: number): number {
  return Number((BigInt(bytes) * 200n + 1_048_576n) / 2_097_152n) / 100;
}
