import {
  byBytes,
  inFoldingCase,
  minuteOf,
  numberSet,
  roundToHundredths,
  string,
  stringSet,
  sum,
} from './kusto.ts';
import { type Parameters, REFERENCE } from './reference.ts';

export { type Parameters, REFERENCE };

/**
 * T1573.001 as a plain nested loop, written from the KQL text and from what Kusto means by it.
 * It knows no SQL, no engine and none of the project's code, so it can judge all of them.
 * Each step quotes the line of the KQL that it stands for. Quadratic on purpose.
 */
export function oracle(
  loads: readonly Load[],
  connections: readonly Connection[],
  parameters: Parameters = REFERENCE,
): Finding[] {
  const cryptoLoaders = loads.filter((load) => isCryptoLoad(load, parameters));
  const suspiciousConns = connections.filter((connection) => isSuspicious(connection, parameters));

  // | join kind=inner (SuspiciousConns) on DeviceName, $left.ProcessId == $right.ConnProcessId
  // | where ConnTime between (LoadTime .. (LoadTime + 15m))
  // | summarize … by DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256
  const groups = new Map<string, Group>();
  for (const load of cryptoLoaders) {
    for (const connection of suspiciousConns) {
      if (!joins(load, connection)) continue;
      if (!isWithinWindow(load, connection, parameters)) continue;
      const key = groupKey(load);
      const name = JSON.stringify(key);
      const group = groups.get(name) ?? { key, pairs: [] };
      groups.set(name, group);
      group.pairs.push({ load, connection });
    }
  }

  const findings = [...groups.values()].map((group) => summarize(group, parameters));
  return findings.sort(byConnectionCount);
}

/** The columns of DeviceImageLoadEvents that the detection reads. Times are microseconds since the Unix epoch, UTC. */
export interface Load {
  readonly Timestamp: bigint | null;
  readonly DeviceName: string | null;
  readonly FileName: string | null;
  readonly InitiatingProcessFileName: string | null;
  readonly InitiatingProcessId: bigint | null;
  readonly InitiatingProcessCommandLine: string | null;
  readonly InitiatingProcessAccountName: string | null;
  readonly InitiatingProcessSHA256: string | null;
}

/** The columns of DeviceNetworkEvents that the detection reads. */
export interface Connection {
  readonly Timestamp: bigint | null;
  readonly DeviceName: string | null;
  readonly ActionType: string | null;
  readonly RemoteIP: string | null;
  readonly RemoteIPType: string | null;
  readonly RemotePort: number | null;
  readonly InitiatingProcessId: bigint | null;
  readonly SentBytes: bigint | null;
  readonly ReceivedBytes: bigint | null;
}

/** A row of the answer: the 17 columns, in the KQL's order. Longs and datetimes are bigint, reals are number. */
export interface Finding {
  readonly DeviceName: string;
  readonly ProcessName: string;
  readonly ProcessCmd: string;
  readonly AccountName: string;
  readonly ProcessSHA256: string;
  readonly CryptoLibsLoaded: readonly string[];
  readonly RemoteIPs: readonly string[];
  readonly RemotePorts: readonly number[];
  readonly ConnectionCount: bigint;
  readonly TotalBytesSent: bigint;
  readonly TotalBytesReceived: bigint;
  readonly FirstConnection: bigint;
  readonly LastConnection: bigint;
  readonly DataTransferMB: number;
  readonly DurationMinutes: bigint;
  readonly AvgIntervalSeconds: number;
  readonly BeaconLikely: boolean;
}

export interface Pair {
  readonly load: Load;
  readonly connection: Connection;
}

type GroupKey = Pick<Finding, 'DeviceName' | 'ProcessName' | 'ProcessCmd' | 'AccountName' | 'ProcessSHA256'>;

interface Group {
  readonly key: GroupKey;
  readonly pairs: Pair[];
}

export function isCryptoLoad(load: Load, parameters: Parameters): boolean {
  return (
    // | where Timestamp > ago(24h)
    isInTime(load.Timestamp, parameters) &&
    // | where FileName in~ (CryptoLibraries)
    inFoldingCase(load.FileName, parameters.crypto_libraries) &&
    // | where not(InitiatingProcessFileName in~ (ExcludedSystemProcs))     an absent name is in no list: kept
    !inFoldingCase(load.InitiatingProcessFileName, parameters.excluded_processes) &&
    // | where not(InitiatingProcessFileName in~ (ExcludedBrowsers))
    !inFoldingCase(load.InitiatingProcessFileName, parameters.excluded_browsers)
  );
}

export function isSuspicious(connection: Connection, parameters: Parameters): boolean {
  return (
    // | where Timestamp > ago(24h)
    isInTime(connection.Timestamp, parameters) &&
    // | where ActionType == "ConnectionSuccess"
    string(connection.ActionType) === parameters.action_type &&
    // | where RemoteIPType == "Public"
    string(connection.RemoteIPType) === parameters.address_type &&
    // | where not(RemotePort in (StandardPorts))     a null port is in no list: kept
    !(connection.RemotePort !== null && parameters.standard_ports.includes(connection.RemotePort))
  );
}

/** A comparison with a null time is null, which `where` does not let through. */
export function isInTime(time: bigint | null, { since, until, after }: Parameters): boolean {
  return (
    (since === undefined || (time !== null && time >= since)) &&
    (until === undefined || (time !== null && time < until)) &&
    (after === undefined || (time !== null && time > after))
  );
}

/** join … on DeviceName, $left.ProcessId == $right.ConnProcessId: a null key equals a null key. */
function joins(load: Load, connection: Connection): boolean {
  return (
    string(load.DeviceName) === string(connection.DeviceName) &&
    load.InitiatingProcessId === connection.InitiatingProcessId
  );
}

/** where ConnTime between (LoadTime .. (LoadTime + 15m)): both ends belong to the range. */
export function isWithinWindow(
  load: Load,
  connection: Connection,
  { window, tolerance = 0n }: Parameters,
): boolean {
  if (load.Timestamp === null || connection.Timestamp === null) return false;
  return (
    connection.Timestamp >= load.Timestamp - tolerance && connection.Timestamp <= load.Timestamp + window
  );
}

function groupKey(load: Load): GroupKey {
  return {
    DeviceName: string(load.DeviceName),
    ProcessName: string(load.InitiatingProcessFileName),
    ProcessCmd: string(load.InitiatingProcessCommandLine),
    AccountName: string(load.InitiatingProcessAccountName),
    ProcessSHA256: string(load.InitiatingProcessSHA256),
  };
}

export function summarize({ key, pairs }: Group, parameters: Parameters): Finding {
  const times = pairs.map(({ connection }) => connection.Timestamp!).sort(byTime);
  // ConnectionCount = count()     of pairs: a connection counts once for every load before it
  const ConnectionCount = BigInt(pairs.length);
  // TotalBytesSent = sum(BytesSent), TotalBytesReceived = sum(BytesReceived)     over pairs
  const TotalBytesSent = sum(pairs.map(({ connection }) => connection.SentBytes));
  const TotalBytesReceived = sum(pairs.map(({ connection }) => connection.ReceivedBytes));
  // FirstConnection = min(ConnTime), LastConnection = max(ConnTime)
  const FirstConnection = times[0]!;
  const LastConnection = times[times.length - 1]!;
  // | extend DurationMinutes = datetime_diff('minute', LastConnection, FirstConnection)
  const DurationMinutes = minuteOf(LastConnection) - minuteOf(FirstConnection);
  // | extend AvgIntervalSeconds = iif(ConnectionCount > 1,
  //     toreal(DurationMinutes * 60) / toreal(ConnectionCount - 1), 0.0)
  const AvgIntervalSeconds =
    ConnectionCount > 1n ? Number(DurationMinutes * 60n) / Number(ConnectionCount - 1n) : 0;
  return {
    ...key,
    // CryptoLibsLoaded = make_set(CryptoLib), RemoteIPs = make_set(RemoteIP), RemotePorts = make_set(RemotePort)
    CryptoLibsLoaded: stringSet(pairs.map(({ load }) => load.FileName)),
    RemoteIPs: stringSet(pairs.map(({ connection }) => connection.RemoteIP)),
    RemotePorts: numberSet(pairs.map(({ connection }) => connection.RemotePort)),
    ConnectionCount,
    TotalBytesSent,
    TotalBytesReceived,
    FirstConnection,
    LastConnection,
    // | extend DataTransferMB = round(toreal(TotalBytesSent + TotalBytesReceived) / 1048576, 2)
    DataTransferMB: roundToHundredths(Number(TotalBytesSent + TotalBytesReceived) / 1_048_576),
    DurationMinutes,
    AvgIntervalSeconds,
    // | extend BeaconLikely = AvgIntervalSeconds between (30.0 .. 3600.0) and ConnectionCount >= 5
    BeaconLikely:
      AvgIntervalSeconds >= parameters.beacon_min_interval &&
      AvgIntervalSeconds <= parameters.beacon_max_interval &&
      ConnectionCount >= parameters.beacon_min_connections,
  };
}

function byTime(one: bigint, other: bigint): number {
  return one < other ? -1 : Number(one > other);
}

/** | sort by ConnectionCount desc     ties by the group key, ascending, which no two findings share. */
function byConnectionCount(one: Finding, other: Finding): number {
  if (one.ConnectionCount !== other.ConnectionCount) {
    return one.ConnectionCount > other.ConnectionCount ? -1 : 1;
  }
  return (
    byBytes(one.DeviceName, other.DeviceName) ||
    byBytes(one.ProcessName, other.ProcessName) ||
    byBytes(one.ProcessCmd, other.ProcessCmd) ||
    byBytes(one.AccountName, other.AccountName) ||
    byBytes(one.ProcessSHA256, other.ProcessSHA256)
  );
}
