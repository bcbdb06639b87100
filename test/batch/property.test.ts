import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunReport } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  asHunted,
  batch,
  connection,
  creation,
  type Event,
  hunted,
  instant,
  jsonLines,
  load,
  quiet,
  script,
  writeEvents,
} from './small-lake.ts';

const TABLES = [
  'DeviceImageLoadEvents',
  'DeviceNetworkEvents',
  'DeviceProcessEvents',
  'DeviceEvents',
] as const;
type Table = (typeof TABLES)[number];

/** The settings of each detection of a job. */
interface Settings {
  readonly 'symmetric-cryptography-c2': Record<string, unknown>;
  readonly 'process-genealogy': Record<string, unknown>;
  readonly 'cipher-artefacts': Record<string, unknown>;
}

/** What may happen to a lake and its batches. Whatever did, the last run's findings are those of a fresh hunt. */
type Step =
  | { readonly kind: 'write'; readonly table: Table; readonly file: string; readonly rows: readonly Rows[] }
  | { readonly kind: 'delete'; readonly table: Table; readonly file: string }
  | {
      readonly kind: 'run';
      readonly settings: Settings;
      readonly dedupe: boolean;
      readonly evidence: boolean;
    }
  | {
      readonly kind: 'kill';
      readonly after: number;
      readonly settings: Settings;
      readonly evidence: boolean;
    };

interface Rows {
  readonly minute: number;
  readonly process: string;
  readonly port: number;
  readonly parent: string;
  readonly created: number | null;
  readonly text: string;
}

const table = fc.constantFrom<Table>('DeviceImageLoadEvents', 'DeviceNetworkEvents', ...TABLES);
const file = fc.constantFrom('a.parquet', 'b.parquet', 'date=2026-01-05/c.parquet', 'd.jsonl', 'e.jsonl');
const rows = fc.array(
  fc.record({
    // Days apart too, so that a file changes what lies near some rows and not near others.
    minute: fc
      .tuple(fc.constantFrom(0, 0, 0, 150, 4000), fc.integer({ min: 0, max: 40 }))
      .map(([far, near]) => far + near),
    process: fc.constantFrom(
      'implant.exe',
      'tool.exe',
      'svchost.exe',
      'powershell.exe',
      'powershell.exe',
      'wscript.exe',
    ),
    port: fc.constantFrom(443, 4444, 8444),
    parent: fc.constantFrom('winword.exe', 'winword.exe', 'explorer.exe', ''),
    created: fc.constantFrom(-1, -1, 60, null),
    text: fc.constantFrom('openssl enc -aes-256-cbc', '$k -bxor [byte[]]$d', 'nothing of 256', 'notepad'),
  }),
  { minLength: 2, maxLength: 8 },
);
const settings: fc.Arbitrary<Settings> = fc.record({
  'symmetric-cryptography-c2': fc.constantFrom<Record<string, unknown>>(
    {},
    { window: '5m' },
    { window: '2h', tolerance: '3m' },
    { standard_ports: [443, 4444] },
    { standard_ports: [] },
    { excluded_processes: [] },
    { 'excluded_processes+': ['tool.exe'] },
    { since: '2026-01-05T00:10:00Z' },
    { until: '2026-01-05T00:30:00Z', beacon_min_connections: 2 },
  ),
  'process-genealogy': fc.constantFrom<Record<string, unknown>>(
    {},
    { 'unusual_children+': ['tool.exe'] },
    { 'unusual_parents+': ['explorer.exe'], until: '2026-01-05T00:30:00Z' },
    { address_type: 'Private' },
  ),
  'cipher-artefacts': fc.constantFrom<Record<string, unknown>>(
    {},
    { script_hosts: ['tool.exe'] },
    { script_host_libraries: [] },
    { since: '2026-01-05T00:10:00Z' },
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('write' as const), table, file, rows }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), table, file }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('run' as const),
      settings,
      dedupe: fc.boolean(),
      evidence: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('kill' as const),
      after: fc.nat(8),
      settings,
      evidence: fc.boolean(),
    }),
  },
);

function eventOf(of: Table, { minute, process, port, parent, created, text }: Rows): Event {
  const InitiatingProcessId = process.length;
  const InitiatingProcessCreationTime = created === null ? null : instant(created);
  const by = { InitiatingProcessId, InitiatingProcessFileName: process, InitiatingProcessCreationTime };
  switch (of) {
    case 'DeviceImageLoadEvents':
      return load(minute, by);
    case 'DeviceNetworkEvents':
      return connection(minute, { ...by, RemotePort: port, InitiatingProcessParentFileName: parent });
    case 'DeviceProcessEvents':
      return creation(minute, {
        FileName: process,
        ProcessId: InitiatingProcessId,
        ProcessCreationTime: InitiatingProcessCreationTime,
        ProcessCommandLine: text,
        InitiatingProcessFileName: parent,
        InitiatingProcessFolderPath: port === 443 ? `c:\\temp\\${parent}` : '',
      });
    case 'DeviceEvents':
      return script(minute, { ...by, AdditionalFields: JSON.stringify({ Content: text }) });
    default:
      return of satisfies never;
  }
}

function idOf(row: Rows): number {
  return createHash('sha256').update(JSON.stringify(row)).digest().readUIntBE(0, 6);
}

async function take(lake: string, each: Step, found: Record<string, number>): Promise<void> {
  switch (each.kind) {
    case 'write':
      return writeEvents(
        join(lake, each.table, each.file),
        // What was delivered twice is one event twice, and no other event has its id.
        each.rows.map((row) => ({ ...eventOf(each.table, row), ReportId: idOf(row) })),
      );
    case 'delete':
      return rmSync(join(lake, each.table, each.file), { force: true });
    case 'kill':
      return killed(lake, each);
    case 'run': {
      const { report } = await batch(lake, jobOf(each));
      for (const [name, own] of Object.entries(each.settings)) {
        const kept = jsonLines(report.findings.find((one) => one.name === name)!.file);
        const detection = `t1573.001/${name}`;
        const expected = await hunted(lake, own, each.dedupe, undefined, { detection });
        expect(asHunted(kept), name).toEqual(expected);
        expect(new Set(kept.map(({ FindingId }) => FindingId)).size).toBe(kept.length);
        if (each.evidence && name === FLAGSHIP) await checkEvidence(lake, report, each);
        found[name] = (found[name] ?? 0) + expected.length;
      }
      return undefined;
    }
    default:
      return each satisfies never;
  }
}

const FLAGSHIP = 'symmetric-cryptography-c2';

async function checkEvidence(lake: string, { findings }: RunReport, each: Step & { kind: 'run' }) {
  const { evidence } = findings.find(({ name }) => name === FLAGSHIP)!;
  const expected = await hunted(lake, each.settings[FLAGSHIP], each.dedupe, undefined, {
    variant: 'evidence',
  });
  expect(jsonLines(evidence!.file)).toEqual(expected);
}

function jobOf({ settings: each, ...others }: Step & { kind: 'run' | 'kill' }) {
  const detections = Object.entries(each).map(([name, own]) => ({
    detection: `t1573.001/${name}`,
    name,
    settings: [own],
  }));
  return { detections, dedupe: 'dedupe' in others && others.dedupe, evidence: others.evidence };
}

const POWERSHELL = {
  InitiatingProcessFileName: 'powershell.exe',
  InitiatingProcessCreationTime: instant(-1),
};

/** A run that stops at its n-th word. */
async function killed(lake: string, each: Step & { kind: 'kill' }): Promise<void> {
  const stop = new AbortController();
  let words = 0;
  const word = () => {
    if (words++ === each.after) stop.abort(new Error('killed'));
  };
  const control = { signal: stop.signal, onEvent: word, onProgress: word };
  await batch(lake, jobOf(each), control).catch((error: Error) => expect(error.message).toBe('killed'));
}

test('whatever is added, changed, deleted, killed and retuned, a run finds what a fresh hunt finds', async () => {
  const found: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 12 }), settings, async (steps, last) => {
      const lake = join(temporaryFolder(), 'lake');
      // A file of each table that stays: without one a hunt has nothing to say.
      await writeEvents(join(lake, 'DeviceImageLoadEvents/stays.parquet'), [load(0), load(0, quiet)]);
      await writeEvents(join(lake, 'DeviceNetworkEvents/stays.parquet'), [
        connection(0, quiet),
        connection(39),
        // Of unknown descent, until its creation comes in.
        connection(20, { ...POWERSHELL, InitiatingProcessId: 'powershell.exe'.length }),
      ]);
      for (const each of steps) await take(lake, each, found);
      await take(lake, { kind: 'run', settings: last, dedupe: false, evidence: true }, found);
    }),
    { numRuns: Number(process.env.MERGANSER_PROPERTY_RUNS ?? 8), seed: 1573 },
  );
  for (const [name, count] of Object.entries(found)) expect(count, name).toBeGreaterThan(5);
}, 600_000);
