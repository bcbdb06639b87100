import { ADDRESSES, type Address } from './addresses.ts';
import type { Traffic } from './events.ts';
import { type Account, type Device, domainAccount, NETWORK_SERVICE, SYSTEM } from './fleet.ts';
import type { Image } from './images.ts';
import { startupLibraries } from './libraries.ts';
import { type Ground, Plant, type PlantFacts } from './plant.ts';
import { type Process, startProcess } from './processes.ts';
import type { Random } from './random.ts';
import { DAY, HOUR, MINUTE, type Micros, SECOND } from './time.ts';

/** A program that loads crypto libraries and then talks to its servers again and again, for good or ill. */
export interface Beacon extends PlantFacts {
  readonly image: Image;
  /** The whole command line; `{user}` is who runs it. */
  readonly commandLine: string;
  readonly runsOn: Device['role'];
  /** `user` (who works at the device), `system`, `network service`, or the name of a service account. */
  readonly runsAs: string;
  readonly hashed?: boolean;
  readonly parent?: string;
  /** Watched libraries, spelled as the program spells them. */
  readonly libraries: readonly string[];
  /** Minutes between renewed loads; `each beat` when every connection loads anew; absent when once at the start. */
  readonly reloads?: number | 'each beat';
  readonly servers: readonly Server[];
  /** Seconds between beats, and by what share of that each may come early. */
  readonly sleep: number;
  readonly jitter: number;
  /** Minutes from the first beat to the last, cut to what fits into the lake. */
  readonly lasts: number;
  /** The share of beats that the sensor records; 1 when absent. */
  readonly recorded?: number;
  /** Times the program is started again under another process id; 0 when absent. */
  readonly restarts?: number;
  /** Bytes a beat: least and most. Null where the sensor counts none. */
  readonly sent: readonly [number, number] | null;
  readonly received: readonly [number, number] | null;
}

export interface Server {
  readonly address: Address;
  readonly port: number;
  readonly protocol?: string;
  readonly url?: string;
}

/** Plants the program on a device of its role: every start, load, beat and some other traffic that does not count. */
export function plantBeacon(ground: Ground, beacon: Beacon): Plant {
  const device = ground.device(beacon.runsOn);
  const account = accountOf(ground, device, beacon);
  const span = Math.min(beacon.lasts * MINUTE, ground.end - ground.start - 4 * HOUR);
  const runs = 1 + (beacon.restarts ?? 0);
  const from = firstStart(ground, span);
  const start = (at: Micros) =>
    startProcess(device, beacon.image, {
      id: ground.processId(),
      account,
      created: at,
      commandLine: beacon.commandLine,
      ...(beacon.hashed === undefined ? {} : { hashed: beacon.hashed }),
      ...(beacon.parent === undefined
        ? {}
        : { parent: { fileName: beacon.parent, id: ground.processId(), created: at - 97 * SECOND } }),
    });
  const first = start(from);
  const plant = new Plant(beacon, first, ground.random);
  for (let run = 0; run < runs; run++) {
    const begins = from + Math.floor((span * run) / runs);
    const process = run === 0 ? first : start(begins);
    runBeacon(plant, process, beacon, { begins, ends: begins + Math.floor(span / runs) }, ground.random);
  }
  return plant;
}

/** Long runs begin in the first hours of the lake, short ones in the working hours of any day. */
function firstStart({ random, start, end }: Ground, span: Micros): Micros {
  if (span > 8 * HOUR) return start + random.between(30 * MINUTE, 3 * HOUR);
  const day = random.below((end - start) / DAY);
  return start + day * DAY + random.between(7 * HOUR, 15 * HOUR);
}

function runBeacon(
  plant: Plant,
  process: Process,
  beacon: Beacon,
  { begins, ends }: { readonly begins: Micros; readonly ends: Micros },
  random: Random,
): void {
  let at = begins + random.between(40_000, 300_000);
  for (const library of startupLibraries(random, 14)) {
    plant.loadIgnored(at, library, process);
    at += random.between(300, 9_000);
  }
  at = loadAll(plant, process, beacon.libraries, at, random);
  let reload = nextReload(beacon, at, random);
  for (at += random.between(400_000, 3 * SECOND); at < ends; at += pause(beacon, random)) {
    if (beacon.reloads === 'each beat') {
      loadAll(plant, process, random.some(beacon.libraries, 1), at - random.between(8_000, 400_000), random);
    }
    for (; reload < at; reload = nextReload(beacon, reload, random)) {
      const renewed = random.some(beacon.libraries, random.between(1, beacon.libraries.length));
      loadAll(plant, process, renewed, reload, random);
    }
    if (random.chance(beacon.recorded ?? 1)) plant.connect(at, beat(beacon, random), process);
    if (random.chance(0.03)) plant.connectIgnored(at + 700_001, cover(beacon, random), process);
  }
}

function loadAll(
  plant: Plant,
  process: Process,
  libraries: readonly string[],
  from: Micros,
  random: Random,
): Micros {
  let at = from;
  for (const library of libraries) {
    plant.load(at, library, process);
    at += random.between(900, 30_000);
  }
  return at;
}

function nextReload({ reloads }: Beacon, at: Micros, random: Random): Micros {
  if (reloads === undefined || reloads === 'each beat') return Number.POSITIVE_INFINITY;
  return at + random.between(Math.floor(reloads * 0.8 * MINUTE), Math.floor(reloads * 1.2 * MINUTE));
}

function pause({ sleep, jitter }: Beacon, random: Random): Micros {
  return Math.floor(sleep * SECOND * (1 - jitter * random.fraction())) + random.between(20_000, 900_000);
}

function beat({ servers, sent, received }: Beacon, random: Random): Traffic {
  const server = random.pick(servers);
  return {
    remote: server.address,
    port: server.port,
    protocol: server.protocol ?? 'Tcp',
    url: server.url ?? null,
    sent: sent && random.between(...sent),
    received: received && random.between(...received),
  };
}

/** Traffic of the same program that is none of the detection's business. */
function cover(beacon: Beacon, random: Random): Traffic {
  const server = random.pick(beacon.servers);
  return random.pick<Traffic>([
    { remote: ADDRESSES.public4(random), port: 443, sent: 1_204, received: 5_377 },
    { action: 'ConnectionFailed', remote: server.address, port: server.port },
    { action: 'ConnectionAttempt', remote: { ip: server.address.ip, type: null }, port: server.port },
    {
      action: 'ConnectionSuccessAggregatedReport',
      remote: server.address,
      port: server.port,
      additional: { uniqueEventsAggregated: random.between(2, 60) },
    },
  ]);
}

function accountOf({ seed }: Ground, device: Device, { runsAs }: Beacon): Account {
  if (runsAs === 'user') return device.owner;
  if (runsAs === 'system') return SYSTEM;
  if (runsAs === 'network service') return NETWORK_SERVICE;
  return domainAccount(seed, runsAs);
}
