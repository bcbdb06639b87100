import { visible } from '../../visible.ts';
import type { Style } from '../paint.ts';
import type { Pen } from '../pen.ts';
import { cut, padEnd, padStart } from '../table/text-width.ts';
import { countSaid, durationSaid } from '../units.ts';
import type { Finding } from './finding.ts';

const RANK = 4;
const COUNT = 7;
const INTERVAL = 7;
const BEACON = 6;
/** The longest IPv4 address. */
const LEAST_REMOTE = 15;
const MOST_NAME = 40;

/** The heading over {@link briefLine}s. */
export function briefHeading(pen: Pen): string {
  const heading = [
    padStart('#', RANK),
    padEnd('process', nameWidth(pen)),
    padEnd('device', nameWidth(pen)),
    padStart('count', COUNT),
    padStart('every', INTERVAL),
    padEnd('beacon', BEACON),
    'remote',
  ];
  return pen.line([`  ${heading.join('  ')}`, pen.style.dim]);
}

/** A finding in one line, aligned with the others. */
export function briefLine(finding: Finding, rank: number, marker: Style, pen: Pen): string {
  const name = (text: string) => padEnd(cut(text, nameWidth(pen), pen.symbols.ellipsis), nameWidth(pen));
  const more = finding.addresses.length > 1 ? ` +${finding.addresses.length - 1}` : '';
  const values = [
    name(visible(finding.process) || '(no name)'),
    name(visible(finding.device)),
    padStart(countSaid(finding.connections), COUNT),
    padStart(finding.interval > 0 ? durationSaid(finding.interval) : '', INTERVAL),
  ];
  const remote = `${visible(finding.addresses[0] ?? '')}${more}`;
  const style = pen.style;
  return pen.line(
    [pen.symbols.bar, marker],
    ` ${padStart(String(rank), RANK)}  ${values.join('  ')}  `,
    [
      padEnd(finding.beacon ? 'yes' : 'no', BEACON),
      finding.beacon ? (text) => marker(style.bold(text)) : style.dim,
    ],
    `  ${remote}`,
  );
}

/** The process and the device share what the other columns leave. */
function nameWidth({ columns }: Pen): number {
  const others = 2 + RANK + 2 + 2 + 2 + COUNT + 2 + INTERVAL + 2 + BEACON + 2 + LEAST_REMOTE;
  return Math.min(MOST_NAME, Math.max(8, Math.floor((columns - others) / 2)));
}
