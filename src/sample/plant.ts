import { type Event, imageLoaded, networkEvent, type Traffic } from './events.ts';
import type { Device } from './fleet.ts';
import { type Owned, type ProcessEvents, sameProcess } from './label-processes.ts';
import {
  expectedFinding,
  type Label,
  type LabelKind,
  type PlannedConnection,
  type PlannedLoad,
  plannedPairs,
} from './labels.ts';
import { type Library, systemLibrary } from './libraries.ts';
import { type Process, processId } from './processes.ts';
import { Random } from './random.ts';
import type { Micros } from './time.ts';

/** Where and when things can be planted: the fleet, the lake's span, and process ids that no one else has. */
export interface Ground {
  readonly seed: string;
  readonly random: Random;
  readonly start: Micros;
  readonly end: Micros;
  /** The next device of the role, in turn; any other device where the fleet has none. */
  device(role: Device['role']): Device;
  /** A device that is not this one. */
  otherThan(device: Device): Device;
  processId(): number;
}

/** What a plant is, before anything happens. */
export type PlantFacts = Pick<Label, 'id' | 'kind' | 'category' | 'why'>;

/**
 * A planted process: its events, and, kept apart from them, which loads and connections were meant to count,
 * from which its label is worked out.
 */
export class Plant {
  readonly events: Event[] = [];
  readonly #facts: PlantFacts;
  readonly #subject: Process;
  readonly #random: Random;
  readonly #loads: Owned<PlannedLoad>[] = [];
  readonly #connections: Owned<PlannedConnection>[] = [];
  /** What counts once processes are told apart by more than their PID. */
  readonly byProcess: ProcessEvents = { loads: [], connections: [] };

  /** `subject` is the process that loads the libraries, and so the one that a finding names. */
  constructor(facts: PlantFacts, subject: Process, random: Random) {
    this.#facts = facts;
    this.#subject = subject;
    this.#random = random;
  }

  get kind(): LabelKind {
    return this.#facts.kind;
  }

  /** A load that counts. */
  load(at: Micros, library: string, process: Process = this.#subject): this {
    this.#loads.push({ at, id: process.id, fileName: library, process });
    return this.loadByProcess(at, library, process);
  }

  /** A load that counts only where processes are told apart by more than what the reference joins on. */
  loadByProcess(at: Micros, library: string, process: Process = this.#subject): this {
    this.byProcess.loads.push({ at, id: process.id, fileName: library, process });
    return this.loadIgnored(at, systemLibrary(library), process);
  }

  /** A load that the detection must pass over. */
  loadIgnored(at: Micros, library: Library, process: Process = this.#subject): this {
    this.events.push(imageLoaded(process, library, at));
    return this;
  }

  /** A connection that counts. */
  connect(at: Micros, traffic: Traffic, process: Process = this.#subject): this {
    this.credit(at, traffic, process);
    return this.connectByProcess(at, traffic, process);
  }

  /** A connection that counts only where processes are told apart by more than what the reference joins on. */
  connectByProcess(at: Micros, traffic: Traffic, process: Process = this.#subject): this {
    this.byProcess.connections.push(planned(at, traffic, process));
    return this.connectIgnored(at, traffic, process);
  }

  /** A connection that the detection must pass over. */
  connectIgnored(at: Micros, traffic: Traffic, process: Process = this.#subject): this {
    this.events.push(networkEvent({ device: process.device, process }, traffic, at, this.#random));
    return this;
  }

  /** A connection of another plant that counts for this one too. */
  credit(at: Micros, traffic: Traffic, process: Process = this.#subject): this {
    this.#connections.push(planned(at, traffic, process));
    return this;
  }

  label(): Label {
    const columns = this.#subject.columns;
    const subject = {
      DeviceName: this.#subject.device.name,
      ProcessName: String(columns.InitiatingProcessFileName ?? ''),
      ProcessCmd: String(columns.InitiatingProcessCommandLine ?? ''),
      AccountName: String(columns.InitiatingProcessAccountName ?? ''),
      ProcessSHA256: String(columns.InitiatingProcessSHA256 ?? ''),
    };
    const expected = expectedFinding(subject, this.#loads, this.#connections);
    const { id, kind, category, why } = this.#facts;
    const found = expected !== null;
    const pairs = plannedPairs(this.#loads, this.#connections);
    const falsePairs = pairs.filter(({ load, connection }) => !sameProcess(load.process, connection.process));
    return {
      id,
      kind,
      category,
      found,
      why,
      ...subject,
      ProcessId: this.#subject.id,
      falsePairs: falsePairs.length,
      expected,
    };
  }
}

function planned(at: Micros, traffic: Traffic, process: Process): Owned<PlannedConnection> {
  const { remote, port, sent = null, received = null } = traffic;
  if (remote === null) throw new TypeError('a connection that counts has an address');
  return { at, id: process.id, ip: remote.ip, port, sent, received, process };
}

/** Process slots of plants; see {@link processId}. Ordinary processes take theirs from 2,000 on. */
const PLANT_SLOTS = 2_000;

/** Deals out devices in turn and process ids once each. */
export function makeGround(
  seed: string,
  fleet: readonly Device[],
  span: { readonly start: Micros; readonly end: Micros },
): Ground {
  const random = new Random(seed, 'plants');
  const order = random.shuffled(fleet);
  const turns: Partial<Record<Device['role'], number>> = {};
  let slot = 0;
  return {
    seed,
    random,
    ...span,
    device(role) {
      const candidates = order.filter((device) => device.role === role);
      const devices = candidates.length > 0 ? candidates : order;
      const turn = turns[role] ?? 0;
      turns[role] = turn + 1;
      return devices[turn % devices.length]!;
    },
    otherThan(device) {
      return order.find((other) => other !== device)!;
    },
    processId() {
      if (slot === PLANT_SLOTS) throw new RangeError('out of process ids for plants');
      return processId(slot++);
    },
  };
}
