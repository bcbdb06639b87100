import {
  type KeyStatistics,
  keyStatistics,
  logistic,
  type RitaStatistics,
  ritaStatistics,
} from './beacon.ts';

/** A row of DeviceNetworkEvents, as far as the beacon analysis looks. Times are microseconds. */
export interface Connection {
  readonly Timestamp: number | null;
  readonly DeviceId: string;
  readonly DeviceName: string;
  readonly ActionType: string;
  readonly RemoteIP: string;
  readonly RemoteIPType: string;
  readonly RemotePort: number | null;
  readonly RemoteUrl: string;
  readonly InitiatingProcessUniqueId: string;
  readonly InitiatingProcessId: number | null;
  readonly InitiatingProcessCreationTime: number | null;
  readonly InitiatingProcessFileName: string;
  readonly SentBytes: number | null;
}

export interface BeaconKey extends KeyStatistics, RitaStatistics {
  readonly KeyKind: 'address' | 'domain' | 'network';
  readonly Destination: string;
  readonly RemotePort: number | null;
  readonly Connections: number;
  readonly DestinationDevices: number;
  readonly PairDevices: number;
  readonly ProcessDevices: number;
  readonly FleetDevices: number;
  readonly ReturnEvidence: number;
  readonly TimingScore: number;
  readonly PrevalenceScore: number;
  readonly BeaconScore: number;
  readonly FirstConnection: number;
  readonly DestinationFirstSeen: number;
  readonly DeviceFirstSeen: number;
}

const SETTINGS = { minConnections: 4, beatGap: 1, tolerance: 0.25 };
const SINCE = Date.UTC(2000, 0, 1) * 1000;
const UNTIL = Date.UTC(2090, 0, 1) * 1000;
const DAY = 86_400e6;
/** 1601, where Windows' clock begins: what a sensor writes that has no time. */
const NO_TIME = Date.UTC(1601, 0, 1) * 1000;

const device = (row: Connection) => row.DeviceId || row.DeviceName;
const image = (row: Connection) => row.InitiatingProcessFileName.toLowerCase();

function process(row: Connection): string {
  const {
    InitiatingProcessUniqueId: id,
    InitiatingProcessId: pid,
    InitiatingProcessCreationTime: created,
  } = row;
  if (id !== '') return JSON.stringify([device(row), 'id', id]);
  if (pid === null || pid === 0) return JSON.stringify([device(row), 'image', image(row)]);
  const known = created === NO_TIME ? null : created;
  return JSON.stringify([device(row), 'pid', pid, known ?? image(row)]);
}

function domain(row: Connection): string {
  const rest = row.RemoteUrl.toLowerCase().replace(/^[a-z][a-z0-9+.-]*:\/\//, '');
  const authority = rest.split(/[/\\?#]/)[0]!;
  return authority.slice(authority.lastIndexOf('@') + 1).split(':')[0]!;
}

function network(row: Connection): string {
  const parts = row.RemoteIP.replace(/^::ffff:/, '').split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part))
    ? `${parts.slice(0, 3).join('.')}.0/24`
    : '';
}

const KINDS = { address: (row: Connection) => row.RemoteIP, domain, network };

interface Analysed {
  readonly key: BeaconKey;
  readonly rows: ReadonlySet<Connection>;
}

/** Every key with its statistics, its prevalence and its score, in no order. */
export function beaconKeys(rows: readonly Connection[]): BeaconKey[] {
  return analysedKeys(rows).map(({ key }) => key);
}

/**
 * Of these, those that are told: of a wider key and an address that share connections, the one that scores more, and
 * the wider of equals; an address is left to a wider key only where that one is told. Undefined where two scores are
 * too close to each other to say.
 */
export function toldKeys(rows: readonly Connection[]): BeaconKey[] | undefined {
  const all = analysedKeys(rows);
  const wide = all.filter(({ key }) => key.KeyKind !== 'address');
  const addresses = all.filter(({ key }) => key.KeyKind === 'address');
  const share = (one: Analysed, other: Analysed) => [...one.rows].some((row) => other.rows.has(row));
  const lead = (one: Analysed, other: Analysed) => one.key.BeaconScore - other.key.BeaconScore;
  const isClose = (one: Analysed, other: Analysed) => Math.abs(lead(one, other)) < 1e-9 && share(one, other);
  if (wide.some((one) => addresses.some((address) => isClose(one, address)))) return undefined;
  const told = wide.filter(
    (one) => !addresses.some((address) => lead(address, one) > 0 && share(address, one)),
  );
  const apart = addresses.filter(
    (address) => !told.some((one) => lead(one, address) >= 0 && share(one, address)),
  );
  return [...told, ...apart].map(({ key }) => key);
}

function analysedKeys(rows: readonly Connection[]): Analysed[] {
  const seen = rows.filter(
    (row) =>
      row.Timestamp !== null &&
      row.Timestamp >= SINCE &&
      row.Timestamp < UNTIL &&
      row.ActionType === 'ConnectionSuccess' &&
      row.RemoteIPType !== 'Loopback',
  );
  const times = seen.map(time);
  const observation = { start: Math.min(...times), end: Math.max(...times) };
  return (Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((kind) => {
    const keys = grouped(
      seen.filter((row) => KINDS[kind](row) !== ''),
      (row) => JSON.stringify([process(row), KINDS[kind](row), row.RemotePort]),
    );
    return keys
      .filter((key) => isKey(kind, key))
      .flatMap((key) =>
        analysed(kind, key, seen, observation).map((found) => ({ key: found, rows: new Set(key) })),
      );
  });
}

function isKey(kind: keyof typeof KINDS, key: readonly Connection[]): boolean {
  if (key.length < SETTINGS.minConnections) return false;
  if (kind === 'address') return true;
  const flows = grouped(key, (row) => JSON.stringify([row.RemoteIP, domain(row)]));
  const addresses = new Set(key.map((row) => row.RemoteIP).filter((ip) => ip !== ''));
  return addresses.size > 1 && Math.max(...flows.map((flow) => flow.length)) <= 0.8 * key.length;
}

function analysed(
  kind: keyof typeof KINDS,
  key: readonly Connection[],
  seen: readonly Connection[],
  observation: { start: number; end: number },
): BeaconKey[] {
  const statistics = keyStatistics(key.map(time), SETTINGS);
  if (statistics === undefined) return [];
  const bytes = key.map((row) => row.SentBytes).filter((size) => size !== null && size >= 0) as number[];
  const destinations = new Set(
    kind === 'address'
      ? key.flatMap((row) => [`ip ${row.RemoteIP}`, `name ${domain(row)}`]).filter((each) => each !== 'name ')
      : key.map((row) => `${kind === 'domain' ? 'name' : 'net'} ${KINDS[kind](row)}`),
  );
  const visits = [...destinations].map((destination) =>
    seen.filter((row) =>
      [`ip ${row.RemoteIP}`, `name ${domain(row)}`, `net ${network(row)}`].includes(destination),
    ),
  );
  const own = image(key[0]!);
  const fleet = countDevices(seen);
  const pair = Math.max(...visits.map((rows) => countDevices(rows.filter((row) => image(row) === own))));
  const first = Math.min(...visits.flat().map(time));
  const onDevice = Math.min(
    ...visits
      .flat()
      .filter((row) => device(row) === device(key[0]!))
      .map(time),
  );
  const shareOfAddresses = new Set(key.map((row) => row.RemoteIP)).size / key.length;
  const returns = kind === 'network' ? Math.min(0, 4.5 - 6 * shareOfAddresses) : 0;
  const { BeatsEvidence, EvennessEvidence, FitEvidence } = statistics;
  const timing = logistic(BeatsEvidence + EvennessEvidence + FitEvidence + returns);
  const prevalence = logistic(
    -3.15 * Math.log((pair - 0.5) / (fleet + 19)) -
      9.9 +
      5 * Math.min(1, (onDevice - observation.start) / DAY),
  );
  return [
    {
      ...statistics,
      ...ritaStatistics(key.map(time), bytes, observation),
      KeyKind: kind,
      Destination: KINDS[kind](key[0]!),
      RemotePort: key[0]!.RemotePort,
      Connections: key.length,
      DestinationDevices: Math.max(...visits.map(countDevices)),
      PairDevices: pair,
      ProcessDevices: countDevices(seen.filter((row) => image(row) === own)),
      FleetDevices: fleet,
      ReturnEvidence: returns,
      TimingScore: timing,
      PrevalenceScore: prevalence,
      BeaconScore: timing * prevalence,
      FirstConnection: Math.min(...key.map(time)),
      DestinationFirstSeen: first,
      DeviceFirstSeen: onDevice,
    },
  ];
}

const time = (row: Connection) => row.Timestamp!;
const countDevices = (rows: readonly Connection[]) => new Set(rows.map(device)).size;

function grouped(rows: readonly Connection[], by: (row: Connection) => string): Connection[][] {
  const groups = new Map<string, Connection[]>();
  for (const row of rows) groups.set(by(row), [...(groups.get(by(row)) ?? []), row]);
  return [...groups.values()];
}
