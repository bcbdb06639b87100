import { isUtf8 } from 'node:buffer';
import { type Data, type DataType, type Dictionary, Type, type Vector } from 'apache-arrow';
import type { Strings } from '../../engine/vector-strings.ts';

/** Whether an Arrow type is text or bytes of any length, which DuckDB stores alike. */
export function isText({ typeId }: DataType): boolean {
  return isView(typeId) || WITH_OFFSETS.includes(typeId) || typeId === Type.FixedSizeBinary;
}

/** The bytes of some rows of a text or binary array, or of a dictionary of text. Nulls are empty. */
export function stringsOf(data: Data, from: number, count: number): Strings {
  if (WITH_OFFSETS.includes(data.typeId)) {
    const strings = inOneSpan(data, from, count);
    // Bytes under a null may be anything; then only the rows that have a value are taken.
    if (data.nullCount === 0 || !isUtf8Type(data.type) || isUtf8(strings.bytes)) return strings;
  }
  return gathered(pieces(data), data, from, count);
}

/** Whether the type's bytes have to be UTF-8. */
export function isUtf8Type({ typeId }: DataType): boolean {
  return typeId === Type.Utf8 || typeId === Type.LargeUtf8 || typeId === Type.Utf8View;
}

export function isView(typeId: Type): boolean {
  return typeId === Type.Utf8View || typeId === Type.BinaryView;
}

const WITH_OFFSETS: readonly Type[] = [Type.Utf8, Type.LargeUtf8, Type.Binary, Type.LargeBinary];

/** The rows lie end to end already: only their offsets are taken to start at 0. */
function inOneSpan(data: Data, from: number, count: number): Strings {
  const { valueOffsets } = data;
  const first = Number(valueOffsets[from]);
  const offsets = new Float64Array(count + 1);
  for (let row = 0; row <= count; row++) offsets[row] = Number(valueOffsets[from + row]) - first;
  return { bytes: bytesOf(data).subarray(first, first + offsets[count]!), offsets };
}

const NOTHING = new Uint8Array(0);

/** An array of nothing but empty strings may come without bytes. */
export function bytesOf({ values }: Data): Uint8Array {
  return values ?? NOTHING;
}

/** The bytes of each row of an array, wherever they are. */
export type Pieces = (row: number) => Uint8Array;

function gathered(piece: Pieces, data: Data, from: number, count: number): Strings {
  const offsets = new Float64Array(count + 1);
  const taken: Uint8Array[] = new Array(count);
  for (let row = 0; row < count; row++) {
    const bytes = data.getValid(from + row) ? piece(from + row) : NOTHING;
    taken[row] = bytes;
    offsets[row + 1] = offsets[row]! + bytes.length;
  }
  const bytes = new Uint8Array(offsets[count]!);
  for (let row = 0; row < count; row++) bytes.set(taken[row]!, offsets[row]!);
  return { bytes, offsets };
}

/** Finds the bytes of the rows of an array that {@link isText}, or of a dictionary of text. */
export function pieces(data: Data): Pieces {
  const { typeId, values } = data;
  if (typeId === Type.Dictionary) {
    const entries = dictionaryEntries((data as Data<Dictionary>).dictionary!);
    return (row) => entries[Number(values[row])]!;
  }
  if (typeId === Type.FixedSizeBinary)
    return (row) => values.subarray(row * data.stride, (row + 1) * data.stride);
  if (isView(typeId)) return viewed(data);
  const offsets = data.valueOffsets;
  const bytes = bytesOf(data);
  return (row) => bytes.subarray(Number(offsets[row]), Number(offsets[row + 1]));
}

/** A view is a length (4 bytes) and up to 12 bytes, or 4 bytes, the number of a buffer (4) and a place in it (4). */
function viewed({ values, variadicBuffers }: Data): Pieces {
  const words = viewWords(values);
  return (row) => {
    const length = words[row * 4]!;
    if (length <= 12) return values.subarray(row * 16 + 4, row * 16 + 4 + length);
    const start = words[row * 4 + 3]!;
    return variadicBuffers[words[row * 4 + 2]!]!.subarray(start, start + length);
  };
}

export function viewWords(views: Uint8Array): Int32Array {
  const aligned = views.byteOffset % 4 === 0 ? views : views.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
}

const known = new WeakMap<Vector, Uint8Array[]>();

/** The bytes of each entry of a dictionary of text; found once for all batches that share it. */
function dictionaryEntries(dictionary: Vector): Uint8Array[] {
  let entries = known.get(dictionary);
  if (entries === undefined) {
    entries = dictionary.data.flatMap((data) => {
      const piece = pieces(data);
      return Array.from({ length: data.length }, (_, row) => (data.getValid(row) ? piece(row) : NOTHING));
    });
    known.set(dictionary, entries);
  }
  return entries;
}
