import { type Account, type Device, LOCAL_SERVICE, NETWORK_SERVICE, SYSTEM } from './fleet.ts';
import { IMAGES, type Image } from './images.ts';
import { type Process, processId, startProcess } from './processes.ts';
import type { Random } from './random.ts';
import { DAY, HOUR, MINUTE, type Micros, SECOND } from './time.ts';

/** The ordinary long-lived processes of a device on one day. */
export interface Cast {
  readonly device: Device;
  /** The kernel's own process, id 4. */
  readonly system: Process;
  readonly lsass: Process;
  /** The service hosts of the name cache, of the clock and of all else. */
  readonly nameCache: Process;
  readonly clock: Process;
  readonly services: Process;
  readonly defender: Process;
  /** What the device is for, where it is a server. */
  readonly serving: Process;
  /** Absent on days when nobody works at the device. */
  readonly session: Session | null;
}

/** A user's working day: programs started at `login` that run until `logout`. */
export interface Session {
  readonly login: Micros;
  readonly logout: Micros;
  readonly programs: readonly Process[];
  readonly browser: Process;
  readonly meetings: Process;
}

/** Slots of process ids; see {@link processId}. Plants have those below 2,000, passing processes those below 4,000. */
const SESSION_SLOTS = 4_000;
const SESSIONS_KEPT_APART = 1_000;
const RESIDENT_SLOTS = 14_000;

/** Who runs on the device on a day, the same residents every day. */
export function castOf(device: Device, day: number, dayStart: Micros, random: Random): Cast {
  const resident = (order: number, image: Image, account: Account, rest?: string) =>
    startProcess(device, image, {
      id: processId(RESIDENT_SLOTS + order),
      account,
      created: device.booted + (5 + order) * SECOND,
      commandLine: `${image.path.toLowerCase()}${rest === undefined ? '' : ` ${rest}`}`,
    });
  return {
    device,
    system: kernel(device),
    lsass: resident(0, IMAGES.lsass, SYSTEM),
    nameCache: resident(1, IMAGES.svchost, NETWORK_SERVICE, '-k NetworkService -p -s Dnscache'),
    clock: resident(2, IMAGES.svchost, LOCAL_SERVICE, '-k LocalService -s W32Time'),
    services: resident(3, IMAGES.svchost, SYSTEM, '-k netsvcs -p'),
    defender: resident(4, device.index % 2 === 0 ? IMAGES.msSense : IMAGES.msMpEng, SYSTEM),
    serving:
      device.role === 'domain controller'
        ? resident(5, IMAGES.dns, SYSTEM)
        : resident(6, IMAGES.w3wp, NETWORK_SERVICE, '-ap "Intranet" -v "v4.0"'),
    session: someoneWorks(device, dayStart, random) ? sessionOf(device, day, dayStart, random) : null,
  };
}

/** Rows without a process carry id 0 in some exports, null in others. */
export function unknownProcess(device: Device): Process {
  return { device, id: 0, created: device.booted, columns: { InitiatingProcessId: 0 } };
}

function kernel(device: Device): Process {
  return {
    device,
    id: 4,
    created: device.booted,
    columns: {
      InitiatingProcessFileName: 'System',
      InitiatingProcessId: 4,
      InitiatingProcessAccountDomain: 'nt authority',
      InitiatingProcessAccountName: 'system',
      InitiatingProcessAccountSid: 'S-1-5-18',
      InitiatingProcessCreationTime: device.booted,
      InitiatingProcessSessionId: 0,
      IsInitiatingProcessRemoteSession: false,
    },
  };
}

/** People work on weekdays, and a few on the others; nobody sits at a server. */
function someoneWorks({ role }: Device, dayStart: Micros, random: Random): boolean {
  if (role === 'server' || role === 'domain controller') return false;
  const weekday = new Date(dayStart / 1_000).getUTCDay();
  return random.chance(weekday === 0 || weekday === 6 ? 0.1 : 0.92);
}

function sessionOf(device: Device, day: number, dayStart: Micros, random: Random): Session {
  const login = dayStart + random.between(7 * HOUR, 9 * HOUR);
  const logout = dayStart + random.between(15 * HOUR, 18 * HOUR);
  const remoteSession = random.chance(0.15)
    ? { device: `home-${String(device.index).padStart(3, '0')}`, ip: `10.99.0.${1 + (device.index % 250)}` }
    : undefined;
  const slot = SESSION_SLOTS + (day % SESSIONS_KEPT_APART) * 10;
  const parent = { fileName: 'explorer.exe', id: processId(slot), created: login };
  const start = (order: number, image: Image, rest?: string) =>
    startProcess(device, image, {
      id: processId(slot + order),
      account: device.owner,
      created: login + order * random.between(2 * SECOND, MINUTE),
      parent,
      ...(rest === undefined ? {} : { arguments: rest }),
      ...(remoteSession === undefined ? {} : { remoteSession }),
      ...(random.chance(0.03) ? { recordedName: image.fileName.toUpperCase() } : {}),
      hashed: !random.chance(0.05),
    });
  const browser = start(1, random.pick([IMAGES.edge, IMAGES.chrome]), '--no-startup-window');
  const meetings = start(2, IMAGES.teams);
  const programs = [
    start(0, IMAGES.explorer),
    browser,
    meetings,
    start(3, IMAGES.outlook),
    start(4, IMAGES.oneDrive, '/background'),
    ...(device.role === 'developer' ? [start(5, IMAGES.code), start(6, IMAGES.node, 'watch.js')] : []),
  ];
  return { login, logout: Math.min(logout, dayStart + DAY - MINUTE), programs, browser, meetings };
}
