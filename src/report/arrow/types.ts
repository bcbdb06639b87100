import { type DuckDBDecimalType, type DuckDBListType, type DuckDBType, DuckDBTypeId } from '@duckdb/node-api';
import {
  Bool,
  type DataType,
  Decimal,
  DurationMicrosecond,
  DurationNanosecond,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  Schema,
  TimestampMicrosecond,
  Utf8,
} from 'apache-arrow';
import type { ResultColumn } from '../../engine/result.ts';
import { kqlType } from '../../engine/values.ts';
import type { KqlType } from '../../schema/kql-types.ts';

/** A KQL type, and the DuckDB type that carries it. */
export type Carried = Pick<ResultColumn, 'type' | 'physical'>;

/** The Arrow schema of a result; every column is nullable by type, though a string is never null. */
export function arrowSchema(columns: readonly ResultColumn[]): Schema {
  return new Schema(columns.map((column) => new Field(column.name, arrowType(column), true)));
}

/**
 * The Arrow type of a result column.
 *
 * A datetime is microseconds in UTC, as the engine holds it; one that is infinite is refused, naming the column. A timespan is microseconds where the engine has
 * an INTERVAL or TIME, and nanoseconds where it has KQL's ticks of 100 ns, which microseconds would cut.
 * A decimal keeps the engine's precision and scale; integers beyond a long have none and are text. A dynamic
 * is a list where it is a LIST of plain values, else JSON text.
 */
export function arrowType({ type, physical }: Carried): DataType {
  switch (type) {
    case 'bool':
      return new Bool();
    case 'int':
      return new Int32();
    case 'long':
      return new Int64();
    case 'real':
      return new Float64();
    case 'datetime':
      return new TimestampMicrosecond('UTC');
    case 'timespan':
      return isTicks(physical) ? new DurationNanosecond() : new DurationMicrosecond();
    case 'decimal': {
      if (physical.typeId !== DuckDBTypeId.DECIMAL) return new Utf8();
      const { width, scale } = physical as DuckDBDecimalType;
      return new Decimal(scale, width, 128);
    }
    case 'dynamic': {
      const element = plainElement(physical);
      return element === undefined ? new Utf8() : new List(new Field('item', arrowType(element), true));
    }
    case 'guid':
    case 'string':
      return new Utf8();
    default:
      return type satisfies never;
  }
}

/** What a dynamic's list holds, if it is a LIST of values that are not themselves dynamic. */
export function plainElement(physical: DuckDBType): Carried | undefined {
  if (physical.typeId !== DuckDBTypeId.LIST) return undefined;
  const element = (physical as DuckDBListType).valueType;
  const type: KqlType = kqlType(element);
  return type === 'dynamic' ? undefined : { type, physical: element };
}

function isTicks({ typeId }: DuckDBType): boolean {
  return typeId !== DuckDBTypeId.INTERVAL && typeId !== DuckDBTypeId.TIME;
}
