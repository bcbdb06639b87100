import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Row } from '../../src/index.ts';
import { type BatchControl, type BatchJob, openLake, type RunReport, runBatch } from '../../src/index.ts';

/** An event as a JSON line has it; what is left out is some harmless value. */
export type Event = Readonly<Record<string, string | number | null>>;

const SHARED = { DeviceName: 'ws-1', DeviceId: 'd-1', InitiatingProcessId: 4 };

export const load = (minute: number, changes: Event = {}): Event => ({
  Timestamp: instant(minute),
  ...SHARED,
  FileName: 'bcrypt.dll',
  InitiatingProcessFileName: 'implant.exe',
  ReportId: Math.round(minute * 60),
  ...changes,
});

export const connection = (minute: number, changes: Event = {}): Event => ({
  Timestamp: instant(minute),
  ...SHARED,
  ActionType: 'ConnectionSuccess',
  RemoteIP: '203.0.113.1',
  RemotePort: 4444,
  RemoteIPType: 'Public',
  ReportId: Math.round(minute * 60) + 500_000,
  ...changes,
});

/** An office program starts a PowerShell, which is told to encrypt. */
export const creation = (minute: number, changes: Event = {}): Event => ({
  Timestamp: instant(minute),
  DeviceName: 'ws-1',
  DeviceId: 'd-1',
  ActionType: 'ProcessCreated',
  FileName: 'powershell.exe',
  ProcessId: 4,
  ProcessCreationTime: instant(-1),
  ProcessCommandLine: 'openssl enc -aes-256-cbc',
  InitiatingProcessFileName: 'winword.exe',
  ReportId: Math.round(minute * 60) + 1_000_000,
  ...changes,
});

/** A script that is run, as AMSI hands it over. */
export const script = (minute: number, changes: Event = {}): Event => ({
  Timestamp: instant(minute),
  ...SHARED,
  ActionType: 'AmsiScriptContent',
  AdditionalFields: JSON.stringify({ Content: '$key -bxor [byte[]]$data' }),
  InitiatingProcessFileName: 'powershell.exe',
  InitiatingProcessCommandLine: 'openssl enc -aes-256-cbc',
  InitiatingProcessCreationTime: instant(-1),
  ReportId: Math.round(minute * 60) + 1_500_000,
  ...changes,
});

/** Minutes after 2026-01-05, as ISO-8601. */
export function instant(minute: number): string {
  return new Date(Date.UTC(2026, 0, 5) + minute * 60_000).toISOString();
}

let ticks = 0;

/** Writes events to a file of a lake, whose time of change is one that no file had before. */
export async function writeEvents(path: string, events: readonly Event[]): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  if (path.endsWith('.parquet')) await writeParquet(path, lines, events);
  else writeFileSync(path, lines);
  ticks++;
  utimesSync(path, 1_767_600_000 + ticks, 1_767_600_000 + ticks);
}

let engine: Promise<DuckDBConnection> | undefined;

async function writeParquet(path: string, lines: string, events: readonly Event[]): Promise<void> {
  engine ??= DuckDBInstance.create(':memory:', { threads: '1' }).then((instance) => instance.connect());
  const aside = `${path}.rows`;
  writeFileSync(aside, lines);
  const table = Object.keys(TYPES).find((name) => path.includes(`/${name}/`))!;
  const told = Object.entries(OPTIONAL).filter(([name]) => events.some((event) => name in event));
  const types = { ...TYPES[table]!, ...Object.fromEntries(told) };
  const columns = Object.entries(types).map(([name, type]) => `${name}: '${type}'`);
  await (await engine).run(
    `COPY (SELECT * FROM read_json('${aside}', format = 'newline_delimited', columns = {${columns.join(', ')}})) TO '${path}' (FORMAT parquet)`,
  );
  (await import('node:fs')).rmSync(aside);
}

const LOADS = {
  Timestamp: 'TIMESTAMP',
  DeviceName: 'VARCHAR',
  DeviceId: 'VARCHAR',
  InitiatingProcessId: 'BIGINT',
  FileName: 'VARCHAR',
  InitiatingProcessFileName: 'VARCHAR',
  ReportId: 'BIGINT',
};
const CREATIONS = {
  Timestamp: 'TIMESTAMP',
  DeviceName: 'VARCHAR',
  DeviceId: 'VARCHAR',
  ActionType: 'VARCHAR',
  FileName: 'VARCHAR',
  ProcessId: 'BIGINT',
  ProcessCreationTime: 'TIMESTAMP',
  ProcessCommandLine: 'VARCHAR',
  InitiatingProcessFileName: 'VARCHAR',
  InitiatingProcessFolderPath: 'VARCHAR',
  InitiatingProcessCreationTime: 'TIMESTAMP',
  ReportId: 'BIGINT',
};
const SCRIPTS = {
  Timestamp: 'TIMESTAMP',
  DeviceName: 'VARCHAR',
  DeviceId: 'VARCHAR',
  InitiatingProcessId: 'BIGINT',
  ActionType: 'VARCHAR',
  AdditionalFields: 'VARCHAR',
  InitiatingProcessFileName: 'VARCHAR',
  InitiatingProcessCommandLine: 'VARCHAR',
  InitiatingProcessCreationTime: 'TIMESTAMP',
  ReportId: 'BIGINT',
};
const NETWORK = {
  Timestamp: 'TIMESTAMP',
  DeviceName: 'VARCHAR',
  DeviceId: 'VARCHAR',
  InitiatingProcessId: 'BIGINT',
  ActionType: 'VARCHAR',
  RemoteIP: 'VARCHAR',
  RemotePort: 'INTEGER',
  RemoteIPType: 'VARCHAR',
  RemoteUrl: 'VARCHAR',
  InitiatingProcessFileName: 'VARCHAR',
  InitiatingProcessFolderPath: 'VARCHAR',
  InitiatingProcessSHA1: 'VARCHAR',
  InitiatingProcessCreationTime: 'TIMESTAMP',
  InitiatingProcessParentFileName: 'VARCHAR',
  ReportId: 'BIGINT',
};
/** Columns of Parquet files that some events have. */
const OPTIONAL = { InitiatingProcessCreationTime: 'TIMESTAMP', InitiatingProcessUniqueId: 'BIGINT' };
/** The columns of Parquet files, by table. */
const TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  DeviceImageLoadEvents: LOADS,
  DeviceNetworkEvents: NETWORK,
  DeviceProcessEvents: CREATIONS,
  DeviceEvents: SCRIPTS,
};

/** A lake of one process that loads a crypto library and then connects, an hour's file each. */
export async function oneImplant(folder: string): Promise<string> {
  const lake = join(folder, 'lake');
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.parquet'), [load(0), load(600, quiet)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.parquet'), [connection(1), connection(600, quiet)]);
  return lake;
}

/** Changes that make an event one of another process: it is read, and matches nothing of the implant's. */
export const quiet: Event = { InitiatingProcessId: 99, DeviceName: 'ws-9' };

/** The work directory that {@link batch} keeps beside a lake, or what is in it. */
export function workOf(lake: string, ...below: string[]): string {
  return join(dirname(lake), 'work', ...below);
}

/** A batch over a lake with its work directory beside it, findings as JSON lines. */
export async function batch(
  lake: string,
  changes: Partial<BatchJob> = {},
  control: BatchControl = {},
): Promise<{ report: RunReport; rows: Row[]; read: number }> {
  const job: BatchJob = {
    lake,
    work: workOf(lake),
    detections: [{ detection: 't1573.001' }],
    output: { format: 'jsonl' },
    limits: { threads: 2 },
    ...changes,
  };
  const report = await runBatch(job, control);
  return { report, rows: jsonLines(report.findings[0]!.file), read: report.files.read };
}

export function jsonLines(path: string): Row[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** The findings of a fresh hunt over the lake, by another path than the batch's; or the evidence behind them. */
export async function hunted(
  lake: string,
  settings: Record<string, unknown> = {},
  dedupe = false,
  suppressions?: BatchJob['suppressions'],
  of: { readonly detection?: string; readonly variant?: 'evidence' } = {},
): Promise<Row[]> {
  const opened = await openLake(lake, { skipUnreadable: true, dedupe, threads: 2 });
  try {
    const { detection = 't1573.001', variant } = of;
    return await (await opened.hunt(detection, { ...settings, suppressions, variant })).rows();
  } finally {
    await opened.close();
  }
}

/** A batch's findings as a hunt gives them: those that are there, without id and status. */
export function asHunted(rows: readonly Row[]): Row[] {
  return rows.filter(({ Status }) => Status !== 'gone').map(({ FindingId: _, Status: __, ...row }) => row);
}

export function statuses(rows: readonly Row[]): string[] {
  return rows.map(({ ProcessName, Status }) => `${ProcessName} ${Status}`).sort();
}

/** All files below a folder, by their paths in it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
