import { DuckDBTypeId } from '@duckdb/node-api';
import { type Data, makeData, Utf8 } from 'apache-arrow';
import { toJson } from '../../engine/values.ts';
import { readStrings } from '../../engine/vector-strings.ts';
import type { VectorRows } from '../../engine/vectors.ts';
import { type Bytes, grown, Offsets, trimmed, Validity } from './buffers.ts';
import type { ColumnBuilder } from './columns.ts';
import type { Carried } from './types.ts';
import { eachValue } from './values.ts';

/** Text: VARCHAR as it is, anything else as {@link toJson} prints it. */
export class TextColumn implements ColumnBuilder {
  readonly #column: Carried;
  readonly #validity: Validity | undefined;
  readonly #offsets = new Offsets();
  #bytes: Bytes = new Uint8Array(0);

  constructor(column: Carried, nullable: boolean) {
    this.#column = column;
    this.#validity = nullable ? new Validity() : undefined;
  }

  get byteLength(): number {
    return this.#offsets.end;
  }

  append(rows: VectorRows): void {
    const { type, physical } = this.#column;
    if (physical.typeId === DuckDBTypeId.VARCHAR) {
      const offsets = this.#offsets.room(rows.count);
      readStrings(rows, offsets, this.#offsets.length, (end) => {
        this.#bytes = grown(this.#bytes, end);
        return this.#bytes;
      });
      this.#offsets.length += rows.count;
    } else {
      const texts: string[] = new Array(rows.count).fill('');
      eachValue(rows, physical, (row, value) => {
        const json = toJson(value, type);
        texts[row] = type === 'dynamic' ? JSON.stringify(json) : String(json);
      });
      for (const text of texts) this.#add(Buffer.from(text));
    }
    this.#validity?.append(rows);
  }

  #add(text: Uint8Array): void {
    const start = this.#offsets.end;
    this.#bytes = grown(this.#bytes, start + text.length);
    this.#bytes.set(text, start);
    this.#offsets.add(text.length);
  }

  finish(): Data {
    const data = trimmed(this.#bytes, this.#offsets.end);
    const nulls = this.#validity?.finish() ?? { nullCount: 0 };
    const array = makeData({ type: new Utf8(), ...this.#offsets.finish(), data, ...nulls });
    this.#bytes = new Uint8Array(0);
    return array;
  }
}
