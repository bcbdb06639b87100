import type { Random } from './random.ts';

/** An address and its class, as Defender's RemoteIPType names it; null where the sensor gave none. */
export interface Address {
  readonly ip: string;
  readonly type: AddressType | null;
}

export type AddressType =
  | 'Public'
  | 'Private'
  | 'Loopback'
  | 'LinkLocal'
  | 'Teredo'
  | 'FourToSixMapping'
  | 'Reserved'
  | 'Broadcast';

/**
 * Nobody's addresses stand in for public ones: traffic goes to the ranges for benchmarks and for documentation
 * (RFC 2544, RFC 5737, RFC 3849). Command and control has 203.0.113.0/24, 198.51.100.0/24 and 2001:db8:bad::/48 to
 * itself, the decoys' servers the lower half of 192.0.2.0/24.
 */
export const ADDRESSES = {
  public4: (random) =>
    public4(random.chance(0.15) ? `192.0.2.${random.between(100, 254)}` : benchmark(random)),
  public6: (random) => ({ ip: `2001:db8:${hex(random)}::${hex(random)}`, type: 'Public' }),
  private4: (random) => ({ ip: `10.20.${random.below(4)}.${host(random)}`, type: 'Private' }),
  private6: (random) => ({ ip: `fd00:10:20::${hex(random)}`, type: 'Private' }),
  domainController: () => ({ ip: '10.20.0.1', type: 'Private' }),
  loopback: (random) => ({ ip: random.chance(0.3) ? '::1' : '127.0.0.1', type: 'Loopback' }),
  linkLocal4: (random) => ({ ip: `169.254.${random.below(256)}.${host(random)}`, type: 'LinkLocal' }),
  linkLocal6: (random) => ({ ip: `fe80::${hex(random)}:${hex(random)}:${hex(random)}`, type: 'LinkLocal' }),
  teredo: (random) => ({
    ip: `2001:0:c000:22d:${hex(random)}:${hex(random)}:3f57:fe${two(random)}`,
    type: 'Teredo',
  }),
  fourToSix: (random) => ({ ip: `::ffff:${benchmark(random)}`, type: 'FourToSixMapping' }),
  multicast4: (random) => ({
    ip: random.pick(['224.0.0.251', '224.0.0.252', '239.255.255.250']),
    type: 'Reserved',
  }),
  multicast6: (random) => ({ ip: random.pick(['ff02::fb', 'ff02::1:3']), type: 'Reserved' }),
  broadcast: (random) => ({ ip: random.pick(['255.255.255.255', '10.20.3.255']), type: 'Broadcast' }),
  /** A real row can lack its class though it names the address. */
  unclassified: (random) => ({ ip: benchmark(random), type: null }),
} as const satisfies Record<string, (random: Random) => Address>;

/** A public IPv4 address. */
export function public4(ip: string): Address {
  return { ip, type: 'Public' };
}

function benchmark(random: Random): string {
  return `198.${18 + random.below(2)}.${random.below(256)}.${host(random)}`;
}

function host(random: Random): number {
  return random.between(1, 254);
}

function hex(random: Random): string {
  return random.between(0x1000, 0xbfff).toString(16);
}

function two(random: Random): string {
  return random.between(0x10, 0xff).toString(16);
}
