import { type Data, type Dictionary, Type } from 'apache-arrow';
import { writeStrings } from '../../engine/vector-strings.ts';
import {
  bit,
  fillValidity,
  fillVector,
  type RawVector,
  sizeList,
  structField,
} from '../../engine/vectors.ts';
import { isText, stringsOf } from './strings.ts';
import { valuesOf } from './values.ts';

/**
 * Fills a DuckDB vector with rows of an Arrow array that has passed `checkColumn`. The vector's type is the one
 * that `duckdbType` gives. `within` says which rows of the enclosing struct are not null: inside a null struct
 * everything is.
 */
export function writeColumn(
  vector: RawVector,
  data: Data,
  from: number,
  count: number,
  within?: Uint8Array,
): void {
  if (count === 0) return;
  const validity = both(validityOf(data, from, count), within);
  const type = data.typeId === Type.Dictionary ? (data.type as Dictionary).dictionary : data.type;
  if (isText(type)) writeStrings(vector, stringsOf(data, from, count));
  else if (type.typeId === Type.Bool) fillVector(vector, bytesOfBits(data, from, count));
  else if (LISTS.includes(type.typeId)) writeLists(vector, data, from, count);
  else if (type.typeId === Type.Struct) {
    for (const [index, child] of data.children.entries()) {
      writeColumn(structField(vector, index), child, from, count, validity);
    }
  } else if (type.typeId !== Type.Null) fillVector(vector, valuesOf(data, from, count));
  if (validity !== undefined) fillValidity(vector, validity);
}

const LISTS: readonly Type[] = [Type.List, Type.LargeList, Type.FixedSizeList, Type.Map];

/** DuckDB's list is where its elements start and how many they are, 8 bytes each. A map is a list of structs. */
function writeLists(vector: RawVector, data: Data, from: number, count: number): void {
  const { valueOffsets, stride } = data;
  const start =
    valueOffsets === undefined ? (row: number) => row * stride : (row: number) => Number(valueOffsets[row]);
  const first = start(from);
  const entries = new BigUint64Array(count * 2);
  for (let row = 0; row < count; row++) {
    entries[row * 2] = BigInt(start(from + row) - first);
    entries[row * 2 + 1] = BigInt(start(from + row + 1) - start(from + row));
  }
  fillVector(vector, entries);
  const size = start(from + count) - first;
  writeColumn(sizeList(vector, size), data.children[0]!, first, size);
}

/** One byte a row in DuckDB. */
function bytesOfBits({ values, offset }: Data, from: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, row) => (bit(values, offset + from + row) ? 1 : 0));
}

/** Which rows are not null, in words of 64; undefined when all are not. */
function validityOf(data: Data, from: number, count: number): Uint8Array | undefined {
  if (data.typeId === Type.Null) return new Uint8Array(wordBytes(count));
  const entries = nullableEntries(data);
  if (data.nullCount === 0 && entries === undefined) return undefined;
  const bits = new Uint8Array(wordBytes(count));
  const start = data.offset + from;
  if (entries === undefined && start % 8 === 0) {
    bits.set(data.nullBitmap.subarray(start >> 3, (start + count + 7) >> 3));
    return bits;
  }
  for (let row = 0; row < count; row++) {
    const valid = data.getValid(from + row) && entries?.(Number(data.values[from + row])) !== false;
    if (valid) bits[row >> 3]! |= 1 << (row & 7);
  }
  return bits;
}

/** Which entries of a dictionary are not null; undefined when all are not, or there is no dictionary. */
function nullableEntries({ dictionary }: Data): ((entry: number) => boolean) | undefined {
  if (dictionary === undefined || dictionary.nullCount === 0) return undefined;
  return (entry) => dictionary.isValid(entry);
}

function wordBytes(count: number): number {
  return Math.ceil(count / 64) * 8;
}

function both(bits: Uint8Array | undefined, other: Uint8Array | undefined): Uint8Array | undefined {
  if (bits === undefined || other === undefined) return bits ?? other;
  return bits.map((byte, index) => byte & other[index]!);
}
