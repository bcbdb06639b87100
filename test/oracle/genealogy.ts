/**
 * Descent that is out of order, as a plain loop written from what the words mean: who may start whom, which program lies
 * where, and that nobody is older than his parent. It knows no SQL and none of the project's code.
 */

export interface ConnectionEvent {
  readonly DeviceName: string | null;
  readonly ActionType: string | null;
  readonly RemoteIPType: string | null;
  readonly RemoteIP: string | null;
  readonly RemotePort: number | null;
  readonly Timestamp: string;
  readonly InitiatingProcessId: number | null;
  readonly InitiatingProcessFileName: string | null;
  readonly InitiatingProcessCommandLine: string | null;
  readonly InitiatingProcessCreationTime: string | null;
  readonly InitiatingProcessParentFileName: string | null;
  readonly InitiatingProcessParentCreationTime: string | null;
}

export interface CreationEvent {
  readonly DeviceName: string | null;
  readonly ActionType: string | null;
  readonly ProcessId: number | null;
  readonly ProcessCreationTime: string | null;
  readonly InitiatingProcessFileName: string | null;
  readonly InitiatingProcessFolderPath: string | null;
  readonly InitiatingProcessCreationTime: string | null;
}

export interface Descent {
  readonly DeviceName: string;
  readonly ProcessName: string;
  readonly ProcessCmd: string;
  readonly ProcessId: number;
  readonly ProcessCreationTime: string | null;
  readonly ParentProcess: string;
  readonly ParentPath: string;
  readonly Reasons: readonly string[];
  readonly RemoteIPs: readonly string[];
  readonly RemotePorts: readonly number[];
  readonly ConnectionCount: number;
  readonly FirstConnection: string;
  readonly LastConnection: string;
}

const INTERPRETERS = new Set(['powershell.exe', 'cmd.exe', 'rundll32.exe', 'msiexec.exe']);
const HOSTS = new Set([
  'winword.exe',
  'svchost.exe',
  'services.exe',
  'rundll32.exe',
  'lsass.exe',
  'wmiprvse.exe',
]);
/** Where Windows keeps each; of its programs those that the test's lakes name. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  'svchost.exe': ['\\windows\\system32\\', '\\windows\\syswow64\\'],
  'rundll32.exe': ['\\windows\\system32\\', '\\windows\\syswow64\\'],
  'explorer.exe': ['\\windows\\', '\\windows\\syswow64\\'],
  'wmiprvse.exe': ['\\windows\\system32\\wbem\\', '\\windows\\syswow64\\wbem\\'],
  'services.exe': ['\\windows\\system32\\'],
  'lsass.exe': ['\\windows\\system32\\'],
};

/** The processes with something wrong in their descent, in no particular order. */
export function genealogyOracle(
  givenConnections: readonly ConnectionEvent[],
  givenCreations: readonly CreationEvent[],
): Descent[] {
  const connections = givenConnections.map(timed);
  const creations = givenCreations.map(timed);
  const processes = new Map<string, ConnectionEvent[]>();
  for (const event of connections) {
    if (event.ActionType !== 'ConnectionSuccess' || event.RemoteIPType !== 'Public') continue;
    if (event.InitiatingProcessId === null || event.InitiatingProcessId === 0) continue;
    const key = JSON.stringify([
      event.DeviceName ?? '',
      event.InitiatingProcessId,
      event.InitiatingProcessCreationTime,
      event.InitiatingProcessFileName ?? '',
      event.InitiatingProcessCommandLine ?? '',
    ]);
    processes.set(key, [...(processes.get(key) ?? []), event]);
  }
  return [...processes.values()]
    .map((events) => descentOf(events, creations))
    .filter(({ Reasons }) => Reasons.length > 0);
}

/** A sensor that has no time writes the first instant of Windows' calendar. */
function timed<T extends object>(event: T): T {
  const members = Object.entries(event).map(([name, value]) => [
    name,
    value === '1601-01-01T00:00:00Z' ? null : value,
  ]);
  return Object.fromEntries(members) as T;
}

function descentOf(events: readonly ConnectionEvent[], creations: readonly CreationEvent[]): Descent {
  const one = events[0]!;
  const began = one.InitiatingProcessCreationTime;
  const births = creations.filter(
    (birth) =>
      birth.ActionType === 'ProcessCreated' &&
      (birth.DeviceName ?? '') === (one.DeviceName ?? '') &&
      birth.ProcessId === one.InitiatingProcessId &&
      birth.ProcessCreationTime !== null &&
      birth.ProcessCreationTime === began,
  );
  const greatest = (texts: readonly (string | null)[]) =>
    texts
      .map((text) => text ?? '')
      .sort()
      .at(-1) ?? '';
  const ParentProcess =
    greatest(births.map((birth) => birth.InitiatingProcessFileName)) ||
    greatest(events.map((event) => event.InitiatingProcessParentFileName));
  const ParentPath = greatest(births.map((birth) => birth.InitiatingProcessFolderPath));
  const parentBegan =
    greatest(births.map((birth) => birth.InitiatingProcessCreationTime)) ||
    greatest(events.map((event) => event.InitiatingProcessParentCreationTime));
  const name = one.InitiatingProcessFileName ?? '';
  const times = events.map(({ Timestamp }) => Timestamp).sort();
  const reasons: string[] = [];
  if (startsOutOfTurn(ParentProcess.toLowerCase(), name.toLowerCase())) reasons.push('unusual parent');
  if (began !== null && parentBegan !== '' && began < parentBegan) reasons.push('older than its parent');
  if (isAwayFromHome(ParentProcess.toLowerCase(), ParentPath.toLowerCase()))
    reasons.push('parent not where its name belongs');
  return {
    DeviceName: one.DeviceName ?? '',
    ProcessName: name,
    ProcessCmd: one.InitiatingProcessCommandLine ?? '',
    ProcessId: one.InitiatingProcessId!,
    ProcessCreationTime: began,
    ParentProcess,
    ParentPath,
    Reasons: reasons,
    RemoteIPs: [...new Set(events.map(({ RemoteIP }) => RemoteIP ?? ''))].sort(),
    RemotePorts: [...new Set(events.flatMap(({ RemotePort }) => RemotePort ?? []))].sort((a, b) => a - b),
    ConnectionCount: events.length,
    FirstConnection: times[0]!,
    LastConnection: times.at(-1)!,
  };
}

function startsOutOfTurn(parent: string, child: string): boolean {
  if (!HOSTS.has(parent) || !INTERPRETERS.has(child)) return false;
  if (child === 'msiexec.exe') return parent !== 'services.exe' && parent !== 'svchost.exe';
  return !(child === 'rundll32.exe' && parent === 'rundll32.exe');
}

function isAwayFromHome(parent: string, path: string): boolean {
  const homes = HOMES[parent];
  if (path === '' || homes === undefined) return false;
  let below = path;
  for (const prefix of ['\\\\?\\', '\\??\\'])
    if (below.startsWith(prefix)) below = below.slice(prefix.length);
  if (/^[a-z]:/.test(below)) below = below.slice(2);
  else if (/^\\device\\harddiskvolume[0-9]+\\/.test(below)) below = below.slice(below.indexOf('\\', 8));
  else if (below.startsWith('\\systemroot\\')) below = `\\windows${below.slice('\\systemroot'.length)}`;
  else return true;
  const whole = homes.map((home) => home + parent);
  const folders = homes.flatMap((home) => [home, home.slice(0, -1)]);
  return ![...whole, ...folders].includes(below);
}
