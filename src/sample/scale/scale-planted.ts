import { DAY, HOUR, MINUTE, type Micros, SECOND } from '../time.ts';
import { IMAGE_NUMBERS } from './scale-files.ts';
import type { ScaleScope } from './scale-options.ts';
import { RESIDENTS_PER_DEVICE } from './scale-world.ts';

/**
 * A process whose events are known in advance: watched loads and suspicious connections, each at even steps of
 * time. Its process id is nobody else's on that device.
 */
export interface Planted {
  readonly kind: 'implant' | 'hot';
  /** Its number among the processes of its day, below zero. */
  readonly process: number;
  readonly device: number;
  readonly day: number;
  readonly id: number;
  readonly started: Micros;
  readonly loads: Steps;
  readonly connections: Steps;
  readonly ip: string;
  readonly port: number;
  readonly sent: number;
  readonly received: number;
}

/** `count` instants: `first`, and on by `every`. */
export interface Steps {
  readonly first: Micros;
  readonly every: Micros;
  readonly count: number;
}

/** Implants in every lake, whatever its profile. */
const IMPLANTS = 3;

/** Everything that is planted in a lake, spread over devices and over the days that are made (not linked). */
export function plantedIn(scope: ScaleScope): Planted[] {
  const total = IMPLANTS + scope.hotProcesses;
  const days = Math.ceil(scope.days / scope.copies);
  return Array.from({ length: total }, (_, index) => {
    const day = Math.floor((index * days) / total);
    const started = scope.start + day * DAY + 10 * HOUR + index * MINUTE;
    const who = {
      process: -1 - index,
      device: Math.floor((index * scope.devices) / total),
      day,
      id: 4 * (scope.pidSpace + 2 + RESIDENTS_PER_DEVICE + index),
      started,
      ip: `203.0.113.${1 + (index % 254)}`,
    };
    return index < IMPLANTS ? implant(who) : hot(who, scope.hotEvents);
  });
}

type Who = Pick<Planted, 'process' | 'device' | 'day' | 'id' | 'started' | 'ip'>;

function implant(who: Who): Planted {
  return {
    ...who,
    kind: 'implant',
    loads: { first: who.started + 20_000, every: SECOND, count: 2 },
    connections: { first: who.started + 10 * SECOND, every: MINUTE, count: 12 },
    port: 4444,
    sent: 512,
    received: 2_048,
  };
}

/** All of it within 14 minutes, a connection after each load. */
function hot(who: Who, events: number): Planted {
  const every = Math.floor((14 * MINUTE) / events);
  return {
    ...who,
    kind: 'hot',
    loads: { first: who.started + SECOND, every, count: events },
    connections: { first: who.started + SECOND + Math.floor(every / 2), every, count: events },
    port: 8444,
    sent: 96,
    received: 160,
  };
}

/** Rows that go with the processes of a day: process, device, id, started, image, again. */
export function plantedProcesses(scope: ScaleScope, day: number): string {
  return unionOf(scope, day, ({ process, device, id, started }) => {
    // An image of the long tail that is not a service, under a command line of its own.
    const image = IMAGE_NUMBERS.known + 1 - 4 * process;
    return `SELECT ${process}, ${device}, ${id}, ${started}, ${image}, (${9 - 10 * process})::BIGINT`;
  });
}

/** Rows that go with the loads of a day: process, at, library, number. */
export function plantedLoads(scope: ScaleScope, day: number): string {
  return unionOf(
    scope,
    day,
    ({ process, loads: { first, every, count } }) =>
      `SELECT ${process}, ${first} + n * ${every}, CASE WHEN n % 2 = 0 THEN ${BCRYPT} ELSE ${RSAENH} END, n + 4000000000
  FROM range(${count}) AS numbers(n)`,
  );
}

/** Where `bcrypt.dll` and `rsaenh.dll` stand among the libraries. */
const BCRYPT = 40;
const RSAENH = 76;

/** Rows that go with the connections of a day: process, at, drawn, number, RemoteIP, RemotePort, SentBytes, ReceivedBytes. */
export function plantedConnections(scope: ScaleScope, day: number): string {
  return unionOf(
    scope,
    day,
    ({ process, ip, port, sent, received, connections: { first, every, count } }) =>
      `SELECT ${process}, ${first} + n * ${every}, draw(n, 9), n + 4000000000, '${ip}', ${port}, ${sent}, ${received}
  FROM range(${count}) AS numbers(n)`,
  );
}

function unionOf(scope: ScaleScope, day: number, select: (planted: Planted) => string): string {
  const here = plantedIn(scope).filter((planted) => planted.day === day);
  if (here.length > 0) return here.map(select).join('\n  UNION ALL\n  ');
  const [any] = plantedIn(scope);
  return `SELECT * FROM (${select(any!)}) WHERE false`;
}

/** The window of the detection, unless it is set otherwise. */
const WINDOW = 15 * MINUTE;

/** Pairs of a load and a connection in its window, counted from the steps alone. */
export function pairsOf({ loads, connections }: Pick<Planted, 'loads' | 'connections'>): number {
  let pairs = 0;
  for (let n = 0; n < connections.count; n++) {
    const at = connections.first + n * connections.every;
    const upTo = Math.floor((at - loads.first) / loads.every);
    const from = Math.ceil((at - WINDOW - loads.first) / loads.every);
    pairs += Math.max(0, Math.min(loads.count - 1, upTo) - Math.max(0, from) + 1);
  }
  return pairs;
}
