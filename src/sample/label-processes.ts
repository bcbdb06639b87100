import {
  type ExpectedFinding,
  expectedFinding,
  type PlannedConnection,
  type PlannedLoad,
  plannedPairs,
} from './labels.ts';
import type { Process } from './processes.ts';
import { isoText } from './time.ts';

/** Something planted, and whose it is. */
export type Owned<T> = T & { readonly process: Process };

/** What was planted to count of processes, whatever the reference makes of it. */
export interface ProcessEvents {
  readonly loads: Owned<PlannedLoad>[];
  readonly connections: Owned<PlannedConnection>[];
}

/** One process that must be found when each process is a finding of its own. */
export interface ExpectedProcess extends ExpectedFinding {
  readonly ProcessId: number;
  readonly ProcessCreationTime: string;
  readonly DistinctConnections: number;
  readonly DistinctBytesSent: number;
  readonly DistinctBytesReceived: number;
  readonly CryptoLoads: number;
  readonly FirstLoad: string;
  readonly DestinationCount: number;
}

/** Processes are told apart by device, PID and creation time; PID 0 and none at all are nobody's. */
export function sameProcess(one: Process, other: Process): boolean {
  return isKnown(one) && one.device === other.device && one.id === other.id && one.created === other.created;
}

function isKnown({ id }: Process): boolean {
  return id !== null && id !== 0;
}

/** The processes that must be found, from what was planted: every load and connection once, by whose it is. */
export function expectedProcesses(plants: readonly ProcessEvents[]): ExpectedProcess[] {
  const loads = plants.flatMap((plant) => plant.loads).filter(({ process }) => isKnown(process));
  const connections = plants.flatMap((plant) => plant.connections);
  const subjects = loads.map(({ process }) => process);
  return subjects
    .filter((process, index) => subjects.findIndex((other) => sameProcess(process, other)) === index)
    .flatMap((process) => {
      const own = <T extends { readonly process: Process }>(all: readonly T[]) =>
        all.filter((each) => sameProcess(each.process, process));
      return expectedProcess(own(loads), own(connections));
    });
}

function expectedProcess(
  loads: readonly Owned<PlannedLoad>[],
  connections: readonly Owned<PlannedConnection>[],
): ExpectedProcess[] {
  const pairs = plannedPairs(loads, connections);
  const matched = [...new Set(pairs.map(({ load }) => load))].sort((one, other) => one.at - other.at);
  const first = matched[0];
  if (first === undefined) return [];
  const made = [...new Set(pairs.map(({ connection }) => connection))];
  const { columns, device, id, created } = first.process;
  const subject = {
    DeviceName: device.name,
    ProcessName: String(columns.InitiatingProcessFileName ?? ''),
    ProcessCmd: String(columns.InitiatingProcessCommandLine ?? ''),
    AccountName: String(columns.InitiatingProcessAccountName ?? ''),
    ProcessSHA256: String(columns.InitiatingProcessSHA256 ?? ''),
  };
  return [
    {
      ...expectedFinding(subject, loads, connections)!,
      ProcessId: id!,
      ProcessCreationTime: isoText(created),
      DistinctConnections: made.length,
      DistinctBytesSent: made.reduce((sum, { sent }) => sum + (sent ?? 0), 0),
      DistinctBytesReceived: made.reduce((sum, { received }) => sum + (received ?? 0), 0),
      CryptoLoads: matched.length,
      FirstLoad: isoText(first.at),
      DestinationCount: new Set(made.map(({ ip, port }) => `${ip} ${port}`)).size,
    },
  ];
}
