import fc from 'fast-check';

export const FLAGSHIP = 'symmetric-cryptography-c2';

const TABLES = [
  'DeviceImageLoadEvents',
  'DeviceNetworkEvents',
  'DeviceProcessEvents',
  'DeviceEvents',
] as const;
export type Table = (typeof TABLES)[number];

/** The settings of each detection of a job. */
export interface Settings {
  readonly 'symmetric-cryptography-c2': Record<string, unknown>;
  readonly 'process-genealogy': Record<string, unknown>;
  readonly 'cipher-artefacts': Record<string, unknown>;
  readonly 'combined-ranking'?: Record<string, unknown>;
}

/** What may happen to a lake and its batches. Whatever did, the last run's findings are those of a fresh hunt. */
export type Step =
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

export interface Rows {
  readonly minute: number;
  readonly process: string;
  readonly port: number;
  readonly parent: string;
  readonly created: number | null;
  readonly text: string;
  readonly unique: boolean;
}

const table = fc.constantFrom<Table>('DeviceImageLoadEvents', 'DeviceNetworkEvents', ...TABLES);
const file = fc.constantFrom('a.parquet', 'b.parquet', 'date=2026-01-05/c.parquet', 'd.jsonl', 'e.jsonl');
const rowsWith = (created: fc.Arbitrary<number | null>) =>
  fc.array(
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
      created,
      unique: fc.boolean(),
      text: fc.constantFrom('openssl enc -aes-256-cbc', '$k -bxor [byte[]]$d', 'nothing of 256', 'notepad'),
    }),
    { minLength: 2, maxLength: 8 },
  );
const settingsWith = (flagship: Settings[typeof FLAGSHIP][]): fc.Arbitrary<Settings> =>
  fc.record({
    'symmetric-cryptography-c2': fc.constantFrom(...flagship),
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
const stepWith = (rows: fc.Arbitrary<Rows[]>, settings: fc.Arbitrary<Settings>): fc.Arbitrary<Step> =>
  fc.oneof(
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

/** A world: what its events may be, and what is asked about them. */
export interface World {
  readonly step: fc.Arbitrary<Step>;
  readonly settings: fc.Arbitrary<Settings>;
}

function world(created: fc.Arbitrary<number | null>, settings: fc.Arbitrary<Settings>): World {
  return { settings, step: stepWith(rowsWith(created), settings) };
}

/** Findings are of PIDs. */
export const BY_PID = world(
  fc.constantFrom(-1, -1, 60, null),
  settingsWith([
    {},
    { window: '5m' },
    { window: '2h', tolerance: '3m' },
    { standard_ports: [443, 4444] },
    { standard_ports: [] },
    { excluded_processes: [] },
    { 'excluded_processes+': ['tool.exe'] },
    { since: '2026-01-05T00:10:00Z' },
    { until: '2026-01-05T00:30:00Z', beacon_min_connections: 2 },
  ]),
);

const process = { identity: 'process' };

/** Findings are of processes, also in the view that combines all. Now and then an event does not say of which: a job is refused. */
export const BY_PROCESS = world(
  fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom<number | null>(-1, -1, 60) },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
  fc
    .record({
      by: settingsWith([
        {},
        process,
        process,
        { ...process, window: '2h', tolerance: '3m' },
        { ...process, standard_ports: [] },
        { ...process, 'excluded_processes+': ['tool.exe'] },
        { ...process, until: '2026-01-05T00:30:00Z', beacon_min_connections: 2 },
      ]),
      combined: fc.constantFrom<Record<string, unknown>>(
        {},
        { identity: 'pid' },
        { window: '2h', tolerance: '3m' },
        { standard_ports: [], script_hosts: ['tool.exe'] },
        { until: '2026-01-05T00:30:00Z' },
      ),
    })
    .map(({ by, combined }): Settings => ({ ...by, 'combined-ranking': combined })),
);
