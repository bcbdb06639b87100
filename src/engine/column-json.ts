import { isAscii } from 'node:buffer';
import {
  type DuckDBDataChunk,
  type DuckDBListType,
  DuckDBListVector,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import type { KqlType } from '../schema/kql-types.ts';
import { instantText, safeInstantText } from './instant-text.ts';
import { type Json, nativeToJson, numberToJson, toJson } from './values.ts';
import { readStrings } from './vector-strings.ts';
import { columnVector, isValid, listElements, type VectorRows, vectorBytes, vectorRows } from './vectors.ts';

/**
 * A column of a chunk, each value as {@link toJson} gives it. Text, instants and numbers, by themselves and in lists,
 * are read out of the column's memory: a value of the engine's own for each is most of the time that rows take.
 */
export function columnToJson(chunk: DuckDBDataChunk, index: number, type: KqlType): Json[] {
  const vector = chunk.getColumnVector(index);
  const rows = vectorRows(columnVector(chunk, index), 0, chunk.rowCount);
  if (vector instanceof DuckDBListVector && type === 'dynamic') return listsToJson(rows, vector);
  return (
    readColumn(rows, vector.type, type) ?? chunk.getColumnValues(index).map((value) => toJson(value, type))
  );
}

/** The elements of all the column's lists at once, then each list's own. */
function listsToJson(rows: VectorRows, vector: DuckDBListVector): Json[] {
  const { elements, size } = listElements(rows.vector);
  const { valueType } = vector.type as DuckDBListType;
  const values =
    readColumn(vectorRows(elements, 0, size), valueType, 'element') ??
    vector.childVector.toArray().map((element) => nativeToJson(element));
  return Array.from({ length: rows.count }, (_, row) => {
    if (!isValid(rows, row)) return null;
    const from = vector.getEntryOffset(row);
    return values.slice(from, from + vector.getEntryLength(row));
  });
}

/**
 * The values of a column whose memory can be read as it lies; undefined of any other. An element of a list is what it
 * is, without a KQL type: its null text stays null.
 */
function readColumn(rows: VectorRows, physical: DuckDBType, as: KqlType | 'element'): Json[] | undefined {
  switch (physical.typeId) {
    case DuckDBTypeId.VARCHAR:
      return as === 'string' ? texts(rows, '') : as === 'element' ? texts(rows, null) : undefined;
    case DuckDBTypeId.TIMESTAMP:
      return as === 'datetime' || as === 'element' ? instants(rows) : undefined;
    case DuckDBTypeId.BIGINT:
      return as === 'long' || as === 'element' ? longs(rows) : undefined;
    case DuckDBTypeId.INTEGER:
      return as === 'int' || as === 'element' ? ints(rows) : undefined;
    case DuckDBTypeId.BOOLEAN:
      return as === 'bool' || as === 'element' ? truths(rows) : undefined;
    case DuckDBTypeId.DOUBLE:
      return as === 'real' || as === 'element' ? reals(rows) : undefined;
    default:
      return undefined;
  }
}

function texts(rows: VectorRows, absent: Json): Json[] {
  const offsets = new Float64Array(rows.count + 1);
  let bytes = Buffer.alloc(0);
  readStrings(rows, offsets, 0, (end) => {
    bytes = Buffer.allocUnsafe(end);
    return bytes;
  });
  if (!isAscii(bytes)) {
    return each(rows, absent, (row) => bytes.toString('utf8', offsets[row]!, offsets[row + 1]!));
  }
  // Every encoding agrees on ASCII, where a character is a byte: all the text can be decoded at once, and cut.
  const text = bytes.toString('latin1');
  return each(rows, absent, (row) => text.slice(offsets[row]!, offsets[row + 1]!));
}

/** Beyond these, in microseconds, an instant has a name or no JavaScript date; see {@link toJson}. */
const DATES = 8_640_000_000_000_000_000n;

function instants(rows: VectorRows): Json[] | undefined {
  const { safe, exact } = int64s(rows);
  for (let row = 0; row < rows.count; row++) {
    if (!isValid(rows, row) || Number.isSafeInteger(safe(row))) continue;
    if (exact[row]! > DATES || exact[row]! < -DATES) return undefined;
  }
  return each(rows, null, (row) => {
    const micros = safe(row);
    return Number.isSafeInteger(micros) ? safeInstantText(micros) : instantText(exact[row]!);
  });
}

function longs(rows: VectorRows): Json[] {
  const { safe, exact } = int64s(rows);
  return each(rows, null, (row) => {
    const value = safe(row);
    return Number.isSafeInteger(value) ? value : numberToJson(exact[row]!);
  });
}

function ints(rows: VectorRows): Json[] {
  const { buffer, byteOffset } = vectorBytes(rows.vector, rows.count * 4);
  const values = new Int32Array(buffer, byteOffset, rows.count);
  return each(rows, null, (row) => values[row]!);
}

function truths(rows: VectorRows): Json[] {
  const bytes = vectorBytes(rows.vector, rows.count);
  return each(rows, null, (row) => bytes[row] !== 0);
}

function reals(rows: VectorRows): Json[] {
  const { buffer, byteOffset } = vectorBytes(rows.vector, rows.count * 8);
  const values = new Float64Array(buffer, byteOffset, rows.count);
  return each(rows, null, (row) => numberToJson(values[row]!));
}

/** 64-bit numbers as bigints, each of which is an object to be made, and as doubles, no safe integer where inexact. */
function int64s({ vector, count }: VectorRows): { safe: (row: number) => number; exact: BigInt64Array } {
  const { buffer, byteOffset } = vectorBytes(vector, count * 8);
  const halves = new Int32Array(buffer, byteOffset, count * 2);
  const safe = (row: number) => halves[2 * row + 1]! * 2 ** 32 + (halves[2 * row]! >>> 0);
  return { safe, exact: new BigInt64Array(buffer, byteOffset, count) };
}

function each(rows: VectorRows, absent: Json, value: (row: number) => Json): Json[] {
  const values = new Array<Json>(rows.count);
  for (let row = 0; row < rows.count; row++) values[row] = isValid(rows, row) ? value(row) : absent;
  return values;
}
