const SIZE = 420;
const EDGE = 56;
const COLOURS = ['#0b6e99', '#c2571a', '#5b7f2b', '#8a4fa3', '#777777'];

/** ROC curves as an SVG: the share of benign actors let through, on a root scale, against the share of implants found. */
export function rocPlot(curves: Readonly<Record<string, readonly (readonly [number, number])[]>>): string {
  const x = (share: number) => EDGE + Math.sqrt(share) * SIZE;
  const y = (share: number) => EDGE + (1 - share) * SIZE;
  const ticks = [0, 0.01, 0.05, 0.2, 0.5, 1];
  const label = (at: string, text: string) => `<text ${at} font-size="12">${text}</text>`;
  const lines = Object.entries(curves).map(([name, points], index) => {
    const path = points
      .map(([benign, implants]) => `${x(benign).toFixed(1)},${y(implants).toFixed(1)}`)
      .join(' ');
    const colour = COLOURS[index % COLOURS.length];
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${EDGE + SIZE - 110}" y="${EDGE + SIZE - 100 + index * 18}" fill="${colour}" font-size="13">${name}</text>`,
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE + 2 * EDGE}" height="${SIZE + 2 * EDGE}" font-family="sans-serif">`,
    '<title>ROC curves of the beacon scores</title>',
    '<rect width="100%" height="100%" fill="white"/>',
    `<rect x="${EDGE}" y="${EDGE}" width="${SIZE}" height="${SIZE}" fill="none" stroke="#999"/>`,
    ...ticks.map((tick) => label(`x="${x(tick) - 8}" y="${EDGE + SIZE + 18}"`, `${100 * tick} %`)),
    ...[0, 0.5, 1].map((tick) => label(`x="${EDGE - 42}" y="${y(tick) + 4}"`, `${100 * tick} %`)),
    label(`x="${EDGE + 130}" y="${EDGE + SIZE + 40}"`, 'benign actors let through'),
    label(`x="${EDGE}" y="${EDGE - 14}"`, 'implants found'),
    ...lines,
    '</svg>\n',
  ].join('\n');
}
