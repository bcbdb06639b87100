import { public4 } from './addresses.ts';
import type { Traffic } from './events.ts';
import type { Account, Device } from './fleet.ts';
import { type Image, image } from './images.ts';
import { startupLibraries } from './libraries.ts';
import { type Ground, Plant, type PlantFacts } from './plant.ts';
import { type Process, startProcess } from './processes.ts';
import { DAY, HOUR, MINUTE, type Micros } from './time.ts';

/** A process that would be reported if it loaded at `loaded` and connected soon after; what varies is up to the label. */
export interface Suspect {
  readonly plant: Plant;
  readonly process: Process;
  readonly loaded: Micros;
}

export interface SuspectFacts {
  readonly device?: Device;
  readonly image?: Image;
  readonly account?: Account;
  readonly id?: number | null;
  readonly recordedName?: string | null;
  readonly loaded?: Micros;
  /** When it started; some seconds before its load where left out. */
  readonly created?: Micros;
}

/** Starts a suspect some working day, with the ordinary loads of a start; the rest is the caller's. */
export function suspect(ground: Ground, facts: PlantFacts, given: SuspectFacts = {}): Suspect {
  const device = given.device ?? ground.device('workstation');
  const loaded = given.loaded ?? workingTime(ground);
  const before = ground.random.between(500_000, 20_000_000);
  const created = given.created ?? loaded - before;
  const account = given.account ?? device.owner;
  const process = startProcess(device, given.image ?? dropped(facts.id), {
    id: given.id === undefined ? ground.processId() : given.id,
    account,
    created,
    arguments: `--profile ${facts.id}`,
    ...(given.recordedName === undefined ? {} : { recordedName: given.recordedName }),
    parent: { fileName: 'explorer.exe', id: ground.processId(), created: created - HOUR },
  });
  const plant = new Plant(facts, process, ground.random);
  startupLibraries(ground.random, 12).forEach((library, order) => {
    plant.loadIgnored(created + 20_000 + order * 3_000, library);
  });
  return { plant, process, loaded };
}

/** A connection that counts: successful, public, on a port of no known service. */
export const SUSPICIOUS: Traffic = {
  remote: public4('198.51.100.77'),
  port: 4444,
  sent: 512,
  received: 2_048,
};

/** A time between 8:00 and 16:00 UTC of some day in the lake. */
function workingTime({ random, start, end }: Ground): Micros {
  return start + random.below((end - start) / DAY) * DAY + random.between(8 * HOUR, 16 * HOUR);
}

/** The detection's window. */
export const WINDOW: Micros = 15 * MINUTE;

function dropped(id: string): Image {
  return image(`C:\\Users\\{user}\\AppData\\Local\\Temp\\${id}.exe`);
}
