import {
  type DuckDBDecimalType,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  DuckDBVector,
} from '@duckdb/node-api';
import { microsOf } from '../../engine/instants.ts';
import { isValid, type VectorRows, vectorBytes } from '../../engine/vectors.ts';
import type { Carried } from './types.ts';

/** How values of one width get from a vector into an Arrow buffer. Slots of nulls are left as they come. */
export interface Fill {
  /** Bytes of one value in the buffer. */
  readonly width: number;
  /** Puts the rows' values into the buffer, the first at value number `at`. */
  copy(rows: VectorRows, buffer: ArrayBuffer, at: number): void;
}

/** The fill for a column whose Arrow type has values of one width; undefined for text, lists and bool. */
export function fillFor({ type, physical }: Carried): Fill | undefined {
  switch (type) {
    case 'int':
      return from(physical, Int32Array, SMALL_INTEGERS, (value) =>
        inRange(Number(value), -(2 ** 31), 2 ** 31 - 1),
      );
    case 'long':
      return from(physical, BigInt64Array, LONGS, (value) => int64(BigInt(value as bigint | number)));
    case 'real':
      return from(physical, Float64Array, REALS, real);
    case 'datetime':
      return instants(physical);
    case 'timespan':
      return from(physical, BigInt64Array, TIMES, duration);
    case 'decimal':
      return physical.typeId === DuckDBTypeId.DECIMAL ? decimal(physical as DuckDBDecimalType) : undefined;
    default:
      return undefined;
  }
}

type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Float32Array
  | Float64Array;
type Values = NumberArray | BigInt64Array;
type ValuesOf<T extends Values> = new (buffer: ArrayBuffer, byteOffset: number, length: number) => T;
type Sources = Partial<Record<DuckDBTypeId, ValuesOf<Values>>>;

const SMALL_INTEGERS: Sources = {
  [DuckDBTypeId.TINYINT]: Int8Array,
  [DuckDBTypeId.SMALLINT]: Int16Array,
  [DuckDBTypeId.INTEGER]: Int32Array,
  [DuckDBTypeId.UTINYINT]: Uint8Array,
  [DuckDBTypeId.USMALLINT]: Uint16Array,
};
const LONGS: Sources = { [DuckDBTypeId.BIGINT]: BigInt64Array };
const REALS: Sources = {
  ...SMALL_INTEGERS,
  [DuckDBTypeId.FLOAT]: Float32Array,
  [DuckDBTypeId.DOUBLE]: Float64Array,
};
const MICROSECONDS: Sources = {
  [DuckDBTypeId.TIMESTAMP]: BigInt64Array,
  [DuckDBTypeId.TIMESTAMP_TZ]: BigInt64Array,
};
const TIMES: Sources = { [DuckDBTypeId.TIME]: BigInt64Array };

/** Copies vectors of the types in `copied` as they are, and converts the values of any other one by one. */
function from<T extends Int32Array | Float64Array | BigInt64Array>(
  physical: DuckDBType,
  target: ValuesOf<T> & { readonly BYTES_PER_ELEMENT: number },
  copied: Sources,
  convert: (value: DuckDBValue) => T[number],
): Fill {
  const source = copied[physical.typeId];
  const width = target.BYTES_PER_ELEMENT;
  return {
    width,
    copy(rows, buffer, at) {
      const values = new target(buffer, at * width, rows.count);
      if (source !== undefined) {
        (values as Int32Array).set(native(rows, source) as Int32Array);
      } else {
        eachValue(rows, physical, (row, value) => {
          values[row] = convert(value);
        });
      }
    },
  };
}

/** Times that are copied as they are may be infinite, which the engine keeps as the first and the last of its numbers. */
function instants(physical: DuckDBType): Fill {
  const fill = from(physical, BigInt64Array, MICROSECONDS, micros);
  if (MICROSECONDS[physical.typeId] === undefined) return fill;
  return {
    width: fill.width,
    copy(rows, buffer, at) {
      fill.copy(rows, buffer, at);
      const halves = new Int32Array(buffer, at * fill.width, rows.count * 2);
      for (let row = 0; row < rows.count; row++) {
        const high = halves[2 * row + 1];
        const low = halves[2 * row];
        const infinite = (high === 0x7fffffff && low === -1) || (high === -0x80000000 && low === 1);
        if (infinite && isValid(rows, row)) throw notFinite();
      }
    },
  };
}

function notFinite(): RangeError {
  return new RangeError('it holds an infinite time, and Arrow has none');
}

function native<T extends Values>(rows: VectorRows, source: ValuesOf<T>): T {
  const size = (source as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  const bytes = vectorBytes(rows.vector, (rows.from + rows.count) * size);
  return new source(bytes.buffer as ArrayBuffer, bytes.byteOffset + rows.from * size, rows.count);
}

/** Calls back with the values of the rows that have one, whatever their type. */
export function eachValue(
  rows: VectorRows,
  physical: DuckDBType,
  use: (row: number, value: DuckDBValue) => void,
): void {
  const vector = DuckDBVector.create(rows.vector, rows.from + rows.count, physical);
  for (let row = 0; row < rows.count; row++) {
    if (isValid(rows, row)) use(row, vector.getItem(rows.from + row) as DuckDBValue);
  }
}

function real(value: DuckDBValue): number {
  return value instanceof DuckDBDecimalValue ? value.toDouble() : Number(value);
}

function micros(value: DuckDBValue): bigint {
  const instant = microsOf(value);
  if (instant === null) throw notFinite();
  return int64(instant);
}

const MICROS_PER_DAY = 86_400_000_000n;

/** Microseconds of an INTERVAL, a month being 30 days; nanoseconds of ticks of 100 ns. */
function duration(value: DuckDBValue): bigint {
  if (!(value instanceof DuckDBIntervalValue)) return int64(BigInt(value as bigint | number) * 100n);
  const days = BigInt(value.months) * 30n + BigInt(value.days);
  return int64(days * MICROS_PER_DAY + value.micros);
}

/** DuckDB keeps a decimal in 16, 32, 64 or 128 bits by its width; Arrow's Decimal128 is the last of these. */
function decimal({ width }: DuckDBDecimalType): Fill {
  const bytes = width > 18 ? 16 : width > 9 ? 8 : width > 4 ? 4 : 2;
  return {
    width: 16,
    copy(rows, buffer, at) {
      const source = vectorBytes(rows.vector, (rows.from + rows.count) * bytes).subarray(rows.from * bytes);
      const target = new Uint8Array(buffer, at * 16, rows.count * 16);
      if (bytes === 16) target.set(source);
      for (let row = 0; bytes < 16 && row < rows.count; row++) {
        const end = (row + 1) * bytes;
        target.set(source.subarray(end - bytes, end), row * 16);
        if (source[end - 1]! > 0x7f) target.fill(0xff, row * 16 + bytes, row * 16 + 16);
      }
    },
  };
}

function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(`${value} does not fit Arrow's 64 bits`);
  return value;
}

function inRange(value: number, low: number, high: number): number {
  if (!(value >= low && value <= high)) throw new RangeError(`${value} does not fit an int`);
  return value;
}
