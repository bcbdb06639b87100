import { type Cast, castOf } from './cast.ts';
import { type Event, imageLoaded, networkEvent } from './events.ts';
import type { Device } from './fleet.ts';
import { cryptoLibrary, startupLibraries } from './libraries.ts';
import { passingProcesses } from './passing.ts';
import type { Process } from './processes.ts';
import { Random } from './random.ts';
import { DAY, MINUTE, type Micros } from './time.ts';
import { TRAFFIC } from './traffic.ts';

/**
 * What a device does on a day when nothing is planted: programs start and load their DLLs, one in 25 a watched
 * one, and talk. Nothing of it makes a finding: successful connections to public addresses on unusual ports
 * come from excluded programs, or from one that has been up for more than the window, under an id that no
 * other process of that time has.
 */
export function ordinaryDay(seed: string, device: Device, day: number, dayStart: Micros): Event[] {
  const random = new Random(seed, 'day', day, device.name);
  const cast = castOf(device, day, dayStart, random);
  const events = [
    ...sessionLoads(cast, random),
    ...passing(device, dayStart, random),
    ...conversations(cast, dayStart, random),
  ];
  return events.filter(({ at }) => at >= dayStart && at < dayStart + DAY);
}

/** How many of each a device makes in a day. */
const PASSING_PER_DAY = 13;
const CONVERSATIONS_PER_DAY = 190;

/** The share of starting processes that load a watched library at all; most load one, some several. */
const LOADS_CRYPTO = 0.32;

/** Longer than the window: programs with unusual ports wait so long after their start. */
const SETTLED = 16 * MINUTE;

function sessionLoads({ session }: Cast, random: Random): Event[] {
  return session === null ? [] : session.programs.flatMap((process) => startUp(process, random));
}

function startUp(process: Process, random: Random): Event[] {
  const libraries = startupLibraries(random, random.between(10, 18));
  // A null id joins every other null id, so a process without one that loads a watched library could make a finding.
  if (process.id !== null && random.chance(LOADS_CRYPTO)) {
    const count = random.weighted([
      { weight: 7, count: 1 },
      { weight: 2, count: 2 },
      { weight: 1, count: 3 },
    ]).count;
    for (let i = 0; i < count; i++) libraries.push(cryptoLibrary(random));
  }
  let at = process.created + random.between(2_000, 90_000);
  return libraries.map((library) => {
    at += random.between(100, 40_000);
    return imageLoaded(process, library, at);
  });
}

function passing(device: Device, dayStart: Micros, random: Random): Event[] {
  const standard = TRAFFIC[0]!;
  return passingProcesses(device, dayStart, PASSING_PER_DAY, random).flatMap(({ process, connections }) => [
    ...startUp(process, random),
    ...Array.from({ length: connections }, () =>
      networkEvent(
        { device, process },
        standard.traffic(random),
        process.created + random.between(900_000, 40_000_000),
        random,
      ),
    ),
  ]);
}

function conversations(cast: Cast, dayStart: Micros, random: Random): Event[] {
  const { device, session } = cast;
  const events: Event[] = [];
  for (let i = 0; i < CONVERSATIONS_PER_DAY; i++) {
    const kind = random.weighted(TRAFFIC);
    if (kind.when === 'session' && session === null) continue;
    const process = kind.by(cast, random);
    const at =
      kind.when === 'session' && session !== null
        ? random.between(session.login + SETTLED + 10 * MINUTE, session.logout)
        : dayStart + random.below(DAY);
    events.push(networkEvent({ device, process }, kind.traffic(random), at, random));
  }
  return events;
}
