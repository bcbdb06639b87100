import { Bool, type Data, type DataType, type Int, type List, makeData } from 'apache-arrow';
import { isValid, type VectorRows, vectorBytes } from '../../engine/vectors.ts';
import { type Bytes, grown, trimmed, Validity } from './buffers.ts';
import { ListColumn } from './list-column.ts';
import { TextColumn } from './text-column.ts';
import { arrowType, type Carried, plainElement } from './types.ts';
import { type Fill, fillFor } from './values.ts';

/** A column of Arrow under construction. */
export interface ColumnBuilder {
  append(rows: VectorRows): void;
  /** How many bytes the values take so far, the elements of lists included. */
  readonly byteLength: number;
  /** The rows appended since the last call, as one Arrow array. */
  finish(): Data;
}

/** Builds Arrow arrays of {@link arrowType} from vectors of a result column. */
export function columnBuilder(column: Carried): ColumnBuilder {
  return builder(column, column.type !== 'string');
}

/** A string of a result is never null, but an element of a dynamic's list may be. */
function builder(column: Carried, nullable: boolean): ColumnBuilder {
  if (column.type === 'bool') return new BoolColumn();
  const type = arrowType(column);
  const fill = fillFor(column);
  if (fill !== undefined) return new FixedColumn(type, fill);
  const element = column.type === 'dynamic' ? plainElement(column.physical) : undefined;
  if (element !== undefined) return new ListColumn(type as List, builder(element, true));
  return new TextColumn(column, nullable);
}

/** Values of one width: numbers, datetimes, timespans, decimals. */
class FixedColumn implements ColumnBuilder {
  readonly #type: Int;
  readonly #fill: Fill;
  readonly #validity = new Validity();
  #values: Bytes = new Uint8Array(0);
  #length = 0;

  constructor(type: DataType, fill: Fill) {
    this.#type = type as Int; // or any other type of one width: apache-arrow builds them all alike
    this.#fill = fill;
  }

  get byteLength(): number {
    return this.#length * this.#fill.width;
  }

  append(rows: VectorRows): void {
    const { width } = this.#fill;
    const start = this.#length * width;
    this.#values = grown(this.#values, start + rows.count * width);
    this.#fill.copy(rows, this.#values.buffer, this.#length);
    for (let row = 0; rows.validity !== null && row < rows.count; row++) {
      // The slot of a null holds whatever memory held; that must not reach a file.
      if (!isValid(rows, row)) this.#values.fill(0, start + row * width, start + (row + 1) * width);
    }
    this.#validity.append(rows);
    this.#length += rows.count;
  }

  finish(): Data {
    const data = trimmed(this.#values, this.byteLength);
    const array = makeData({ type: this.#type, length: this.#length, data, ...this.#validity.finish() });
    this.#values = new Uint8Array(0);
    this.#length = 0;
    return array;
  }
}

/** One bit a row in Arrow, one byte in DuckDB. */
class BoolColumn implements ColumnBuilder {
  readonly #validity = new Validity();
  #bits: Bytes = new Uint8Array(0);
  #length = 0;

  get byteLength(): number {
    return this.#length >> 3;
  }

  append(rows: VectorRows): void {
    this.#bits = grown(this.#bits, (this.#length + rows.count + 7) >> 3);
    const bytes = vectorBytes(rows.vector, rows.from + rows.count);
    for (let row = 0; row < rows.count; row++) {
      const at = this.#length + row;
      if (bytes[rows.from + row] && isValid(rows, row)) this.#bits[at >> 3]! |= 1 << (at & 7);
    }
    this.#validity.append(rows);
    this.#length += rows.count;
  }

  finish(): Data {
    const data = trimmed(this.#bits, (this.#length + 7) >> 3);
    const array = makeData({ type: new Bool(), length: this.#length, data, ...this.#validity.finish() });
    this.#bits = new Uint8Array(0);
    this.#length = 0;
    return array;
  }
}
