import { isValid, type VectorRows } from '../../engine/vectors.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes with room for `length`, holding what `bytes` held. */
export function grown(bytes: Bytes, length: number): Bytes {
  if (length <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(length, bytes.length * 2));
  larger.set(bytes);
  return larger;
}

/** The first `length` bytes; a copy where a quarter of the memory or more would be held for nothing. */
export function trimmed(bytes: Bytes, length: number): Bytes {
  return length * 4 > bytes.length * 3 ? bytes.subarray(0, length) : bytes.slice(0, length);
}

/** Arrow's validity bitmap under construction: none at all for as long as every row has a value. */
export class Validity {
  #bits: Bytes | undefined;
  #length = 0;
  #nullCount = 0;

  append(rows: VectorRows): void {
    const end = this.#length + rows.count;
    if (this.#bits !== undefined || rows.validity !== null) {
      this.#bits ??= ones(this.#length);
      this.#bits = grown(this.#bits, (end + 7) >> 3);
      for (let row = 0; row < rows.count; row++) {
        const at = this.#length + row;
        if (isValid(rows, row)) this.#bits[at >> 3]! |= 1 << (at & 7);
        else this.#nullCount++;
      }
    }
    this.#length = end;
  }

  finish(): { nullBitmap?: Uint8Array; nullCount: number } {
    const bits = this.#bits && trimmed(this.#bits, (this.#length + 7) >> 3);
    const nullCount = this.#nullCount;
    this.#bits = undefined;
    this.#length = 0;
    this.#nullCount = 0;
    return bits === undefined ? { nullCount } : { nullBitmap: bits, nullCount };
  }
}

function ones(length: number): Bytes {
  const bits = new Uint8Array((length + 7) >> 3).fill(0xff);
  if (length % 8 !== 0) bits[bits.length - 1] = (1 << (length % 8)) - 1;
  return bits;
}

/** Arrow's offsets under construction: where each row starts, and where the last ends. */
export class Offsets {
  length = 0;
  #ends = new Int32Array(1);

  get end(): number {
    return this.#ends[this.length]!;
  }

  /** The offsets with room for so many more rows. */
  room(rows: number): Int32Array {
    if (this.length + rows >= this.#ends.length) {
      const larger = new Int32Array(Math.max(this.length + rows + 1, this.#ends.length * 2));
      larger.set(this.#ends);
      this.#ends = larger;
    }
    return this.#ends;
  }

  add(size: number): void {
    const end = this.end + size;
    if (end > 0x7fffffff) throw new RangeError('the rows of one batch hold more than Arrow can address');
    this.room(1)[++this.length] = end;
  }

  finish(): { length: number; valueOffsets: Int32Array } {
    const finished = { length: this.length, valueOffsets: this.#ends.slice(0, this.length + 1) };
    this.length = 0;
    this.#ends = new Int32Array(1);
    return finished;
  }
}
