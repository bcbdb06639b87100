import { visible } from '../../visible.ts';
import { spanOfInstants } from '../instants.ts';
import type { Style } from '../paint.ts';
import type { Pen, Stretch } from '../pen.ts';
import { cut, padEnd, textWidth } from '../table/text-width.ts';
import { bytesSaid, countOf, durationSaid, minutesSaid } from '../units.ts';
import type { Finding } from './finding.ts';
import { sparkline } from './sparkline.ts';

const NOT_RECORDED = 'not recorded';
const LABEL = 8;

/** A finding in full: who and whether it beacons, then a line for each thing an analyst asks next. */
export function findingBlock(finding: Finding, rank: number, marker: Style, pen: Pen): string {
  const { bar } = pen.symbols;
  const row = (label: string, ...value: readonly Stretch[]) =>
    pen.line([bar, marker], [` ${padEnd(label, LABEL)}  `, pen.style.dim], ...value);
  const room = pen.columns - 2 - LABEL - 2;
  return [
    title(finding, rank, marker, pen),
    row('command', recorded(finding.command)),
    row('sha256', shortHash(finding.sha256, pen)),
    row('loads', listOf(finding.libraries, room)),
    row('remote', remote(finding, room)),
    ...activity(finding, room, row, pen),
    row('bytes', bytes(finding)),
    row('seen', spanOfInstants(finding.first, finding.last, pen.symbols.arrow)),
    ...processLines(finding, row, pen),
    ...(finding.hiddenBy === '' ? [] : [row('hidden', `by rule ${visible(finding.hiddenBy)}`)]),
    '\n',
  ].join('');
}

/** `▌ 1 process.exe @ device, account` and, at the right edge, whether the connections look like a beacon. */
function title(finding: Finding, rank: number, marker: Style, pen: Pen): string {
  const badge = finding.beacon ? 'BEACON' : 'no beacon';
  const badgeStyle: Style = finding.beacon ? (text) => marker(pen.style.bold(text)) : pen.style.dim;
  const room = pen.columns - badge.length - 2;
  const before = `${pen.symbols.bar} ${rank} `;
  const process = cut(visible(finding.process) || '(no name)', room - before.length, pen.symbols.ellipsis);
  const account = finding.account === '' ? '' : `, ${visible(finding.account)}`;
  const where = cut(
    ` @ ${visible(finding.device)}${account}`,
    room - before.length - textWidth(process),
    pen.symbols.ellipsis,
  );
  const gap = Number.isFinite(room) ? room - before.length - textWidth(process) - textWidth(where) : 0;
  return pen.line([before, marker], [process, pen.style.bold], where, ' '.repeat(Math.max(0, gap) + 2), [
    badge,
    badgeStyle,
  ]);
}

/** The sparkline and what it sums up, on one line where both fit. */
function activity(
  finding: Finding,
  room: number,
  row: (label: string, ...value: readonly Stretch[]) => string,
  pen: Pen,
): readonly string[] {
  const every = finding.interval > 0 ? `, every ${durationSaid(finding.interval)}` : '';
  const said =
    finding.connections === '1'
      ? '1 connection'
      : `${countOf(finding.connections, 'connection')} in ${minutesSaid(finding.minutes)}${every}`;
  if (finding.activity.length === 0 || finding.first === finding.last) return [row('activity', said)];
  const line: Stretch = [sparkline(finding.activity, pen.symbols), pen.style.cyan];
  if (textWidth(line[0]) + 2 + said.length <= room) return [row('activity', line, `  ${said}`)];
  return [row('activity', line), row('', said)];
}

/** Which process it was and how that is known; and how many pairs are of two processes. */
function processLines(
  { who, connections }: Finding,
  row: (label: string, ...value: readonly Stretch[]) => string,
  pen: Pen,
): readonly string[] {
  if (who === undefined) return [];
  const parts = [
    who.id === '' ? 'no PID' : `PID ${who.id}`,
    who.created === '' ? '' : `started ${who.created.slice(0, 19).replace('T', ' ')}`,
    who.parent === '' ? '' : `by ${visible(who.parent)}`,
    who.identity === 'inferred' ? '(inferred)' : '',
  ];
  const more = who.processes > 1 ? ` and ${who.processes - 1} more` : '';
  const lines = [
    row('process', parts.filter(Boolean).join(' ') + more),
    row('once', `${countOf(who.connections, 'connection')} to ${countOf(who.destinations, 'destination')}`),
  ];
  if (who.falsePairs === 0) return lines;
  const said = `${who.falsePairs} of ${connections} pairs join a connection of another process`;
  return [...lines, row('caution', [said, pen.style.yellow])];
}

function remote({ addresses, ports }: Finding, room: number): string {
  const on = ports.length === 0 ? '' : ` on ${ports.length === 1 ? 'port' : 'ports'} `;
  const portsSaid = listOf(ports, Math.floor(room / 2));
  return `${listOf(addresses, room - on.length - portsSaid.length)}${on}${portsSaid}`;
}

function bytes({ sent, received }: Finding): string {
  if (sent === null && received === null) return NOT_RECORDED;
  const sentSaid = sent === null ? `sent ${NOT_RECORDED}` : `${bytesSaid(sent)} sent`;
  const receivedSaid = received === null ? `received ${NOT_RECORDED}` : `${bytesSaid(received)} received`;
  return `${sentSaid}, ${receivedSaid}`;
}

function recorded(text: string): string {
  return text === '' ? NOT_RECORDED : visible(text);
}

function shortHash(hash: string, pen: Pen): string {
  return hash === ''
    ? NOT_RECORDED
    : cut(visible(hash), 16 + pen.symbols.ellipsis.length, pen.symbols.ellipsis);
}

/** As many items as fit in `room`, at least one, and how many more there are. */
function listOf(items: readonly string[], room: number): string {
  if (items.length === 0) return NOT_RECORDED;
  const shown = items.map((item) => visible(item) || '(empty)');
  for (let count = shown.length; count > 1; count--) {
    const more = count < shown.length ? ` (+${shown.length - count} more)` : '';
    const text = shown.slice(0, count).join(', ') + more;
    if (textWidth(text) <= room) return text;
  }
  return shown.length === 1 ? shown[0]! : `${shown[0]} (+${shown.length - 1} more)`;
}
