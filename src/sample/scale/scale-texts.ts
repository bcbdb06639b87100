import { GENERATOR } from '../directory.ts';
import { DAY, isoText } from '../time.ts';
import type { ScaleScope } from './scale-options.ts';
import { type Planted, pairsOf } from './scale-planted.ts';
import type { ScaleWritten } from './scale-write.ts';

/** The five columns by which findings are grouped, as the files have them. */
export type Subject = Readonly<
  Record<'DeviceName' | 'ProcessName' | 'ProcessCmd' | 'AccountName' | 'ProcessSHA256', string>
>;

/** A planted process and what the detection t1573.001 must say about it, by its default parameters. */
export interface ScaleLabel {
  readonly id: string;
  readonly kind: 'implant';
  readonly category: 'beacon' | 'hot';
  readonly found: true;
  readonly ProcessId: number;
  /** Columns of the finding, values as the JSON output prints them. */
  readonly expected: Subject & {
    readonly CryptoLibsLoaded: readonly string[];
    readonly RemoteIPs: readonly string[];
    readonly RemotePorts: readonly number[];
    readonly ConnectionCount: number;
    readonly TotalBytesSent: number;
    readonly TotalBytesReceived: number;
    readonly FirstConnection: string;
    readonly LastConnection: string;
  };
}

/** What follows from a plan, without a look at the rows that came of it. A file that is linked often counts often. */
export function scaleLabel(planted: Planted, subject: Subject, copies: number): ScaleLabel {
  const { kind, id, process, connections, loads, ip, port, sent, received } = planted;
  const pairs = pairsOf(planted) * copies * copies;
  return {
    id: `${kind}-${-process}`,
    kind: 'implant',
    category: kind === 'hot' ? 'hot' : 'beacon',
    found: true,
    ProcessId: id,
    expected: {
      ...subject,
      CryptoLibsLoaded: ['bcrypt.dll', 'rsaenh.dll'].slice(0, loads.count),
      RemoteIPs: [ip],
      RemotePorts: [port],
      ConnectionCount: pairs,
      TotalBytesSent: pairs * sent,
      TotalBytesReceived: pairs * received,
      FirstConnection: isoText(connections.first),
      LastConnection: isoText(connections.first + (connections.count - 1) * connections.every),
    },
  };
}

/** labels.json: what the lake is, and what must be found in it. */
export function scaleLabelsText(scope: ScaleScope, labels: readonly ScaleLabel[]): string {
  const { start, threads: _, ...knobs } = scope;
  const head = {
    synthetic: true,
    generator: GENERATOR,
    ...knobs,
    start: isoText(start),
    end: isoText(start + scope.days * DAY),
    detection: 't1573.001',
    note: 'what the detection must find, by its default parameters; what else it finds comes of ordinary events that happen to meet',
  };
  return `${JSON.stringify({ ...head, labels }, null, 1)}\n`;
}

/** README.md: that nothing here is real, and how to make it again. */
export function scaleReadme(scope: ScaleScope, tables: ScaleWritten): string {
  const linked =
    scope.copies > 1
      ? `\nEach day's file stands in ${scope.copies} days under as many names: rows repeat, times with them.\n`
      : '';
  return `# A synthetic telemetry lake, for measuring

Everything in this folder is made up by \`merganser sample --scale ${scope.profile}\`: devices, people, hashes, addresses
and events. The programs' names are those of real products; what they do here is invented. Public addresses are
from ranges for benchmarks and documentation (198.18.0.0/15, 203.0.113.0/24, 2001:db8::/32).

| table | rows | files | bytes |
|---|---:|---:|---:|
${Object.entries(tables)
  .map(([name, { rows, files, bytes }]) => `| ${name} | ${rows} | ${files} | ${bytes} |`)
  .join('\n')}
${linked}
${scope.devices} devices, ${scope.days} days, ${scope.processesPerDay} processes a device and day, ${scope.pidSpace} process ids a device. Times are UTC.
\`labels.json\` has all knobs, and what the detection t1573.001 must find.
`;
}
