import { ADDRESSES } from './addresses.ts';
import { type Cast, unknownProcess } from './cast.ts';
import type { Traffic } from './events.ts';
import { INSPECTED, type Inspection } from './inspected.ts';
import type { Process } from './processes.ts';
import type { Random } from './random.ts';

/** A kind of ordinary traffic: who makes it, and what it looks like. */
export interface TrafficKind {
  readonly weight: number;
  /** `session` traffic happens only while someone works at the device. */
  readonly when: 'always' | 'session';
  by(cast: Cast, random: Random): Process | null;
  traffic(random: Random): Traffic;
}

/**
 * Ordinary traffic: every ActionType of DeviceNetworkEvents and every class of address. About one connection in
 * thirty goes to a public address on an unusual port, from programs that the detection leaves out or that
 * loaded their libraries long before; see noise.ts.
 */
export const TRAFFIC: readonly TrafficKind[] = [
  user(26, (random) => web(random)),
  user(4, (random) => ({ ...web(random), remote: ADDRESSES.public6(random) })),
  user(4, (random) => ({ ...web(random), protocol: 'Udp' })),
  user(1, (random) => ({ ...web(random), remote: ADDRESSES.fourToSix(random) })),
  user(0.7, (random) => ({ ...web(random), remote: ADDRESSES.unclassified(random), protocol: 'TcpV4' })),
  user(3, (random) => ({ remote: ADDRESSES.private4(random), port: 445, ...bytes(random) })),
  user(3, (random) => ({ remote: ADDRESSES.loopback(random), port: random.between(49_700, 49_900) })),
  user(2, (random) => ({ action: 'ConnectionFailed', remote: ADDRESSES.public4(random), port: 443 })),
  user(0.5, (random) => ({ action: 'ConnectionFailed', remote: ADDRESSES.public4(random), port: 6881 })),
  user(2, (random) => ({ action: 'ConnectionAttempt', remote: ADDRESSES.unclassified(random), port: 443 })),
  user(1, (random) => ({ action: 'ConnectionRequest', remote: ADDRESSES.public4(random), port: 443 })),
  user(0.6, (random) => ({ action: 'ConnectionFound', remote: ADDRESSES.public4(random), port: 443 })),
  user(2, (random) => report('ConnectionSuccessAggregatedReport', 443, random)),
  user(1, (random) => report('ConnectionSuccessAggregatedReport', 8883, random)),
  user(0.7, (random) => report('ConnectionFailedAggregatedReport', 443, random)),
  by('browser', 1.2, (random) => ({ remote: ADDRESSES.public4(random), port: 5228, ...bytes(random) })),
  by('meetings', 1.8, (random) => ({
    remote: ADDRESSES.public4(random),
    port: random.between(3478, 3481),
    protocol: 'Udp',
    ...bytes(random),
  })),
  machine(0.9, 'clock', (random) => ({ remote: ADDRESSES.public4(random), port: 123, protocol: 'Udp' })),
  machine(9, 'nameCache', () => ({ remote: ADDRESSES.domainController(), port: 53, protocol: 'Udp' })),
  machine(4, 'lsass', (random) => ({ remote: ADDRESSES.domainController(), port: random.pick([88, 389]) })),
  machine(3, 'system', (random) => ({ remote: ADDRESSES.private4(random), port: 445, ...bytes(random) })),
  machine(5, 'defender', (random) => ({ ...web(random), url: 'telemetry.example.com' })),
  machine(3, 'services', (random) => ({ ...web(random), port: 80, url: 'updates.example.com' })),
  machine(2, 'services', (random) => ({ remote: ADDRESSES.multicast4(random), port: 5353, protocol: 'Udp' })),
  machine(1, 'services', (random) => ({ remote: ADDRESSES.multicast6(random), port: 5355, protocol: 'Udp' })),
  machine(0.7, 'services', (random) => ({ remote: ADDRESSES.broadcast(random), port: 67, protocol: 'Udp' })),
  machine(0.5, 'services', (random) => ({ remote: ADDRESSES.teredo(random), port: 3544, protocol: 'Udp' })),
  machine(0.7, 'system', (random) => ({ remote: ADDRESSES.linkLocal6(random), port: 139 })),
  machine(0.4, 'system', (random) => ({ remote: ADDRESSES.linkLocal4(random), port: 137, protocol: 'Udp' })),
  machine(0.6, 'services', (random) => ({ remote: ADDRESSES.private6(random), port: 5985 })),
  machine(2, 'system', (random) => inbound(ADDRESSES.private4(random), 445, random)),
  machine(1, 'services', (random) => inbound(ADDRESSES.private4(random), 3389, random)),
  machine(0.3, 'serving', (random) => inbound(ADDRESSES.public4(random), 443, random)),
  machine(3, 'serving', (random) => inbound(ADDRESSES.private4(random), 443, random)),
  machine(1, 'services', (random) => ({
    action: 'ListeningConnectionCreated',
    remote: null,
    port: null,
    localPort: random.between(49_664, 49_700),
  })),
  machine(1.2, 'system', (random) => ({
    action: 'ConnectionAcknowledged',
    remote: ADDRESSES.private4(random),
    port: random.between(50_000, 60_000),
    localPort: 445,
  })),
  ...INSPECTED.map(inspected),
];

function user(weight: number, traffic: TrafficKind['traffic']): TrafficKind {
  return {
    weight,
    when: 'session',
    by: ({ session }, random) => session && random.pick(session.programs),
    traffic,
  };
}

function by(who: 'browser' | 'meetings', weight: number, traffic: TrafficKind['traffic']): TrafficKind {
  return { weight, when: 'session', by: ({ session }) => session?.[who] ?? null, traffic };
}

type Resident = 'system' | 'lsass' | 'nameCache' | 'clock' | 'services' | 'defender' | 'serving';

function machine(weight: number, who: Resident, traffic: TrafficKind['traffic']): TrafficKind {
  return { weight, when: 'always', by: (cast) => cast[who], traffic };
}

/** Packet inspection knows the device, not the process. */
function inspected({ weight, traffic }: Inspection): TrafficKind {
  return {
    weight,
    when: 'always',
    by: ({ device }, random) => (random.chance(0.5) ? unknownProcess(device) : null),
    traffic,
  };
}

function web(random: Random): Traffic {
  return {
    remote: ADDRESSES.public4(random),
    port: random.chance(0.93) ? 443 : 80,
    url: random.chance(0.7) ? random.pick(HOSTS) : null,
    ...bytes(random),
  };
}

function report(action: string, port: number, random: Random): Traffic {
  const additional = { uniqueEventsAggregated: random.between(2, 90) };
  return { action, remote: ADDRESSES.public4(random), port, additional };
}

function inbound(remote: Traffic['remote'], localPort: number, random: Random): Traffic {
  return { action: 'InboundConnectionAccepted', remote, port: random.between(49_152, 65_535), localPort };
}

/** One connection in ten lacks its counts. */
function bytes(random: Random): Pick<Traffic, 'sent' | 'received'> {
  if (random.chance(0.1)) return { sent: null, received: null };
  const most = random.pick([900, 6_000, 60_000]);
  return { sent: random.between(120, most), received: random.between(200, most * 6) };
}

const HOSTS = [
  'api.example.com',
  'assets.example.com',
  'cdn-1.example.com',
  'cdn-2.example.com',
  'drive.example.com',
  'login.example.com',
  'mail.example.com',
  'maps.example.com',
  'news.example.com',
  'search.example.com',
  'static.example.com',
  'tiles.example.com',
  'video.example.com',
  'www.example.com',
];
