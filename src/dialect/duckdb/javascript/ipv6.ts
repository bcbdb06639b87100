/** IPv6 addresses, and IPv4 ones as IPv6 has them (`::ffff:a.b.c.d`), with an optional `/prefix`. */
import { javascript } from '../../javascript-function.ts';

interface Address {
  readonly bits: bigint;
  readonly prefix: number;
}

function parsed(text: string): Address | undefined {
  const [address = '', suffix] = text.trim().split('/');
  const dotted = /^(.*:)?(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  const inner = dotted ? withoutDots(dotted) : address;
  if (inner === undefined) return undefined;
  const bits = bitsOf(inner);
  const size = suffix === undefined ? (dotted ? 32 : 128) : sizeOf(suffix);
  if (bits === undefined || size > (dotted ? 32 : 128)) return undefined;
  return { bits, prefix: dotted ? size + 96 : size };
}

const sizeOf = (suffix: string): number => (/^\d{1,3}$/.test(suffix) ? Number(suffix) : Infinity);

function withoutDots([, before, ...octets]: RegExpExecArray): string | undefined {
  const bytes = octets.map(Number);
  if (bytes.some((byte) => byte > 255)) return undefined;
  const hex = (a: number, b: number): string => (a * 256 + b).toString(16);
  return `${before ?? '::ffff:'}${hex(bytes[0]!, bytes[1]!)}:${hex(bytes[2]!, bytes[3]!)}`;
}

function bitsOf(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'));
  const [head, tail] = [groups(halves[0]!), groups(halves[1] ?? '')];
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  if (all.some((group) => !/^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

const masked = (bits: bigint, prefix: number): bigint =>
  (bits >> BigInt(128 - prefix)) << BigInt(128 - prefix);

/** `::a.b.c.d` compares as `::ffff:a.b.c.d`. */
const mapped = (text: string, bits: bigint): bigint =>
  text.includes('.') && bits < 1n << 32n ? bits | (0xffffn << 32n) : bits;

/** -1, 0 or 1 by the shortest of the prefixes; null where one is no address. */
function compared(a: string, b: string, prefix: bigint): bigint | null {
  const [x, y] = [parsed(a), parsed(b)];
  if (!x || !y || prefix < 0n || prefix > 128n) return null;
  const size = Math.min(x.prefix, y.prefix, Number(prefix));
  const [left, right] = [masked(mapped(a, x.bits), size), masked(mapped(b, y.bits), size)];
  return left < right ? -1n : left > right ? 1n : 0n;
}

/** The first or the last address of a network, in a form that sorts as addresses do; null where it is none. */
function end(text: string, last: boolean): string | null {
  const address = parsed(text);
  if (!address) return null;
  const first = masked(mapped(text, address.bits), address.prefix);
  return written(last ? first | ((1n << BigInt(128 - address.prefix)) - 1n) : first);
}

function canonical(text: string, prefix: bigint): string {
  const address = parsed(text);
  if (!address || prefix < 0n || prefix > 128n) return '';
  return written(masked(address.bits, Math.min(address.prefix, Number(prefix))));
}

const written = (bits: bigint): string =>
  bits
    .toString(16)
    .padStart(32, '0')
    .replace(/(.{4})(?=.)/g, '$1:');

export const ipv6Functions = [
  javascript('ipv6_compare', 'VARCHAR VARCHAR BIGINT', 'BIGINT', compared),
  javascript('ipv6_end', 'VARCHAR BOOLEAN', 'VARCHAR', end),
  javascript('parse_ipv6', 'VARCHAR BIGINT', 'VARCHAR', canonical),
];
