/** How many cells of a terminal a text takes, and cutting and padding by that measure. Expects {@link visible} text. */

/** Characters two cells wide: East Asian Wide and Fullwidth. https://www.unicode.org/reports/tr11/ */
const WIDE = new RegExp(
  `[${[
    '\\u1100-\\u115f\\u2329\\u232a\\u2630-\\u2637\\u268a-\\u268f\\u2e80-\\u303e\\u3041-\\u33ff\\u3400-\\ua4cf',
    '\\ua960-\\ua97f\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6f\\uff01-\\uff60\\uffe0-\\uffe6',
    '\\u{16fe0}-\\u{18dff}\\u{1aff0}-\\u{1b2ff}\\u{1d300}-\\u{1d356}\\u{1d360}-\\u{1d376}',
    '\\u{1f200}-\\u{1f202}\\u{1f210}-\\u{1f23b}\\u{1f240}-\\u{1f248}\\u{1f260}-\\u{1f265}',
    '\\u{20000}-\\u{3fffd}\\p{Emoji_Presentation}',
  ].join('')}]`,
  'u',
);
const REGIONAL_INDICATOR = /\p{Regional_Indicator}/u;
/** Marks drawn over the character before them, and the vowels and finals of a Hangul syllable. */
const NO_WIDTH = /[\p{Mn}\p{Me}\u1160-\u11ff\ud7b0-\ud7ff]/u;
const PLAIN = /^[\x20-\x7e]*$/;

/** The cells that `text` takes. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += characterWidth(character);
  return cells;
}

/** `text` in at most `cells` cells; what is cut ends in `ellipsis`. */
export function cut(text: string, cells: number, ellipsis: string): string {
  if (text.length <= cells && PLAIN.test(text)) return text;
  if (textWidth(text) <= cells) return text;
  const room = cells - ellipsis.length;
  if (room < 0) return ellipsis.slice(0, Math.max(0, cells));
  let taken = 0;
  let kept = '';
  for (const character of text) {
    taken += characterWidth(character);
    if (taken > room) break;
    kept += character;
  }
  return kept + ellipsis;
}

/** `text` with spaces after it, to `cells` cells. */
export function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - textWidth(text)));
}

/** `text` with spaces before it, to `cells` cells. */
export function padStart(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - textWidth(text))) + text;
}

function characterWidth(character: string): number {
  if (PLAIN.test(character)) return 1;
  if (NO_WIDTH.test(character)) return 0;
  if (REGIONAL_INDICATOR.test(character)) return 1;
  return WIDE.test(character) ? 2 : 1;
}
