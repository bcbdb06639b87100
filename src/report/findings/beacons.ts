import type { ResultStream } from '../../engine/result.ts';
import { visible } from '../../visible.ts';
import { spanOfInstants } from '../instants.ts';
import type { ReportOptions } from '../options.ts';
import { type Pen, penFor } from '../pen.ts';
import { cut, textWidth } from '../table/text-width.ts';
import { countOf } from '../units.ts';
import { type Beacon, beaconReader } from './beacon.ts';
import type { DetectionHeading } from './finding.ts';

/** So many beacons are told in full, the rest in a line each. */
const IN_FULL = 20;
const LABEL = 8;

/** The beacon analysis for eyes: a block or a line each, by score, with the score explained in one line. */
export async function* beaconsText(
  result: ResultStream,
  heading: DetectionHeading,
  options: ReportOptions = {},
): AsyncGenerator<string> {
  const pen = penFor(options);
  const read = beaconReader(result.columns);
  const devices = new Set<string>();
  let rank = 0;
  yield `${pen.line([visible(heading.title), pen.style.bold])}\n`;
  for await (const chunk of result.chunks()) {
    let text = '';
    for (const row of chunk.getRows()) {
      const beacon = read(row);
      devices.add(beacon.device);
      rank++;
      if (rank <= IN_FULL) text += block(beacon, rank, pen);
      else text += title(beacon, rank, pen);
    }
    yield text;
  }
  yield summary(rank, devices.size, pen);
}

function block(beacon: Beacon, rank: number, pen: Pen): string {
  const row = (label: string, value: string) =>
    pen.line([pen.symbols.bar, pen.style.yellow], [` ${label.padEnd(LABEL)}  `, pen.style.dim], value);
  const rita = beacon.rita === null ? '' : `; RITA ${beacon.rita.toFixed(2)}`;
  const times = pen.symbols.times;
  return [
    title(beacon, rank, pen),
    row('because', visible(beacon.reason)),
    row(
      'score',
      `timing ${beacon.timing.toFixed(2)} ${times} prevalence ${beacon.prevalence.toFixed(2)}${rita}`,
    ),
    ...(beacon.domain === '' ? [] : [row('domain', visible(beacon.domain))]),
    ...(beacon.hiddenBy === '' ? [] : [row('hidden', `by rule ${visible(beacon.hiddenBy)}`)]),
    row('seen', spanOfInstants(beacon.first, beacon.last, pen.symbols.arrow)),
    '\n',
  ].join('');
}

/** `▌ 1 process.exe @ device, account → 203.0.113.10:443` and, at the right edge, the score. */
function title(beacon: Beacon, rank: number, pen: Pen): string {
  const before = `${pen.symbols.bar} ${rank} `;
  const score = beacon.score.toFixed(2);
  const to = ` ${pen.symbols.arrow} ${visible(beacon.destination) || '(no address)'}`;
  const room = pen.columns - before.length - textWidth(to) - score.length - 2;
  const account = beacon.account === '' ? '' : `, ${visible(beacon.account)}`;
  const process = cut(visible(beacon.process) || '(no name)', room, pen.symbols.ellipsis);
  const where = cut(
    ` @ ${visible(beacon.device)}${account}`,
    room - textWidth(process),
    pen.symbols.ellipsis,
  );
  const gap = Number.isFinite(room) ? Math.max(0, room - textWidth(process) - textWidth(where)) : 0;
  return pen.line([before, pen.style.yellow], [process, pen.style.bold], where, to, ' '.repeat(gap + 2), [
    score,
    pen.style.bold,
  ]);
}

function summary(beacons: number, devices: number, pen: Pen): string {
  if (beacons === 0) return pen.line(['nothing found', pen.style.bold]);
  return pen.line([countOf(beacons, 'key'), pen.style.bold], ` on ${countOf(devices, 'device')}`);
}
