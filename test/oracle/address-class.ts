/**
 * The class of an IP address by IANA's registries of special-purpose addresses, from the registries' own table of
 * blocks, the most specific block deciding. It knows no SQL and none of the project's code.
 * https://www.iana.org/assignments/iana-ipv4-special-registry
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function addressClass(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) return '';
  const { value, bits } = address;
  const blocks = bits === 32 ? IPV4 : IPV6;
  const within = blocks
    .map(([cidr, of]) => ({ ...parseBlock(cidr), of }))
    .filter(({ base, length }) => value >> BigInt(bits - length) === base >> BigInt(bits - length))
    .sort((one, other) => other.length - one.length);
  const of = within[0]?.of ?? (bits === 32 ? 'Public' : 'Reserved');
  return of === 'embedded' ? addressClass(dotted(value & 0xffffffffn)) : of;
}

const IPV4: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'Reserved'],
  ['10.0.0.0/8', 'Private'],
  ['100.64.0.0/10', 'Reserved'],
  ['127.0.0.0/8', 'Loopback'],
  ['169.254.0.0/16', 'LinkLocal'],
  ['172.16.0.0/12', 'Private'],
  ['192.0.0.0/24', 'Reserved'],
  ['192.0.0.9/32', 'Public'],
  ['192.0.0.10/32', 'Public'],
  ['192.0.2.0/24', 'Reserved'],
  ['192.31.196.0/24', 'Public'],
  ['192.52.193.0/24', 'Public'],
  ['192.88.99.0/24', 'Reserved'],
  ['192.168.0.0/16', 'Private'],
  ['192.175.48.0/24', 'Public'],
  ['198.18.0.0/15', 'Reserved'],
  ['198.51.100.0/24', 'Reserved'],
  ['203.0.113.0/24', 'Reserved'],
  ['224.0.0.0/4', 'Reserved'],
  ['240.0.0.0/4', 'Reserved'],
  ['255.255.255.255/32', 'Broadcast'],
];

const IPV6: readonly (readonly [string, string])[] = [
  ['::1/128', 'Loopback'],
  ['::ffff:0:0/96', 'embedded'],
  ['64:ff9b::/96', 'embedded'],
  ['2000::/3', 'Public'],
  ['2001::/23', 'Reserved'],
  ['2001::/32', 'Teredo'],
  ['2001:1::1/128', 'Public'],
  ['2001:1::2/128', 'Public'],
  ['2001:1::3/128', 'Public'],
  ['2001:2::/48', 'Reserved'],
  ['2001:3::/32', 'Public'],
  ['2001:4:112::/48', 'Public'],
  ['2001:10::/28', 'Reserved'],
  ['2001:20::/28', 'Public'],
  ['2001:30::/28', 'Public'],
  ['2001:db8::/32', 'Reserved'],
  ['2002::/16', 'FourToSixMapping'],
  ['2620:4f:8000::/48', 'Public'],
  ['3fff::/20', 'Reserved'],
  ['fc00::/7', 'Private'],
  ['fe80::/10', 'LinkLocal'],
];

/** Every block of the tables, for tests to take edges from. */
export const BLOCKS: readonly string[] = [...IPV4, ...IPV6].map(([cidr]) => cidr);

export function parseBlock(cidr: string): { base: bigint; length: number; bits: 32 | 128 } {
  const [text, length] = cidr.split('/') as [string, string];
  const { value, bits } = parseAddress(text)!;
  return { base: value, length: Number(length), bits };
}

export function parseAddress(text: string): { value: bigint; bits: 32 | 128 } | undefined {
  if (!text.includes(':')) {
    const value = parseIpv4(text);
    return value === undefined ? undefined : { value, bits: 32 };
  }
  const [bare = ''] = text.toLowerCase().split('%');
  const tail = bare.slice(bare.lastIndexOf(':') + 1);
  let groups = bare;
  if (tail.includes('.')) {
    const inner = parseIpv4(tail);
    if (inner === undefined) return undefined;
    groups = `${bare.slice(0, -tail.length)}${(inner >> 16n).toString(16)}:${(inner & 0xffffn).toString(16)}`;
  }
  const halves = groups.split('::');
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?];
  const missing = 8 - left.length - (right?.length ?? 0);
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [
    ...left,
    ...Array.from({ length: right === undefined ? 0 : missing }, () => '0'),
    ...(right ?? []),
  ];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return undefined;
  return {
    value: all.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n),
    bits: 128,
  };
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  const good =
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return good ? parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) : undefined;
}

export function dotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}
