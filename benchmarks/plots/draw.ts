/**
 * Draws results.json: one SVG for each question, beside this file.
 *
 *   npm ci --prefix benchmarks/plots && npm run bench -- --show
 */
import { writeFile } from 'node:fs/promises';
import { rocPlot } from '../beacons/roc-plot.ts';
import { installed, projectPath } from '../project.ts';
import { type Asked, readResults } from '../results.ts';

const WIDTH = 720;

/** Draws all questions that have been asked; gives the paths of what it drew. */
export async function drawPlots(results: string): Promise<string[]> {
  const plot = await installed<Plot>('plots', '@observablehq/plot');
  const jsdom = await installed<Jsdom>('plots', 'jsdom');
  if (plot === undefined || jsdom === undefined) {
    throw new Error('the plots need packages of their own: npm ci --prefix benchmarks/plots');
  }
  const { document } = new jsdom.JSDOM('').window;
  const { questions } = await readResults(results);
  const drawn: string[] = [];
  for (const [name, asked] of Object.entries(questions)) {
    const svg = name === 'growth' ? lines(plot, document, asked) : bars(plot, document, asked);
    const path = projectPath('benchmarks', 'plots', `${name}.svg`);
    await writeFile(path, `${standalone(svg, asked.asks)}\n`);
    drawn.push(path);
    const curves = asked.comparisons.find((comparison) => comparison.curves !== undefined)?.curves;
    if (curves === undefined) continue;
    const roc = projectPath('benchmarks', 'plots', `${name}-roc.svg`);
    await writeFile(roc, rocPlot(curves));
    drawn.push(roc);
  }
  return drawn;
}

/** As much as is used here of Plot (https://observablehq.com/plot) and of jsdom. */
interface Plot {
  plot(options: object): SvgElement;
  barX(data: readonly object[], options: object): object;
  text(data: readonly object[], options: object): object;
  ruleX(data: readonly number[]): object;
  line(data: readonly object[], options: object): object;
  dot(data: readonly object[], options: object): object;
}

interface Jsdom {
  JSDOM: new (html: string) => { window: { document: unknown } };
}

interface SvgElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
}

/** Wall time of each contender, a panel for each lake; who was not measured has no bar, and says so. */
function bars(plot: Plot, document: unknown, { comparisons: all }: Asked): SvgElement {
  const comparisons = all.filter(({ results }) => results.length > 0);
  const rows = comparisons.flatMap(({ on, results }) =>
    results.map((result) => ({
      on,
      label: result.label,
      seconds: result.status === 'measured' ? result.wall / 1000 : 0,
      text: result.status === 'measured' ? secondsText(result.wall) : ` ${result.status}`,
      ours: /^(hunt|beacons)/.test(result.label),
    })),
  );
  return plot.plot({
    document,
    width: WIDTH,
    height: 50 + 26 * rows.length + 34 * comparisons.length,
    marginLeft: 130,
    marginRight: 90,
    style: { background: 'white' },
    x: { label: 'seconds of wall time, median', grid: true },
    y: { label: null, domain: [...new Set(rows.map(({ label }) => label))] },
    fy: { label: null, domain: comparisons.map(({ on }) => on), axis: null, padding: 0.2 },
    marks: [
      plot.barX(rows, {
        x: 'seconds',
        y: 'label',
        fy: 'on',
        fill: ({ ours }: Row) => (ours ? OURS : THEIRS),
      }),
      plot.text(rows, { x: 'seconds', y: 'label', fy: 'on', text: 'text', textAnchor: 'start', dx: 4 }),
      plot.text(comparisons, {
        fy: 'on',
        text: 'on',
        frameAnchor: 'top-left',
        dx: -128,
        dy: -12,
        fontWeight: 'bold',
      }),
      plot.ruleX([0]),
    ],
  });
}

type Row = { readonly ours: boolean };

/** Blue and grey that are told apart without colour vision, and in print. */
const OURS = '#1f6fb2';
const THEIRS = '#b8bec4';

/** Time against rows, both axes logarithmic, with a line of slope 1 through the first point. */
function lines(plot: Plot, document: unknown, { comparisons }: Asked): SvgElement {
  const points = comparisons.flatMap(({ rows, results }) =>
    results
      .filter((result) => result.status === 'measured')
      .map(({ wall }) => ({ rows: rows / 1e6, seconds: wall / 1000, text: secondsText(wall) })),
  );
  const [first, last] = [points[0], points.at(-1)];
  const linear =
    first === undefined || last === undefined
      ? []
      : [first, { rows: last.rows, seconds: (first.seconds * last.rows) / first.rows }];
  return plot.plot({
    document,
    width: WIDTH,
    height: 360,
    marginLeft: 60,
    style: { background: 'white' },
    x: { label: 'millions of rows in both tables', type: 'log', grid: true, tickFormat },
    y: { label: 'seconds of wall time, median', type: 'log', grid: true, tickFormat },
    marks: [
      plot.line(linear, { x: 'rows', y: 'seconds', stroke: THEIRS, strokeDasharray: '4' }),
      plot.line(points, { x: 'rows', y: 'seconds', stroke: OURS }),
      plot.dot(points, { x: 'rows', y: 'seconds', fill: OURS }),
      plot.text(points, { x: 'rows', y: 'seconds', text: 'text', textAnchor: 'end', dx: -8, dy: -8 }),
    ],
  });
}

/** Plot would write 0.3 as 300m. */
function tickFormat(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function secondsText(milliseconds: number): string {
  return `${(milliseconds / 1000).toPrecision(3)} s`;
}

/** Without Plot's style sheet, which only a page around it would need, and with a title for who cannot see it. */
function standalone(svg: SvgElement, title: string): string {
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const escaped = title.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return svg.outerHTML.replace(/<style>.*?<\/style>/s, `<title>${escaped}</title>`);
}
