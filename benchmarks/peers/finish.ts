/** What a peer's own engine gives for each process: who, its sets, counts, sums and times (microseconds). */
export interface Summary {
  readonly who: readonly [
    DeviceName: string,
    ProcessName: string,
    ProcessCmd: string,
    AccountName: string,
    ProcessSHA256: string,
  ];
  readonly libraries: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
  readonly pairs: number;
  readonly sent: number;
  readonly received: number;
  readonly first: number;
  readonly last: number;
}

const MINUTE = 60_000_000;

/**
 * The findings as `hits.rows()` gives them. What follows from the sums and times is computed here for all peers
 * alike: it is a matter of hundreds of rows, and each engine rounds and subtracts dates in a way of its own.
 */
export function finish(summaries: readonly Summary[]): object[] {
  return summaries.map(finding).sort(inOrder);
}

function finding({ who, libraries, addresses, ports, pairs, sent, received, first, last }: Summary) {
  const minutes = Math.floor(last / MINUTE) - Math.floor(first / MINUTE);
  const interval = pairs > 1 ? (minutes * 60) / (pairs - 1) : 0;
  const [DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256] = who;
  return {
    DeviceName,
    ProcessName,
    ProcessCmd,
    AccountName,
    ProcessSHA256,
    CryptoLibsLoaded: [...libraries].sort(),
    RemoteIPs: [...addresses].sort(),
    RemotePorts: [...ports].sort((one, other) => one - other),
    ConnectionCount: pairs,
    TotalBytesSent: sent,
    TotalBytesReceived: received,
    FirstConnection: iso(first),
    LastConnection: iso(last),
    DataTransferMB: hundredths((sent + received) / 1_048_576),
    DurationMinutes: minutes,
    AvgIntervalSeconds: interval,
    BeaconLikely: interval >= 30 && interval <= 3600 && pairs >= 5,
  };
}

function iso(micros: number): string {
  const fraction = micros % 1_000_000;
  const seconds = new Date((micros - fraction) / 1000).toISOString().slice(0, -5);
  return fraction === 0 ? `${seconds}Z` : `${seconds}.${String(fraction).padStart(6, '0')}0Z`;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}

type Finding = ReturnType<typeof finding>;

function inOrder(one: Finding, other: Finding): number {
  const texts = ['DeviceName', 'ProcessName', 'ProcessCmd', 'AccountName', 'ProcessSHA256'] as const;
  const by = texts.map((name) => (one[name] < other[name] ? -1 : Number(one[name] > other[name])));
  return other.ConnectionCount - one.ConnectionCount || (by.find((order) => order !== 0) ?? 0);
}
