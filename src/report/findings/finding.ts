import type { ResultColumn } from '../../engine/result.ts';
import { type Json, toJson } from '../../engine/values.ts';

/** What a detection says of itself, over its findings. */
export interface DetectionHeading {
  readonly id: string;
  readonly title: string;
  /** `informational`, `low`, `medium`, `high` or `critical`. */
  readonly severity: string;
  readonly confidence: string;
  /** ATT&CK technique, such as `T1573.001`. */
  readonly technique: string;
  /** ATT&CK tactic, such as `Command and Control`. */
  readonly tactic: string;
}

/** What one row of a detection says: the columns of the T1573.001 hunt, and its activity over time. */
export interface Finding {
  readonly device: string;
  readonly process: string;
  readonly command: string;
  readonly account: string;
  readonly sha256: string;
  readonly libraries: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly string[];
  /** Digits, as a long may be beyond a double's exactness. */
  readonly connections: string;
  /** Bytes; null where the lake does not record them. */
  readonly sent: number | null;
  readonly received: number | null;
  /** ISO-8601 UTC. */
  readonly first: string;
  readonly last: string;
  readonly minutes: number;
  readonly interval: number;
  readonly beacon: boolean;
  /** Which process it was, where the hunt asked. */
  readonly who: FindingProcess | undefined;
  /** The rule that hides it, where what is hidden is shown. */
  readonly hiddenBy: string;
  /** Connections in equal bins from first to last; empty where not asked for. */
  readonly activity: readonly number[];
}

/** The columns that a hunt by process, or with all columns, adds. */
export interface FindingProcess {
  readonly id: string;
  /** ISO-8601 UTC; '' where not recorded. */
  readonly created: string;
  readonly parent: string;
  /** `unique id`, `creation time`, `inferred` or `none`. */
  readonly identity: string;
  readonly processes: number;
  /** Pairs whose connection another process made. */
  readonly falsePairs: number;
  /** Connections, each once. */
  readonly connections: string;
  readonly destinations: number;
}

const NEEDED = [
  'DeviceName',
  'ProcessName',
  'ProcessCmd',
  'AccountName',
  'ProcessSHA256',
  'CryptoLibsLoaded',
  'RemoteIPs',
  'RemotePorts',
  'ConnectionCount',
  'TotalBytesSent',
  'TotalBytesReceived',
  'FirstConnection',
  'LastConnection',
  'DurationMinutes',
  'AvgIntervalSeconds',
  'BeaconLikely',
] as const;

/** Whether rows of these columns can be read as findings. */
export function isFindings(columns: readonly Pick<ResultColumn, 'name'>[]): boolean {
  const names = new Set(columns.map(({ name }) => name));
  return NEEDED.every((name) => names.has(name));
}

/** Reads rows of such columns: what it gives takes a row's values, in the columns' order. */
export function findingReader(
  columns: readonly ResultColumn[],
): (row: readonly Parameters<typeof toJson>[0][]) => Finding {
  const at = new Map(columns.map(({ name }, index) => [name, index]));
  return (row) => {
    const value = (name: string): Json => {
      const index = at.get(name);
      return index === undefined ? null : toJson(row[index]!, columns[index]!.type);
    };
    return {
      device: text(value('DeviceName')),
      process: text(value('ProcessName')),
      command: text(value('ProcessCmd')),
      account: text(value('AccountName')),
      sha256: text(value('ProcessSHA256')),
      libraries: texts(value('CryptoLibsLoaded')),
      addresses: texts(value('RemoteIPs')),
      ports: texts(value('RemotePorts')),
      connections: text(value('ConnectionCount')),
      sent: amount(value('TotalBytesSent')),
      received: amount(value('TotalBytesReceived')),
      first: text(value('FirstConnection')),
      last: text(value('LastConnection')),
      minutes: amount(value('DurationMinutes')) ?? 0,
      interval: amount(value('AvgIntervalSeconds')) ?? 0,
      beacon: value('BeaconLikely') === true,
      who: at.has('FalseAttributions') ? processOf(value) : undefined,
      hiddenBy: text(value('SuppressedBy')),
      activity: list(value('Activity')).map(Number),
    };
  };
}

function processOf(value: (name: string) => Json): FindingProcess {
  return {
    id: text(value('ProcessId')),
    created: text(value('ProcessCreationTime')),
    parent: text(value('ParentProcess')),
    identity: text(value('Identity')),
    processes: amount(value('Processes')) ?? 0,
    falsePairs: amount(value('FalseAttributions')) ?? 0,
    connections: text(value('DistinctConnections')),
    destinations: amount(value('DestinationCount')) ?? 0,
  };
}

function text(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function amount(value: Json): number | null {
  return value === null ? null : Number(value);
}

function list(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: Json): readonly string[] {
  return list(value).map(text);
}
