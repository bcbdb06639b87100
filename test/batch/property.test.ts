import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { asHunted, batch, connection, type Event, hunted, load, quiet, writeEvents } from './small-lake.ts';

type Table = 'DeviceImageLoadEvents' | 'DeviceNetworkEvents';

/** What may happen to a lake and its batches. Whatever did, the last run's findings are those of a fresh hunt. */
type Step =
  | { readonly kind: 'write'; readonly table: Table; readonly file: string; readonly rows: readonly Rows[] }
  | { readonly kind: 'delete'; readonly table: Table; readonly file: string }
  | { readonly kind: 'run'; readonly settings: Record<string, unknown>; readonly dedupe: boolean }
  | { readonly kind: 'kill'; readonly after: number; readonly settings: Record<string, unknown> };

interface Rows {
  readonly minute: number;
  readonly process: string;
  readonly port: number;
}

const table = fc.constantFrom<Table>('DeviceImageLoadEvents', 'DeviceNetworkEvents');
const file = fc.constantFrom('a.parquet', 'b.parquet', 'date=2026-01-05/c.parquet', 'd.jsonl', 'e.jsonl');
const rows = fc.array(
  fc.record({
    // Days apart too, so that a file changes what lies near some rows and not near others.
    minute: fc
      .tuple(fc.constantFrom(0, 0, 0, 150, 4000), fc.integer({ min: 0, max: 40 }))
      .map(([far, near]) => far + near),
    process: fc.constantFrom('implant.exe', 'tool.exe', 'svchost.exe'),
    port: fc.constantFrom(443, 4444, 8444),
  }),
  { minLength: 1, maxLength: 6 },
);
const settings = fc.constantFrom<Record<string, unknown>>(
  {},
  { window: '5m' },
  { window: '2h', tolerance: '3m' },
  { standard_ports: [443, 4444] },
  { standard_ports: [] },
  { excluded_processes: [] },
  { 'excluded_processes+': ['tool.exe'] },
  { since: '2026-01-05T00:10:00Z' },
  { until: '2026-01-05T00:30:00Z', beacon_min_connections: 2 },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('write' as const), table, file, rows }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), table, file }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('run' as const), settings, dedupe: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), after: fc.nat(6), settings }) },
);

function eventsOf(of: Table, each: readonly Rows[]): Event[] {
  return each.map(({ minute, process, port }) => {
    const InitiatingProcessId = process.length;
    return of === 'DeviceImageLoadEvents'
      ? load(minute, { InitiatingProcessFileName: process, InitiatingProcessId })
      : connection(minute, { InitiatingProcessId, RemotePort: port });
  });
}

async function take(lake: string, each: Step): Promise<void> {
  switch (each.kind) {
    case 'write':
      return writeEvents(join(lake, each.table, each.file), eventsOf(each.table, each.rows));
    case 'delete':
      return rmSync(join(lake, each.table, each.file), { force: true });
    case 'kill':
      return killed(lake, each.after, each.settings);
    case 'run': {
      const found = await run(lake, each.settings, each.dedupe);
      const expected = await hunted(lake, each.settings, each.dedupe);
      expect(asHunted(found)).toEqual(expected);
      expect(new Set(found.map(({ FindingId }) => FindingId)).size).toBe(found.length);
      return undefined;
    }
    default:
      return each satisfies never;
  }
}

async function run(lake: string, each: Record<string, unknown>, dedupe: boolean, signal?: AbortSignal) {
  const detections = [{ detection: 't1573.001', settings: [each] }];
  return (await batch(lake, { detections, dedupe }, { signal })).rows;
}

/** A run that stops at its n-th word. */
async function killed(lake: string, after: number, each: Record<string, unknown>): Promise<void> {
  const stop = new AbortController();
  let words = 0;
  const word = () => {
    if (words++ === after) stop.abort(new Error('killed'));
  };
  const detections = [{ detection: 't1573.001', settings: [each] }];
  const control = { signal: stop.signal, onEvent: word, onProgress: word };
  await batch(lake, { detections }, control).catch((error: Error) => expect(error.message).toBe('killed'));
}

test('whatever is added, changed, deleted, killed and retuned, a run finds what a fresh hunt finds', async () => {
  let found = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 9 }), settings, async (steps, last) => {
      const lake = join(temporaryFolder(), 'lake');
      // A file of each table that stays: without one a hunt has nothing to say.
      await writeEvents(join(lake, 'DeviceImageLoadEvents/stays.parquet'), [load(0), load(0, quiet)]);
      await writeEvents(join(lake, 'DeviceNetworkEvents/stays.parquet'), [
        connection(0, quiet),
        connection(39),
      ]);
      for (const each of steps) await take(lake, each);
      await take(lake, { kind: 'run', settings: last, dedupe: false });
      found += (await hunted(lake, last)).length;
    }),
    { numRuns: Number(process.env.MERGANSER_PROPERTY_RUNS ?? 8), seed: 1573 },
  );
  expect(found).toBeGreaterThan(5);
}, 600_000);
