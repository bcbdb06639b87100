import { join } from 'node:path';
import type { Answer, NotInstalled, Task } from '../contender.ts';
import { defaultLists } from '../contenders/defaults.ts';
import { parquetBelow } from '../contenders/floor.ts';
import { installed } from '../project.ts';
import { finish, type Summary } from './finish.ts';

/** What one writes without an engine: read the files column by column, keep the connections, go through the loads. */
export async function typescript({ lake }: Task): Promise<Answer | NotInstalled> {
  const parquet = await installed<Hyparquet>('peers', 'hyparquet');
  if (parquet === undefined) return { missing: 'hyparquet is not installed: npm ci in benchmarks/peers' };
  const connections = await suspiciousConnections(parquet, join(lake, 'DeviceNetworkEvents'));
  return { rows: finish(await matched(parquet, join(lake, 'DeviceImageLoadEvents'), connections)) };
}

interface Hyparquet {
  asyncBufferFromFile(path: string): Promise<unknown>;
  parquetRead(options: {
    file: unknown;
    columns: string[];
    onChunk(chunk: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number }): void;
    parsers: Record<string, (value: bigint) => unknown>;
  }): Promise<void>;
}

interface Connection {
  readonly time: number;
  readonly address: string;
  readonly port: number;
  readonly sent: number;
  readonly received: number;
}

const STANDARD = new Set(defaultLists.standard_ports);
const CRYPTO = new Set(defaultLists.crypto_libraries);
const EXCLUDED = new Set(defaultLists.excluded);
const WINDOW = 15 * 60_000_000;

/** By device and process id, in the order of time. */
async function suspiciousConnections(
  parquet: Hyparquet,
  folder: string,
): Promise<ReadonlyMap<string, Connection[]>> {
  const byProcess = new Map<string, Connection[]>();
  const columns = [
    'ActionType',
    'RemoteIPType',
    'RemotePort',
    'DeviceName',
    'InitiatingProcessId',
    'Timestamp',
    'RemoteIP',
    'SentBytes',
    'ReceivedBytes',
  ];
  for await (const { at, rows } of rowsOf(parquet, folder, columns)) {
    for (let row = 0; row < rows; row++) {
      const port = at('RemotePort', row) as number;
      if (at('ActionType', row) !== 'ConnectionSuccess' || at('RemoteIPType', row) !== 'Public') continue;
      if (STANDARD.has(port)) continue;
      const key = `${at('DeviceName', row)} ${at('InitiatingProcessId', row)}`;
      const connection = {
        time: Number(at('Timestamp', row)),
        address: at('RemoteIP', row) as string,
        port,
        sent: Number(at('SentBytes', row) ?? 0),
        received: Number(at('ReceivedBytes', row) ?? 0),
      };
      const others = byProcess.get(key);
      if (others === undefined) byProcess.set(key, [connection]);
      else others.push(connection);
    }
  }
  for (const connections of byProcess.values()) connections.sort((one, other) => one.time - other.time);
  return byProcess;
}

type Growing = { -readonly [Key in keyof Summary]: Summary[Key] } & {
  libraries: string[];
  addresses: string[];
  ports: number[];
  sets: { libraries: Set<string>; addresses: Set<string>; ports: Set<number> };
};

async function matched(
  parquet: Hyparquet,
  folder: string,
  connections: ReadonlyMap<string, Connection[]>,
): Promise<Summary[]> {
  const summaries = new Map<string, Growing>();
  const columns = [
    'FileName',
    'InitiatingProcessFileName',
    'DeviceName',
    'InitiatingProcessId',
    'Timestamp',
    'InitiatingProcessCommandLine',
    'InitiatingProcessAccountName',
    'InitiatingProcessSHA256',
  ];
  for await (const { at, rows } of rowsOf(parquet, folder, columns)) {
    for (let row = 0; row < rows; row++) {
      const library = at('FileName', row) as string;
      if (!CRYPTO.has(library.toLowerCase())) continue;
      const name = at('InitiatingProcessFileName', row) as string;
      if (EXCLUDED.has(name.toLowerCase())) continue;
      const candidates = connections.get(`${at('DeviceName', row)} ${at('InitiatingProcessId', row)}`);
      if (candidates === undefined) continue;
      const time = Number(at('Timestamp', row));
      const first = firstFrom(candidates, time);
      if (first === candidates.length || candidates[first]!.time > time + WINDOW) continue;
      const summary = summaryOf(summaries, [
        at('DeviceName', row) as string,
        name,
        at('InitiatingProcessCommandLine', row) as string,
        at('InitiatingProcessAccountName', row) as string,
        at('InitiatingProcessSHA256', row) as string,
      ]);
      summary.sets.libraries.add(library);
      for (let each = first; each < candidates.length && candidates[each]!.time <= time + WINDOW; each++) {
        add(summary, candidates[each]!);
      }
    }
  }
  return [...summaries.values()].map(({ sets, ...summary }) => ({
    ...summary,
    libraries: [...sets.libraries],
    addresses: [...sets.addresses],
    ports: [...sets.ports],
  }));
}

function summaryOf(summaries: Map<string, Growing>, who: Summary['who']): Growing {
  const key = who.join('\u0000');
  const known = summaries.get(key);
  if (known !== undefined) return known;
  const sets = { libraries: new Set<string>(), addresses: new Set<string>(), ports: new Set<number>() };
  const none = { libraries: [], addresses: [], ports: [], pairs: 0, sent: 0, received: 0 };
  const summary: Growing = { ...none, who, sets, first: Number.POSITIVE_INFINITY, last: 0 };
  summaries.set(key, summary);
  return summary;
}

function add(summary: Growing, { time, address, port, sent, received }: Connection): void {
  summary.pairs += 1;
  summary.sent += sent;
  summary.received += received;
  if (time < summary.first) summary.first = time;
  if (time > summary.last) summary.last = time;
  summary.sets.addresses.add(address);
  summary.sets.ports.add(port);
}

/** The index of the first connection at or after a time. */
function firstFrom(connections: readonly Connection[], time: number): number {
  let [low, high] = [0, connections.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (connections[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The columns of one row group after the other. Times are left in microseconds. */
async function* rowsOf(parquet: Hyparquet, folder: string, columns: string[]) {
  const micros = (value: bigint) => value;
  for (const path of await parquetBelow(folder)) {
    const file = await parquet.asyncBufferFromFile(path);
    const groups = new Map<number, Map<string, ArrayLike<unknown>>>();
    await parquet.parquetRead({
      file,
      columns,
      parsers: { timestampFromMicroseconds: micros },
      onChunk({ columnName, columnData, rowStart }) {
        const group = groups.get(rowStart) ?? new Map<string, ArrayLike<unknown>>();
        groups.set(rowStart, group.set(columnName, columnData));
      },
    });
    for (const group of groups.values()) {
      const at = (column: string, row: number) => group.get(column)![row];
      yield { rows: group.get(columns[0]!)!.length, at };
    }
  }
}
