import type { ResultStream } from '../engine/result.ts';
import type { Json } from '../engine/values.ts';
import { visible } from '../visible.ts';
import { plainText, renderLines } from './table/cells.ts';
import { isNumeric } from './table/numeric.ts';

/**
 * A result as a GitHub-flavoured Markdown table, numbers to the right. https://github.github.com/gfm/#tables-extension-
 *
 * Data stays data when rendered: line breaks and control characters are written out, and whatever Markdown
 * would act on (pipes, HTML, links and images that call home, emphasis, code) is escaped.
 */
export async function* markdownText(result: ResultStream): AsyncGenerator<string> {
  const { columns } = result;
  if (columns.length > 0) {
    yield tableRow(columns.map(({ name }) => literal(name)));
    yield tableRow(columns.map(({ type }) => (isNumeric(type) ? '---:' : '---')));
  }
  const cell = (value: Json, column: (typeof columns)[number]) =>
    value === null ? 'null' : literal(plainText(value, column));
  yield* renderLines(result, cell, (cells) => (cells.length === 0 ? '' : tableRow(cells)));
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** Characters that can begin inline markup: `_` unless inside a word, `&` only before what reads as an entity. */
const MARKUP = /[|`*~$<[]|&(?=#?\w+;)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** A backslash means itself unless punctuation follows: paths stay readable, escapes cannot be forged. */
const ESCAPING_BACKSLASH = /\\(?=[!-/:-@[-`{-~]|$)/g;

function literal(text: string): string {
  return visible(text).replace(ESCAPING_BACKSLASH, '\\\\').replace(MARKUP, '\\$&');
}
