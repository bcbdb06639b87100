/** Hashes, compression, encodings. */
import { gunzipSync, inflateSync } from 'node:zlib';
import { javascript } from '../../javascript-function.ts';

const MASK = (1n << 64n) - 1n;
const P1 = 11400714785074694791n;
const P2 = 14029467366897019727n;
const P3 = 1609587929392839161n;
const P4 = 9650029242287828579n;
const P5 = 2870177450012600261n;

const rotated = (x: bigint, bits: bigint): bigint => ((x << bits) | (x >> (64n - bits))) & MASK;
const round = (sum: bigint, input: bigint): bigint => (rotated((sum + input * P2) & MASK, 31n) * P1) & MASK;

/** XXH64 with seed 0. https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md */
function xxhash64(bytes: Buffer): bigint {
  let at = 0;
  let hash: bigint;
  if (bytes.length >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, (MASK + 1n - P1) & MASK];
    for (; at + 32 <= bytes.length; at += 32) {
      for (let lane = 0; lane < 4; lane += 1)
        lanes[lane] = round(lanes[lane]!, bytes.readBigUInt64LE(at + lane * 8));
    }
    hash =
      (rotated(lanes[0]!, 1n) + rotated(lanes[1]!, 7n) + rotated(lanes[2]!, 12n) + rotated(lanes[3]!, 18n)) &
      MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P1 + P4) & MASK;
  } else hash = P5;
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotated(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4) & MASK;
  }
  if (at + 4 <= bytes.length) {
    hash = (rotated(hash ^ ((BigInt(bytes.readUInt32LE(at)) * P1) & MASK), 23n) * P2 + P3) & MASK;
    at += 4;
  }
  for (; at < bytes.length; at += 1)
    hash = (rotated(hash ^ ((BigInt(bytes[at]!) * P5) & MASK), 11n) * P1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return BigInt.asIntN(64, hash ^ (hash >> 32n));
}

function wholeBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}

const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text that does not decode is empty. */
function decompressed(text: string, inflate: (bytes: Buffer) => Buffer): string {
  try {
    return UTF_8.decode(inflate(Buffer.from(text, 'base64')));
  } catch {
    return '';
  }
}

export const encodeFunctions = [
  javascript('xxhash64_text', 'VARCHAR', 'BIGINT', (text: string) => xxhash64(Buffer.from(text, 'utf8'))),
  javascript('xxhash64_long', 'BIGINT', 'BIGINT', (value: bigint) => xxhash64(wholeBytes(value))),
  javascript('gunzip', 'VARCHAR', 'VARCHAR', (text: string) => decompressed(text, gunzipSync)),
  javascript('inflate', 'VARCHAR', 'VARCHAR', (text: string) => decompressed(text, inflateSync)),
];
