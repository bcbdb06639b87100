/**
 * The memory of DuckDB's vectors, for code that moves columns rather than values.
 * https://duckdb.org/docs/stable/clients/c/vector
 *
 * Values lie one after another in the layout of the C API; validity is one bit a row, lowest bit first, in
 * words of 64, set where there is a value. Both are also Arrow's layout, so that most columns are copies.
 */
import type { DuckDBDataChunk } from '@duckdb/node-api';
import duckdb, { type Vector } from '@duckdb/node-bindings';

export type RawVector = Vector;

/** Some rows of a vector, and which of them hold values: a bitmap over the whole vector, null when all do. */
export interface VectorRows {
  readonly vector: RawVector;
  readonly from: number;
  readonly count: number;
  readonly validity: Uint8Array | null;
}

/** A column of a chunk. It stays good for as long as the chunk does. */
export function columnVector(chunk: DuckDBDataChunk, index: number): RawVector {
  return duckdb.data_chunk_get_vector(chunk.chunk, index);
}

export function vectorRows(vector: RawVector, from: number, count: number): VectorRows {
  const words = Math.ceil((from + count) / 64);
  const validity = duckdb.vector_get_validity(vector, words * 8) as Uint8Array | null;
  const full = validity === null || allSet(validity, from, count);
  return { vector, from, count, validity: full ? null : validity };
}

export function isValid({ validity, from }: VectorRows, row: number): boolean {
  return validity === null || bit(validity, from + row);
}

/** A view of the vector's first `byteCount` bytes, not a copy. */
export function vectorBytes(vector: RawVector, byteCount: number): Uint8Array {
  return duckdb.vector_get_data(vector, byteCount);
}

/** Fills the vector from its first row on. The bytes are to fit: nothing checks. */
export function fillVector(vector: RawVector, { buffer, byteOffset, byteLength }: ArrayBufferView): void {
  if (byteLength === 0) return;
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, byteLength);
}

/** Sets which rows hold values. `bits` is in whole words of 64 rows. */
export function fillValidity(vector: RawVector, { buffer, byteOffset, byteLength }: Uint8Array): void {
  if (byteLength === 0) return;
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, buffer as ArrayBuffer, byteOffset, byteLength);
}

/** The elements of all lists of a LIST or MAP vector, one after another, and how many they are. */
export function listElements(vector: RawVector): { elements: RawVector; size: number } {
  return { elements: duckdb.list_vector_get_child(vector), size: duckdb.list_vector_get_size(vector) };
}

/** Makes room for the elements of a LIST or MAP vector. */
export function sizeList(vector: RawVector, size: number): RawVector {
  duckdb.list_vector_reserve(vector, size);
  duckdb.list_vector_set_size(vector, size);
  return duckdb.list_vector_get_child(vector);
}

export function structField(vector: RawVector, index: number): RawVector {
  return duckdb.struct_vector_get_child(vector, index);
}

export function bit(bits: Uint8Array, index: number): boolean {
  return (bits[index >> 3]! & (1 << (index & 7))) !== 0;
}

function allSet(bits: Uint8Array, from: number, count: number): boolean {
  const end = from + count;
  let at = from;
  for (; at < end && at % 8 !== 0; at++) if (!bit(bits, at)) return false;
  for (; at + 8 <= end; at += 8) if (bits[at >> 3] !== 0xff) return false;
  for (; at < end; at++) if (!bit(bits, at)) return false;
  return true;
}
