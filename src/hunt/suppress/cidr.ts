import { isIPv4, isIPv6 } from 'node:net';

/** A block of addresses as its first and last, each 32 hexadecimal digits; IPv4 as ::ffff:0:0/96. */
export interface AddressRange {
  readonly first: string;
  readonly last: string;
}

/** An address or CIDR block, IPv4 or IPv6; undefined where the text is neither. Bits behind the prefix must be zero. */
export function parseCidr(text: string): AddressRange | undefined {
  const [address, length, ...more] = text.split('/') as [string, string?, ...string[]];
  const value = addressValue(address);
  if (value === undefined || more.length > 0) return undefined;
  const bits = isIPv4(address) ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return undefined;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  if (value % size !== 0n) return undefined;
  return { first: hex(value), last: hex(value + size - 1n) };
}

/** What is wrong with the prefix of what is an address before it. */
export function blockMeant(text: string): string {
  const [address, length = ''] = text.split('/') as [string, string?];
  if (!text.includes('/') || addressValue(address) === undefined) return '';
  const bits = isIPv4(address) ? 32 : 128;
  return /^\d{1,3}$/.test(length) && Number(length) <= bits
    ? ': the bits behind the prefix must be 0'
    : `: a prefix is a number from 0 to ${bits}`;
}

/** Whether the blocks together hold every IPv4 address. What are no blocks do not count. */
export function areEverywhere(texts: readonly string[]): boolean {
  const blocks = texts.flatMap((text) => parseCidr(text) ?? []).sort((a, b) => (a.first < b.first ? -1 : 1));
  let next = MAPPED;
  for (const { first, last } of blocks) {
    if (first <= hex(next) && last >= hex(next)) next = BigInt(`0x${last}`) + 1n;
  }
  return next > MAPPED + 0xffff_ffffn;
}

/** A domain of two labels or more. */
export function isDomain(text: string): boolean {
  return /^(?=.{4,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(
    text,
  );
}

function hex(value: bigint): string {
  return value.toString(16).padStart(32, '0');
}

const MAPPED = 0xffff_0000_0000n;

function addressValue(text: string): bigint | undefined {
  if (isIPv4(text)) return MAPPED + ipv4(text);
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const dotted = /[\d.]+$/.exec(text)?.[0] ?? '';
  const plain = dotted.includes('.') ? text.slice(0, -dotted.length) + groupsOf(ipv4(dotted)) : text;
  const [left, right] = plain.split('::').map((half) => (half === '' ? [] : half.split(':'))) as [
    string[],
    string[]?,
  ];
  const zeros = right === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...(right ?? [])];
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function ipv4(text: string): bigint {
  return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function groupsOf(value: bigint): string {
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}
