/**
 * Turns what a command prints in colour (standard input) into an SVG of a terminal (standard output):
 *
 *   FORCE_COLOR=1 COLUMNS=96 merganser hunt --lake data/sample | node data/make-screenshot.ts > data/hunt.svg
 *
 * (Node 22.18 or later runs TypeScript as it is.)
 */
import { text } from 'node:stream/consumers';

const COLORS: Readonly<Record<string, string>> = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#e3b341',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#56d4dd',
  90: '#8b949e',
};
const [CELL, LINE, MARGIN] = [8.4, 19, 20];
const SHOWN_LINES = 30;

const ESCAPE = String.fromCharCode(27);
const STYLE = new RegExp(`${ESCAPE}\\[[\\d;]*m`, 'g');
const RUN = new RegExp(`${ESCAPE}\\[([\\d;]*)m|([^${ESCAPE}]+)`, 'g');

const all = (await text(process.stdin)).trimEnd().split('\n');
const tail = all.slice(-3);
const lines = all.length > SHOWN_LINES ? [...all.slice(0, SHOWN_LINES), '⋮', '', ...tail] : all;
const width = Math.max(...lines.map((line) => [...plain(line)].length)) * CELL + 2 * MARGIN;
const height = lines.length * LINE + 2 * MARGIN;

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${height}" role="img">
<title>merganser hunt over the sample lake: findings, each with command, libraries, addresses and activity</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3" xml:space="preserve">
${lines.map(svgLine).join('\n')}
</g>
</svg>
`);

function plain(line: string): string {
  return line.replace(STYLE, '');
}

/** One line: each run of one style placed by its column, so that no font's widths shift it. */
function svgLine(line: string, index: number): string {
  const runs: string[] = [];
  let column = 0;
  let style: { fill?: string; bold?: boolean; dim?: boolean } = {};
  for (const [, code, words] of line.matchAll(RUN)) {
    if (words === undefined) style = styled(style, code ?? '');
    else {
      runs.push(
        `<tspan x="${(MARGIN + column * CELL).toFixed(1)}"${attributes(style)}>${escaped(words)}</tspan>`,
      );
      column += [...words].length;
    }
  }
  return `<text y="${MARGIN + (index + 1) * LINE - 5}">${runs.join('')}</text>`;
}

function styled(style: { fill?: string; bold?: boolean; dim?: boolean }, code: string) {
  if (code === '' || code === '0') return {};
  if (code === '1') return { ...style, bold: true };
  if (code === '2') return { ...style, dim: true };
  if (code === '22') return { ...style, bold: false, dim: false };
  const fill = COLORS[code];
  if (fill !== undefined) return { ...style, fill };
  const { fill: _, ...rest } = style;
  return code === '39' ? rest : style;
}

function attributes({ fill, bold, dim }: { fill?: string; bold?: boolean; dim?: boolean }): string {
  return `${fill ? ` fill="${fill}"` : ''}${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.6"' : ''}`;
}

function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
