import {
  type Data,
  type DataType,
  type Decimal,
  type Dictionary,
  type Duration,
  type Float,
  type Interval,
  IntervalUnit,
  Precision,
  type Timestamp,
  TimeUnit,
  Type,
  util,
} from 'apache-arrow';
import { ArrowProblem, damaged } from './problem.ts';

type Values = Exclude<Data['values'], undefined>;

/**
 * The values of some rows of an array of fixed width, or of a dictionary of such, in the layout of the DuckDB
 * type that holds them; for most types that is Arrow's own. https://duckdb.org/docs/stable/clients/c/vector
 */
export function valuesOf(data: Data, from: number, count: number): ArrayBufferView {
  const isDictionary = data.typeId === Type.Dictionary;
  const type: DataType = isDictionary ? (data.type as Dictionary).dictionary : data.type;
  const values = isDictionary
    ? taken(data, from, count)
    : data.values.subarray(from * data.stride, (from + count) * data.stride);
  const micros = (row: number, unit: TimeUnit, cut = past) =>
    data.getValid(from + row) ? toMicros(BigInt(values[row]!), unit, cut) : 0n;
  switch (type.typeId) {
    case Type.Float:
      if ((type as Float).precision !== Precision.HALF) return values;
      return Float32Array.from(values as Uint16Array, util.uint16ToFloat64);
    case Type.Decimal:
      return narrowed(values, type as Decimal);
    case Type.Time:
    case Type.Timestamp: {
      const { unit, timezone } = type as Timestamp;
      const asIs = unit === TimeUnit.MICROSECOND || (type.typeId === Type.Timestamp && !timezone);
      return asIs ? values : bigints(count, (row) => micros(row, unit));
    }
    case Type.Duration:
      return intervals(count, (row) => [0, 0, micros(row, (type as Duration).unit, zero)]);
    case Type.Interval:
      return calendarIntervals(values, count, (type as Interval).unit);
    default:
      return values;
  }
}

/** The entries of a dictionary of values of fixed width, one a row; zeros where the row is null. */
function taken(data: Data, from: number, count: number): Values {
  const chunks = data.dictionary!.data;
  const { stride, ArrayType } = chunks[0]!;
  const all: Values = new ArrayType(data.dictionary!.length * stride);
  let end = 0;
  for (const { values, length } of chunks) {
    all.set(values.subarray(0, length * stride), end * stride);
    end += length;
  }
  const rows: Values = new ArrayType(count * stride);
  for (let row = 0; row < count; row++) {
    if (!data.getValid(from + row)) continue;
    const entry = Number(data.values[from + row]) * stride;
    for (let i = 0; i < stride; i++) rows[row * stride + i] = all[entry + i];
  }
  return rows;
}

/** DuckDB keeps a decimal in 2, 4, 8 or 16 bytes by its precision, Arrow in 4, 8, 16 or 32. */
function narrowed(values: Uint32Array, { precision, bitWidth }: Decimal): ArrayBufferView {
  const stride = bitWidth / 32;
  const words = precision > 18 ? 4 : precision > 9 ? 2 : 1;
  if (words > stride) throw damaged(`${bitWidth} bits do not hold a decimal of ${precision} digits`);
  const kept = new Uint32Array((values.length / stride) * words);
  for (let at = 0; at < kept.length; at++) kept[at] = values[Math.floor(at / words) * stride + (at % words)]!;
  return precision > 4 ? kept : Int16Array.from(kept);
}

/** An instant's whole microseconds lie before it; a duration's are as many as it has. */
const past = (nanos: bigint) => (nanos - (((nanos % 1_000n) + 1_000n) % 1_000n)) / 1_000n;
const zero = (nanos: bigint) => nanos / 1_000n;

function toMicros(value: bigint, unit: TimeUnit, cut: (nanos: bigint) => bigint): bigint {
  if (unit === TimeUnit.MICROSECOND) return value;
  if (unit === TimeUnit.NANOSECOND) return cut(value);
  const micros = value * (unit === TimeUnit.SECOND ? 1_000_000n : 1_000n);
  if (BigInt.asIntN(64, micros) !== micros)
    throw new ArrowProblem(
      `it holds a time of ${value} ${TimeUnit[unit].toLowerCase()}s, which the engine has no room for`,
    );
  return micros;
}

function bigints(count: number, value: (row: number) => bigint): BigInt64Array {
  const array = new BigInt64Array(count);
  for (let row = 0; row < count; row++) array[row] = value(row);
  return array;
}

type Parts = readonly [months: number, days: number, micros: bigint];

/** DuckDB's INTERVAL: months (4 bytes), days (4), microseconds (8). */
function intervals(count: number, parts: (row: number) => Parts): ArrayBufferView {
  const view = new DataView(new ArrayBuffer(count * 16));
  for (let row = 0; row < count; row++) {
    const [months, days, micros] = parts(row);
    view.setInt32(row * 16, months, true);
    view.setInt32(row * 16 + 4, days, true);
    view.setBigInt64(row * 16 + 8, micros, true);
  }
  return view;
}

/** Arrow's intervals: months; days and milliseconds; or months, days and nanoseconds (8 bytes). */
function calendarIntervals(words: Int32Array, count: number, unit: IntervalUnit): ArrayBufferView {
  return intervals(count, (row) => {
    switch (unit) {
      case IntervalUnit.YEAR_MONTH:
        return [words[row]!, 0, 0n];
      case IntervalUnit.DAY_TIME:
        return [0, words[row * 2]!, BigInt(words[row * 2 + 1]!) * 1_000n];
      default: {
        const nanos = (BigInt(words[row * 4 + 3]!) << 32n) | BigInt(words[row * 4 + 2]! >>> 0);
        return [words[row * 4]!, words[row * 4 + 1]!, zero(nanos)];
      }
    }
  });
}
