import type { ReportOptions } from './options.ts';
import { type Paint, paint, type Style } from './paint.ts';
import { type Symbols, symbols } from './symbols.ts';
import { cut, textWidth } from './table/text-width.ts';

/** A stretch of a line, plain or styled. */
export type Stretch = string | readonly [text: string, style: Style];

/** Draws lines for one terminal: its width, its symbols, its styles. */
export interface Pen {
  /** Cells in a line; infinite where nothing is to be cut. */
  readonly columns: number;
  readonly symbols: Symbols;
  readonly style: Paint;
  /** A line of these stretches, ended, cut to the terminal's width before it is styled. */
  line(...stretches: readonly Stretch[]): string;
}

/** The pen for `options`. */
export function penFor(options: ReportOptions): Pen {
  // Some pseudo-terminals say they are 0 columns wide.
  const columns = options.columns || Number.POSITIVE_INFINITY;
  const drawn = symbols(options.unicode !== false);
  const line = (...stretches: readonly Stretch[]) => {
    let room = columns;
    const parts = stretches.map((stretch) => {
      const [text, style] = typeof stretch === 'string' ? [stretch, undefined] : stretch;
      const fitted = cut(text, room, drawn.ellipsis);
      room = fitted === text ? room - textWidth(text) : 0;
      return style && fitted !== '' ? style(fitted) : fitted;
    });
    return `${parts.join('').trimEnd()}\n`;
  };
  return { columns, symbols: drawn, style: paint(options.color === true), line };
}
