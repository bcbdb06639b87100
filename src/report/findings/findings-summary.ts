import { spanOfInstants } from '../instants.ts';
import type { Pen } from '../pen.ts';
import { countOf } from '../units.ts';
import type { Finding } from './finding.ts';

/** Counts findings as they pass, for the lines under them. */
export class FindingsSummary {
  #findings = 0;
  #beacons = 0;
  #falsePairs = 0;
  #falseFindings = 0;
  readonly #devices = new Set<string>();
  #first = '';
  #last = '';

  /** Counts a finding in and gives its rank, from 1. */
  add(finding: Finding): number {
    this.#devices.add(finding.device);
    if (finding.beacon) this.#beacons++;
    this.#falsePairs += finding.who?.falsePairs ?? 0;
    if (finding.who?.falsePairs) this.#falseFindings++;
    if (this.#first === '' || finding.first < this.#first) this.#first = finding.first;
    if (finding.last > this.#last) this.#last = finding.last;
    return ++this.#findings;
  }

  /** The last lines: how many findings, on how many devices, how many beacons, and when. */
  text(inFull: number, pen: Pen): string {
    const { bold, dim } = pen.style;
    if (this.#findings === 0) return pen.line(['nothing found', bold]);
    const where = `on ${countOf(this.#devices.size, 'device')}`;
    const beacons = `${this.#beacons === 0 ? 'none' : this.#beacons} beacon-like`;
    const brief = this.#findings > inFull;
    return [
      brief ? '\n' : '',
      pen.line([countOf(this.#findings, 'finding'), bold], ` ${where}, ${beacons}`),
      pen.line([spanOfInstants(this.#first, this.#last, pen.symbols.arrow), dim]),
      pen.line(['a connection counts once for each library load in the window before it', dim]),
      this.#falseFindings === 0 ? '' : pen.line([this.#falseSaid(), pen.style.yellow]),
    ].join('');
  }

  #falseSaid(): string {
    const pairs = countOf(this.#falsePairs, 'pair');
    return `${pairs} in ${countOf(this.#falseFindings, 'finding')} join a connection of another process (a reused or unknown PID)`;
  }
}
