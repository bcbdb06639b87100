import { columnToJson } from '../../engine/column-json.ts';
import { jsonTextOf } from '../../engine/json-text.ts';
import type { ResultColumn, ResultStream } from '../../engine/result.ts';
import type { Json } from '../../engine/values.ts';

/** A chunk's values as text: `cells[column][row]`. */
export interface ChunkOfCells {
  readonly rowCount: number;
  readonly cells: readonly (readonly string[])[];
}

/** A result's values as text, chunk by chunk and column by column, each by `render`. */
export async function* renderCells(
  result: ResultStream,
  render: (value: Json, column: ResultColumn) => string,
): AsyncGenerator<ChunkOfCells> {
  for await (const chunk of result.chunks()) {
    const cells = result.columns.map((column, index) =>
      columnToJson(chunk, index, column.type).map((value) => render(value, column)),
    );
    yield { rowCount: chunk.rowCount, cells };
  }
}

/** Pieces of about this many characters keep memory flat where rows are long. */
const PIECE = 65_536;

/** A result as text, one line or record a row, in pieces: `line` gets a row's cells. */
export async function* renderLines(
  result: ResultStream,
  render: (value: Json, column: ResultColumn) => string,
  line: (cells: readonly string[], row: number) => string,
): AsyncGenerator<string> {
  let rows = 0;
  for await (const { rowCount, cells } of renderCells(result, render)) {
    let piece = '';
    for (let row = 0; row < rowCount; row++) {
      piece += line(
        cells.map((column) => column[row]!),
        rows++,
      );
      if (piece.length < PIECE) continue;
      yield piece;
      piece = '';
    }
    if (piece !== '') yield piece;
  }
}

/** A value as plain text: dynamic as JSON, null as nothing, everything else as JSON prints it, without quotes. */
export function plainText(value: Json, { type }: Pick<ResultColumn, 'type'>): string {
  if (value === null) return '';
  return type === 'dynamic' ? jsonTextOf(value) : String(value);
}
