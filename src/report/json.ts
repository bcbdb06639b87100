import { jsonTextOf } from '../engine/json-text.ts';
import type { ResultStream } from '../engine/result.ts';
import type { Json } from '../engine/values.ts';
import { visibleJson } from '../visible.ts';
import { renderLines } from './table/cells.ts';

/** A result as one JSON array of objects, a row a line; `[]` when empty. Values as {@link toJson} gives them. */
export async function* jsonText(result: ResultStream): AsyncGenerator<string> {
  const object = objectOf(result);
  let empty = true;
  for await (const piece of renderLines(
    result,
    jsonValue,
    (cells, row) => `${row === 0 ? '[\n' : ',\n'}${object(cells)}`,
  )) {
    empty = false;
    yield piece;
  }
  yield empty ? '[]\n' : '\n]\n';
}

/** A result as JSON lines: an object a row, a row a line. https://jsonlines.org */
export async function* jsonlText(result: ResultStream): AsyncGenerator<string> {
  const object = objectOf(result);
  yield* renderLines(result, jsonValue, (cells) => `${object(cells)}\n`);
}

/** Invisible and control characters are escaped, also where JSON would let them stand: this may meet a terminal. */
function jsonValue(value: Json): string {
  return visibleJson(jsonTextOf(value));
}

/**
 * A row's JSON values as a JSON object. Put together as text, since an object would reorder columns
 * named like numbers and lose one named `__proto__`.
 */
function objectOf({ columns }: ResultStream): (cells: readonly string[]) => string {
  const keys = columns.map(({ name }) => `${jsonValue(name)}:`);
  return (cells) => `{${keys.map((key, index) => key + cells[index]!).join(',')}}`;
}
