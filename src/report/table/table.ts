import { counted } from '../../counted.ts';
import type { ResultColumn, ResultStream } from '../../engine/result.ts';
import type { Json } from '../../engine/values.ts';
import { visible } from '../../visible.ts';
import type { ReportOptions } from '../options.ts';
import { type Pen, penFor } from '../pen.ts';
import { type ChunkOfCells, plainText, renderCells } from './cells.ts';
import { isNumeric } from './numeric.ts';
import { columnWidths } from './table-layout.ts';
import { cut, padEnd, padStart, textWidth } from './text-width.ts';
import { recordLines } from './vertical.ts';

/** Column widths are measured on the first rows, so that a result of any length streams. */
const MEASURED_ROWS = 1_000;

/**
 * Any result as a table for eyes: columns aligned, numbers to the right, a null as `null`, fitted to
 * `options.columns` with what is too wide cut, and the number of rows at the end. Columns that cannot be
 * made to fit become one record a row, one line a column. Nothing in the data reaches the terminal as a
 * control character.
 */
export async function* tableText(result: ResultStream, options: ReportOptions = {}): AsyncGenerator<string> {
  const pen = penFor(options);
  let rows = 0;
  let layout: Layout | undefined;
  for await (const chunks of measuredFirst(renderCells(result, cellText))) {
    if (!layout) {
      layout = layoutOf(result.columns, chunks, pen);
      yield layout.head;
    }
    for (const chunk of chunks) {
      rows += chunk.rowCount;
      yield layout.rows(chunk);
    }
  }
  yield pen.line([rowsSaid(rows, result.columns.length), pen.style.dim]);
}

/** The chunks to measure, together (none, of an empty result), then the others one by one. */
async function* measuredFirst(chunks: AsyncIterable<ChunkOfCells>): AsyncGenerator<readonly ChunkOfCells[]> {
  let waiting: ChunkOfCells[] | undefined = [];
  let rows = 0;
  for await (const chunk of chunks) {
    rows += chunk.rowCount;
    if (!waiting) yield [chunk];
    else if (waiting.push(chunk) && rows >= MEASURED_ROWS) {
      yield waiting;
      waiting = undefined;
    }
  }
  if (waiting) yield waiting;
}

/** A cell: control characters written out, and a null told from an empty text. */
function cellText(value: Json, column: ResultColumn): string {
  return value === null ? 'null' : visible(plainText(value, column));
}

interface Layout {
  readonly head: string;
  rows(chunk: ChunkOfCells): string;
}

type Row = (cells: readonly string[], number: number) => string;

function layoutWith(head: string, row: Row): Layout {
  let number = 0;
  const rows = ({ rowCount, cells }: ChunkOfCells) =>
    Array.from({ length: rowCount }, (_, index) =>
      row(
        cells.map((column) => column[index]!),
        ++number,
      ),
    ).join('');
  return { head, rows };
}

function layoutOf(columns: readonly ResultColumn[], first: readonly ChunkOfCells[], pen: Pen): Layout {
  const names = columns.map(({ name }) => visible(name));
  const contents = columns.map((_, index) => widest(first, index));
  const widths = columnWidths(columns, names.map(textWidth), contents, pen.columns);
  if (!widths) return layoutWith('', (cells, number) => recordLines(names, cells, number, pen));
  if (columns.length === 0) return layoutWith('', () => '');
  const fitted = (text: string, index: number) => {
    const width = widths[index]!;
    const shown = Number.isFinite(pen.columns) ? cut(text, width, pen.symbols.ellipsis) : text;
    return isNumeric(columns[index]!.type) ? padStart(shown, width) : padEnd(shown, width);
  };
  const joined = (cells: readonly string[]) => cells.map(fitted).join('  ').trimEnd();
  const rules = widths.map((width) => pen.symbols.rule.repeat(width)).join('  ');
  const head = pen.line([joined(names), pen.style.bold]) + pen.line([rules, pen.style.dim]);
  return layoutWith(head, (cells) => `${joined(cells)}\n`);
}

function widest(chunks: readonly ChunkOfCells[], column: number): number {
  let cells = 0;
  for (const chunk of chunks) {
    for (const text of chunk.cells[column]!) cells = Math.max(cells, textWidth(text));
  }
  return cells;
}

function rowsSaid(rows: number, columns: number): string {
  const said = rows === 0 ? 'no rows' : counted(rows, 'row');
  return columns === 0 ? `(${said}, no columns)` : `(${said})`;
}
