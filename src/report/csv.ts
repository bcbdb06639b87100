import type { ResultStream } from '../engine/result.ts';
import { visible } from '../visible.ts';
import type { TextOptions } from './options.ts';
import { plainText, renderLines } from './table/cells.ts';

/**
 * A result as CSV with a header. https://www.rfc-editor.org/rfc/rfc4180
 *
 * Values as {@link toJson} gives them, dynamic as JSON text, null as an empty field. A text that starts with
 * `=`, `+`, `-` or `@` is left as it is: the file must say what the telemetry said, and a prefix would be
 * data that is not there. Open such a file in a spreadsheet as text. On a terminal, control characters are
 * written out, as `ls` does with file names; in a pipe or a file nothing is altered.
 */
export async function* csvText(result: ResultStream, options: TextOptions = {}): AsyncGenerator<string> {
  const safe = options.terminal ? visible : (text: string) => text;
  const field = (text: string) => quoteField(safe(text));
  const record =
    result.columns.length === 1 ? loneField : (cells: readonly string[]) => `${cells.join(',')}\r\n`;
  yield record(result.columns.map(({ name }) => field(name)));
  yield* renderLines(result, (value, column) => field(plainText(value, column)), record);
}

function quoteField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A record of one empty field would be an empty line, which readers skip; in quotes it is a record. */
function loneField([cell]: readonly string[]): string {
  return `${cell === '' ? '""' : cell}\r\n`;
}
