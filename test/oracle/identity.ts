import { byBytes, string } from './kusto.ts';
import {
  type Connection,
  type Finding,
  isCryptoLoad,
  isInTime,
  isSuspicious,
  isWithinWindow,
  type Load,
  type Pair,
  type Parameters,
  summarize,
} from './t1573_001.ts';

/**
 * Whose loads and connections they are, as a plain nested loop written from what identity means: a unique id, else
 * PID and creation time, else a spell of the PID. It knows no SQL and none of the project's code.
 */

/** What an event says of the process that made it, besides what the reference reads. */
export interface Identified {
  readonly DeviceId: string | null;
  readonly InitiatingProcessAccountName: string | null;
  readonly InitiatingProcessFileName: string | null;
  readonly InitiatingProcessCreationTime: bigint | null;
  readonly InitiatingProcessUniqueId: string | null;
}
export type IdentifiedLoad = Load & Identified & { readonly InitiatingProcessParentFileName: string | null };
export type IdentifiedConnection = Connection & Identified;
type AnyEvent = IdentifiedLoad | IdentifiedConnection;

export interface IdentifiedFinding extends Finding {
  readonly ProcessId: bigint | null;
  readonly ProcessCreationTime: bigint | null;
  readonly ParentProcess: string;
  readonly Identity: string;
  readonly Processes: bigint;
  readonly FalseAttributions: bigint;
  readonly DistinctConnections: bigint;
  readonly DistinctBytesSent: bigint;
  readonly DistinctBytesReceived: bigint;
  readonly CryptoLoads: bigint;
  readonly FirstLoad: bigint;
  readonly DestinationCount: bigint;
}

/** The findings, in no particular order. */
export function identityOracle(
  givenLoads: readonly IdentifiedLoad[],
  givenConnections: readonly IdentifiedConnection[],
  parameters: Parameters,
  { identity, gap }: { readonly identity: 'pid' | 'process'; readonly gap: bigint },
): IdentifiedFinding[] {
  const loads = givenLoads.map(timed);
  const connections = givenConnections.map(timed);
  const owners = new Owners(loads, connections, parameters, gap);
  const groups = new Map<string, Pair[]>();
  for (const load of loads.filter((each) => isCryptoLoad(each, parameters))) {
    for (const connection of connections.filter((each) => isSuspicious(each, parameters))) {
      if (!isWithinWindow(load, connection, parameters)) continue;
      const owner = owners.of(load);
      const same = owner !== undefined && owner.process === owners.of(connection)?.process;
      const joins =
        string(load.DeviceName) === string(connection.DeviceName) &&
        load.InitiatingProcessId === connection.InitiatingProcessId;
      if (identity === 'process' ? !same : !joins) continue;
      const key = identity === 'process' ? owner!.process : JSON.stringify(imageOf(load));
      groups.set(key, [...(groups.get(key) ?? []), { load, connection }]);
    }
  }
  return [...groups.values()].map((pairs) => describe(pairs, owners, parameters));
}

/** The first instant of Windows' calendar, 1601, is what a sensor writes that has no time. */
function timed<T extends Identified>(event: T): T {
  const none = event.InitiatingProcessCreationTime === BigInt(Date.UTC(1601, 0, 1)) * 1000n;
  return none ? { ...event, InitiatingProcessCreationTime: null } : event;
}

function imageOf(load: Load): string[] {
  return [
    load.DeviceName,
    load.InitiatingProcessFileName,
    load.InitiatingProcessCommandLine,
    load.InitiatingProcessAccountName,
    load.InitiatingProcessSHA256,
  ].map(string);
}

function describe(pairs: readonly Pair[], owners: Owners, parameters: Parameters): IdentifiedFinding {
  const loads = [...new Set(pairs.map(({ load }) => load as IdentifiedLoad))];
  const connections = [...new Set(pairs.map(({ connection }) => connection as IdentifiedConnection))];
  const [first] = loads.sort(byTimeThenImage(owners)) as [IdentifiedLoad];
  const [DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256] = imageOf(first) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const own = loads.map((load) => owners.of(load)).filter((owner) => owner !== undefined);
  const inferred = [...loads, ...connections].some((event) => owners.of(event)?.inferred);
  const total = (bytes: (connection: Connection) => bigint | null) =>
    connections.reduce((sum, connection) => sum + (bytes(connection) ?? 0n), 0n);
  return {
    ...summarize(
      { key: { DeviceName, ProcessName, ProcessCmd, AccountName, ProcessSHA256 }, pairs: [...pairs] },
      parameters,
    ),
    ProcessId: first.InitiatingProcessId,
    ProcessCreationTime: owners.of(first)?.created ?? first.InitiatingProcessCreationTime,
    ParentProcess: string(first.InitiatingProcessParentFileName),
    Identity: inferred
      ? 'inferred'
      : own.length === 0
        ? 'none'
        : string(first.InitiatingProcessUniqueId) !== ''
          ? 'unique id'
          : 'creation time',
    Processes: BigInt(new Set(own.map(({ process }) => process)).size),
    FalseAttributions: BigInt(
      pairs.filter(({ load, connection }) => {
        const owner = owners.of(load as IdentifiedLoad);
        return (
          owner === undefined || owner.process !== owners.of(connection as IdentifiedConnection)?.process
        );
      }).length,
    ),
    DistinctConnections: BigInt(connections.length),
    DistinctBytesSent: total(({ SentBytes }) => SentBytes),
    DistinctBytesReceived: total(({ ReceivedBytes }) => ReceivedBytes),
    CryptoLoads: BigInt(loads.length),
    FirstLoad: first.Timestamp!,
    DestinationCount: BigInt(
      new Set(connections.map((each) => JSON.stringify([string(each.RemoteIP), each.RemotePort]))).size,
    ),
  };
}

/** The first load of a finding: by time, then by all that it says of its process, what is not recorded last. */
function byTimeThenImage(owners: Owners): (one: IdentifiedLoad, other: IdentifiedLoad) => number {
  const created = (load: IdentifiedLoad) => owners.of(load)?.created ?? load.InitiatingProcessCreationTime;
  const byValue = (one: bigint | null, other: bigint | null) => {
    if (one === other) return 0;
    if (one === null || other === null) return one === null ? 1 : -1;
    return one < other ? -1 : 1;
  };
  return (one, other) => {
    const at = imageOf(one).findIndex((part, index) => part !== imageOf(other)[index]);
    return (
      byValue(one.Timestamp, other.Timestamp) ||
      (at >= 0 ? byBytes(imageOf(one)[at]!, imageOf(other)[at]!) : 0) ||
      byValue(one.InitiatingProcessId, other.InitiatingProcessId) ||
      byValue(created(one), created(other)) ||
      byBytes(string(one.InitiatingProcessParentFileName), string(other.InitiatingProcessParentFileName)) ||
      byBytes(string(one.InitiatingProcessUniqueId), string(other.InitiatingProcessUniqueId))
    );
  };
}

interface Owner {
  readonly process: string;
  readonly created: bigint | null;
  readonly inferred: boolean;
}

/** Finds out, for each event, which process made it; for PID 0 and none, nobody did. */
class Owners {
  readonly #events: readonly AnyEvent[];
  readonly #haveIds: boolean;
  readonly #tolerance: bigint;
  readonly #gap: bigint;
  readonly #known = new Map<AnyEvent, Owner | undefined>();

  constructor(
    loads: readonly IdentifiedLoad[],
    connections: readonly IdentifiedConnection[],
    parameters: Parameters,
    gap: bigint,
  ) {
    const hasId = ({ DeviceId }: Identified) => string(DeviceId) !== '';
    this.#haveIds = loads.some(hasId) && connections.some(hasId);
    this.#events = [...loads, ...connections].filter(
      (event) => event.Timestamp !== null && isInTime(event.Timestamp, parameters),
    );
    this.#tolerance = parameters.tolerance ?? 0n;
    this.#gap = gap;
  }

  of(event: AnyEvent): Owner | undefined {
    if (!this.#known.has(event)) this.#known.set(event, this.#find(event));
    return this.#known.get(event);
  }

  #find(event: AnyEvent): Owner | undefined {
    const pid = event.InitiatingProcessId;
    if (pid === null || pid === 0n) return undefined;
    const device = this.#device(event);
    const named = (name: string) => JSON.stringify([device, String(pid), name]);
    const unique = string(event.InitiatingProcessUniqueId);
    const created = event.InitiatingProcessCreationTime;
    if (unique !== '') return { process: named(unique), created, inferred: false };
    if (created !== null) {
      return { process: named(this.#uniqueIdOf(event, created)), created, inferred: false };
    }
    const spell = this.#spells(device, pid).find((each) => each.some((other) => sayTheSame(other, event)))!;
    const began = spell.map((each) => each.InitiatingProcessCreationTime).find((each) => each !== null);
    const id = spell.map((each) => string(each.InitiatingProcessUniqueId)).find((each) => each !== '');
    if (id !== undefined) return { process: named(id), created: began ?? null, inferred: true };
    if (began !== undefined && began !== null) {
      return { process: named(this.#uniqueIdOf(event, began)), created: began, inferred: true };
    }
    return { process: named(`since ${spell[0]!.Timestamp}`), created: null, inferred: true };
  }

  #device(event: AnyEvent): string {
    const id = string(event.DeviceId);
    return this.#haveIds && id !== '' ? id : string(event.DeviceName);
  }

  /** The unique id that any event of that PID and creation time has. */
  #uniqueIdOf(event: AnyEvent, created: bigint): string {
    const twin = this.#events.find(
      (other) =>
        this.#device(other) === this.#device(event) &&
        other.InitiatingProcessId === event.InitiatingProcessId &&
        other.InitiatingProcessCreationTime === created &&
        string(other.InitiatingProcessUniqueId) !== '',
    );
    return twin === undefined ? `created ${created}` : string(twin.InitiatingProcessUniqueId);
  }

  /** All events of a PID in order, cut where another process must have begun. */
  #spells(device: string, pid: bigint): AnyEvent[][] {
    const events = this.#events
      .filter((event) => event.InitiatingProcessId === pid && this.#device(event) === device)
      .sort(inOrder);
    const spells: AnyEvent[][] = [];
    let last = { name: '', account: '', created: null as bigint | null, unique: '' };
    let before: AnyEvent | undefined;
    for (const event of events) {
      const now = {
        name: folded(event.InitiatingProcessFileName),
        account: folded(event.InitiatingProcessAccountName),
        created: event.InitiatingProcessCreationTime,
        unique: string(event.InitiatingProcessUniqueId),
      };
      const silent = before === undefined ? 0n : event.Timestamp! - before.Timestamp!;
      const begins =
        before === undefined ||
        (now.name !== '' && last.name !== '' && now.name !== last.name) ||
        (now.account !== '' && last.account !== '' && now.account !== last.account) ||
        (now.unique !== '' && last.unique !== '' && now.unique !== last.unique) ||
        (now.created !== null && last.created !== null && now.created !== last.created) ||
        (now.created !== null && now.created > before.Timestamp! + this.#tolerance) ||
        (now.created === null && now.unique === '' && silent > this.#gap);
      if (begins) spells.push([]);
      spells[spells.length - 1]!.push(event);
      last = {
        name: now.name || last.name,
        account: now.account || last.account,
        created: now.created ?? last.created,
        unique: now.unique || last.unique,
      };
      before = event;
    }
    return spells;
  }
}

function folded(text: string | null): string {
  return string(text).toLowerCase();
}

/** Events that nothing tells apart are of one process. */
function sayTheSame(one: AnyEvent, other: AnyEvent): boolean {
  return inOrder(one, other) === 0;
}

function inOrder(one: AnyEvent, other: AnyEvent): number {
  const time = (value: bigint | null) => value ?? 2n ** 62n;
  const byTime = (a: bigint | null, b: bigint | null) => (time(a) < time(b) ? -1 : Number(time(a) > time(b)));
  return (
    byTime(one.Timestamp, other.Timestamp) ||
    byBytes(folded(one.InitiatingProcessFileName), folded(other.InitiatingProcessFileName)) ||
    byBytes(folded(one.InitiatingProcessAccountName), folded(other.InitiatingProcessAccountName)) ||
    byTime(one.InitiatingProcessCreationTime, other.InitiatingProcessCreationTime) ||
    byBytes(string(one.InitiatingProcessUniqueId), string(other.InitiatingProcessUniqueId))
  );
}
