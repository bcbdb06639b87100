import { type Data, type List, makeData } from 'apache-arrow';
import { isValid, listElements, type VectorRows, vectorBytes, vectorRows } from '../../engine/vectors.ts';
import { Offsets, Validity } from './buffers.ts';
import type { ColumnBuilder } from './columns.ts';

/** A list a row; the elements of all rows are one array. */
export class ListColumn implements ColumnBuilder {
  readonly #type: List;
  readonly #elements: ColumnBuilder;
  readonly #validity = new Validity();
  readonly #offsets = new Offsets();

  constructor(type: List, elements: ColumnBuilder) {
    this.#type = type;
    this.#elements = elements;
  }

  get byteLength(): number {
    return this.#elements.byteLength;
  }

  append(rows: VectorRows): void {
    const { elements } = listElements(rows.vector);
    // Each row is where its elements start and how many they are, both in 64 bits; the low halves are enough.
    const entries = new Uint32Array(vectorBytes(rows.vector, (rows.from + rows.count) * 16).slice().buffer);
    for (let row = 0; row < rows.count; row++) {
      const entry = (rows.from + row) * 4;
      const count = isValid(rows, row) ? entries[entry + 2]! : 0;
      if (count > 0) this.#elements.append(vectorRows(elements, entries[entry]!, count));
      this.#offsets.add(count);
    }
    this.#validity.append(rows);
  }

  finish(): Data {
    const child = this.#elements.finish();
    return makeData({ type: this.#type, ...this.#offsets.finish(), child, ...this.#validity.finish() });
  }
}
