/** What tables draw with, besides letters and digits. */
export interface Symbols {
  readonly ellipsis: string;
  readonly rule: string;
  readonly bar: string;
  readonly dot: string;
  readonly arrow: string;
  readonly times: string;
  /** The steps of a sparkline, lowest first; `none` is a bin without activity. */
  readonly steps: readonly string[];
  readonly none: string;
}

const UNICODE: Symbols = {
  ellipsis: '…',
  rule: '─',
  bar: '▌',
  dot: '·',
  arrow: '→',
  times: '×',
  steps: ['▁', '▂', '▃', '▅', '▇'],
  none: '·',
};

const ASCII: Symbols = {
  ellipsis: '...',
  rule: '-',
  bar: '|',
  dot: '-',
  arrow: '->',
  times: 'x',
  steps: ['.', ':', '+', '*', '#'],
  none: '_',
};

/** The symbols for a terminal that draws Unicode, or for one that does not. */
export function symbols(unicode: boolean): Symbols {
  return unicode ? UNICODE : ASCII;
}
