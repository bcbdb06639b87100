/**
 * Reading FlatBuffers without trusting them: everything must lie inside the bytes, or an error says so.
 * Offsets only lead forward, so that no table can contain itself.
 * https://flatbuffers.dev/internals/
 */
import { damaged } from './problem.ts';

export function rootTable(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new FlatTable(view, forward(view, 0));
}

/** A table; its fields are known by number, and absent ones have the default 0, '' or nothing. */
export class FlatTable {
  readonly #view: DataView;
  readonly #position: number;

  constructor(view: DataView, position: number) {
    this.#view = view;
    this.#position = position;
    view.getInt32(position);
  }

  uint8(id: number): number {
    const at = this.#field(id);
    return at === 0 ? 0 : this.#view.getUint8(at);
  }

  int16(id: number): number {
    const at = this.#field(id);
    return at === 0 ? 0 : this.#view.getInt16(at, true);
  }

  string(id: number): string {
    const { count, at } = this.vector(id, 1);
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at, count).toString();
  }

  table(id: number): FlatTable | undefined {
    const at = this.#field(id);
    return at === 0 ? undefined : new FlatTable(this.#view, forward(this.#view, at));
  }

  tables(id: number): FlatTable[] {
    const { count, at } = this.vector(id, 4);
    return Array.from(
      { length: count },
      (_, index) => new FlatTable(this.#view, forward(this.#view, at + index * 4)),
    );
  }

  /** How many elements of `size` bytes the vector has, and where the first is. */
  vector(id: number, size: number): { count: number; at: number } {
    const field = this.#field(id);
    if (field === 0) return { count: 0, at: 0 };
    const start = forward(this.#view, field);
    const count = this.#view.getUint32(start, true);
    if (start + 4 + count * size > this.#view.byteLength) throw damaged('a length leads past the end');
    return { count, at: start + 4 };
  }

  /** A 64-bit integer of a struct, at the position that {@link vector} gave. */
  int64At(at: number): number {
    return Number(this.#view.getBigInt64(at, true));
  }

  /** Where the field is; 0 when the table has none. */
  #field(id: number): number {
    const vtable = this.#position - this.#view.getInt32(this.#position, true);
    const slot = 4 + id * 2;
    if (slot >= this.#view.getUint16(vtable, true)) return 0;
    const offset = this.#view.getUint16(vtable + slot, true);
    return offset === 0 ? 0 : this.#position + offset;
  }
}

function forward(view: DataView, at: number): number {
  const offset = view.getUint32(at, true);
  if (offset < 4 || at + offset > view.byteLength - 4) throw damaged('an offset leads past the end');
  return at + offset;
}
