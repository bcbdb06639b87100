import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBStructType,
  type DuckDBType,
  FLOAT,
  INTEGER,
  INTERVAL,
  LIST,
  MAP,
  SMALLINT,
  TIME,
  TIMESTAMP,
  TIMESTAMP_MS,
  TIMESTAMP_NS,
  TIMESTAMP_S,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import {
  type DataType,
  type Date_,
  DateUnit,
  type Decimal,
  type Dictionary,
  type Field,
  type Float,
  type Int,
  type Map_,
  Precision,
  type Schema,
  type Timestamp,
  TimeUnit,
  Type,
} from 'apache-arrow';
import { distinctNames } from './ddl.ts';
import { ArrowProblem, damaged } from './problem.ts';

/** The DuckDB types of a table's columns, whose names are found to be different. */
export function engineTypes({ fields }: Schema): DuckDBType[] {
  distinctNames(fields, 'it');
  return fields.map(({ name, type }) => duckdbType(type, name));
}

/**
 * The DuckDB type that holds an Arrow column without loss, save what DuckDB has no room for: nanoseconds of
 * zoned timestamps, times and durations are cut to microseconds (towards the past).
 *
 * A timestamp without zone keeps its unit; one with any zone is TIMESTAMPTZ, since Arrow holds both in UTC.
 * Date64 is milliseconds and often has a time of day, so it is TIMESTAMP_MS. A column of nulls lies in a VARCHAR.
 * Dictionaries are decoded. https://arrow.apache.org/docs/format/Columnar.html#data-types
 * @throws ArrowProblem naming the column, for what DuckDB has no type for
 */
export function duckdbType(type: DataType, name: string): DuckDBType {
  switch (type.typeId) {
    case Type.Null:
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return VARCHAR;
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
    case Type.FixedSizeBinary:
      return BLOB;
    case Type.Bool:
      return BOOLEAN;
    case Type.Int:
      return integer(type as Int);
    case Type.Float:
      return (type as Float).precision === Precision.DOUBLE ? DOUBLE : FLOAT;
    case Type.Decimal:
      return decimal(name, type as Decimal);
    case Type.Date:
      return (type as Date_).unit === DateUnit.DAY ? DATE : TIMESTAMP_MS;
    case Type.Time:
      return TIME;
    case Type.Timestamp:
      return timestamp(type as Timestamp);
    case Type.Duration:
    case Type.Interval:
      return INTERVAL;
    case Type.Dictionary:
      return dictionary(name, type as Dictionary);
    default:
      return nested(name, type);
  }
}

/** Of each of a schema's fields, whether it is of type Null: a column without a value, of no type. */
export function nullFields({ fields }: Schema): boolean[] {
  return fields.map(({ typeId }) => typeId === Type.Null);
}

const SIGNED: Readonly<Record<number, DuckDBType>> = { 8: TINYINT, 16: SMALLINT, 32: INTEGER, 64: BIGINT };
const UNSIGNED: Readonly<Record<number, DuckDBType>> = {
  8: UTINYINT,
  16: USMALLINT,
  32: UINTEGER,
  64: UBIGINT,
};

function integer({ bitWidth, isSigned }: Int): DuckDBType {
  return (isSigned ? SIGNED : UNSIGNED)[bitWidth]!;
}

function decimal(name: string, { precision, scale }: Decimal): DuckDBType {
  if (precision > 38 || precision < 1 || scale < 0 || scale > precision) {
    throw new ArrowProblem(
      `column ${name} is a decimal of ${precision} digits, ${scale} of them behind the point`,
      'the engine holds 38 digits at most: cast it to a smaller decimal, a double or text before writing',
    );
  }
  return DECIMAL(precision, scale);
}

const NAIVE: Readonly<Record<TimeUnit, DuckDBType>> = {
  [TimeUnit.SECOND]: TIMESTAMP_S,
  [TimeUnit.MILLISECOND]: TIMESTAMP_MS,
  [TimeUnit.MICROSECOND]: TIMESTAMP,
  [TimeUnit.NANOSECOND]: TIMESTAMP_NS,
};

function timestamp({ unit, timezone }: Timestamp): DuckDBType {
  return timezone ? TIMESTAMPTZ : NAIVE[unit];
}

const DICTIONARY_VALUES: readonly DataType['typeId'][] = [
  Type.Utf8,
  Type.LargeUtf8,
  Type.Utf8View,
  Type.Binary,
  Type.LargeBinary,
  Type.BinaryView,
  Type.FixedSizeBinary,
  Type.Int,
  Type.Float,
  Type.Decimal,
  Type.Date,
  Type.Time,
  Type.Timestamp,
  Type.Duration,
  Type.Interval,
];

function dictionary(name: string, { dictionary: values }: Dictionary): DuckDBType {
  if (!DICTIONARY_VALUES.includes(values.typeId)) {
    throw new ArrowProblem(`column ${name} is a dictionary of ${values}`, 'decode it before writing');
  }
  return duckdbType(values, name);
}

function nested(name: string, type: DataType): DuckDBType {
  const children = (type.children ?? []) as Field[];
  const child = (index: number) => {
    const field = children[index];
    if (field === undefined) throw damaged(`column ${name} lacks the type of its elements`);
    return duckdbType(field.type, `${name}.${field.name}`);
  };
  switch (type.typeId) {
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList:
      return LIST(child(0));
    case Type.Struct: {
      const names = distinctNames(children, `column ${name}`);
      return new DuckDBStructType(
        names,
        names.map((_, index) => child(index)),
      );
    }
    case Type.Map: {
      const [key, value] = ((type as Map_).children[0]?.type.children ?? []) as Field[];
      if (key === undefined || value === undefined)
        throw damaged(`column ${name} lacks the types of its map`);
      return MAP(duckdbType(key.type, `${name}.key`), duckdbType(value.type, `${name}.value`));
    }
    default:
      throw new ArrowProblem(
        `column ${name} is of type ${type}, which cannot be read`,
        'cast it before writing',
      );
  }
}
