import { type Device, SYSTEM } from './fleet.ts';
import { IMAGES, type Image } from './images.ts';
import { type Process, processId, startProcess } from './processes.ts';
import type { Random } from './random.ts';
import { HOUR, type Micros, SECOND } from './time.ts';

/** A process that lives for seconds or minutes, and how often it goes to the network. */
export interface Passing {
  readonly process: Process;
  /** Connections that it makes, all to standard ports. */
  readonly connections: number;
}

/** First of the process slots from which passing processes take turns; a small share, so that ids come back soon. */
const PASSING_SLOTS = 2_000;
const SLOTS_PER_DEVICE = 48;

/**
 * The short-lived processes of a day, in the order of their start. They reuse each other's ids, at times within
 * a minute. None talks to an unusual port, so no finding can come of it.
 */
export function passingProcesses(device: Device, dayStart: Micros, count: number, random: Random): Passing[] {
  const starts = Array.from({ length: count }, () => dayStart + startTime(device, random)).sort(
    (one, other) => one - other,
  );
  let slot = 0;
  let created = 0;
  return starts.map((start) => {
    const again = created > 0 && random.chance(0.06);
    created = again ? created + random.between(4 * SECOND, 55 * SECOND) : start;
    slot = again
      ? slot
      : PASSING_SLOTS + random.below(SLOTS_PER_DEVICE) + (device.index % 40) * SLOTS_PER_DEVICE;
    const kind = random.weighted(KINDS);
    const process = startProcess(device, kind.image, {
      id: random.chance(0.004) ? null : processId(slot),
      account: kind.runsAs === 'system' ? SYSTEM : device.owner,
      created,
      ...(kind.rest === undefined ? {} : { arguments: kind.rest }),
      ...(random.chance(0.03) ? { recordedName: kind.image.fileName.toUpperCase() } : {}),
      hashed: !random.chance(0.04),
    });
    return { process, connections: random.between(0, kind.connections ?? 0) };
  });
}

/** Three in four in the working hours. */
function startTime(device: Device, random: Random): Micros {
  const atWork = device.role !== 'server' && random.chance(0.75);
  return atWork ? random.between(7 * HOUR, 18 * HOUR) : random.between(0, 24 * HOUR - 1);
}

interface Kind {
  readonly image: Image;
  readonly weight: number;
  readonly runsAs: 'user' | 'system';
  readonly rest?: string;
  /** At most. */
  readonly connections?: number;
}

const KINDS: readonly Kind[] = [
  { image: IMAGES.conhost, weight: 14, runsAs: 'system', rest: '0xffffffff -ForceV1' },
  { image: IMAGES.cmd, weight: 8, runsAs: 'user', rest: '/c whoami' },
  {
    image: IMAGES.powershell,
    weight: 5,
    runsAs: 'user',
    rest: '-NoProfile -File C:\\Tools\\inventory.ps1',
    connections: 2,
  },
  {
    image: IMAGES.backgroundTaskHost,
    weight: 10,
    runsAs: 'user',
    rest: '-ServerName:App.AppX.mca',
    connections: 2,
  },
  { image: IMAGES.runtimeBroker, weight: 9, runsAs: 'user', rest: '-Embedding' },
  {
    image: IMAGES.searchProtocolHost,
    weight: 9,
    runsAs: 'system',
    rest: 'Global\\UsGthrFltPipeMssGthrPipe1',
  },
  { image: IMAGES.taskhostw, weight: 8, runsAs: 'system' },
  { image: IMAGES.wermgr, weight: 4, runsAs: 'system', rest: '-upload', connections: 2 },
  { image: IMAGES.msiexec, weight: 3, runsAs: 'system', rest: '/V', connections: 1 },
  { image: IMAGES.wmiPrvSE, weight: 6, runsAs: 'system', rest: '-secured -Embedding' },
  {
    image: IMAGES.dllhost,
    weight: 6,
    runsAs: 'user',
    rest: '/Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}',
  },
  {
    image: IMAGES.edgeUpdate,
    weight: 5,
    runsAs: 'system',
    rest: '/ua /installsource scheduler',
    connections: 3,
  },
  { image: IMAGES.winword, weight: 3, runsAs: 'user', rest: '/n', connections: 4 },
  { image: IMAGES.excel, weight: 4, runsAs: 'user', rest: '/dde', connections: 4 },
  { image: IMAGES.git, weight: 3, runsAs: 'user', rest: 'fetch --all', connections: 2 },
  { image: IMAGES.python, weight: 2, runsAs: 'user', rest: 'report.py', connections: 2 },
  { image: IMAGES.rundll32, weight: 2, runsAs: 'user', rest: 'shell32.dll,Control_RunDLL' },
  { image: IMAGES.notepad, weight: 2, runsAs: 'user', rest: 'C:\\Users\\{user}\\notes.txt' },
];
