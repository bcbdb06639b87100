import type { Pen } from '../pen.ts';
import { cut, padEnd, textWidth } from './text-width.ts';

const RULE = 40;

/** A row as a record, for a table too wide for its terminal: a numbered rule, then a line a column. */
export function recordLines(
  names: readonly string[],
  cells: readonly string[],
  number: number,
  pen: Pen,
): string {
  const { rule, ellipsis } = pen.symbols;
  const label = Math.min(Math.max(...names.map(textWidth)), Math.floor(pen.columns / 2));
  const heading = `${rule.repeat(2)} row ${number} `;
  const filled = heading + rule.repeat(Math.max(0, Math.min(RULE, pen.columns) - heading.length));
  const lines = cells.map((text, index) => {
    const name = padEnd(cut(names[index]!, label, ellipsis), label);
    return pen.line([`${name}  `, pen.style.dim], text);
  });
  return pen.line([filled, pen.style.dim]) + lines.join('');
}
