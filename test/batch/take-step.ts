import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readManifest } from '../../src/hunt/batch/state/manifest.ts';
import type { Row, RunReport } from '../../src/index.ts';
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
  script,
  workOf,
  writeEvents,
} from './small-lake.ts';
import { FLAGSHIP, type Rows, type Step, type Table } from './steps.ts';

function eventOf(of: Table, { minute, process, port, parent, created, text, unique }: Rows): Event {
  const InitiatingProcessId = process.length;
  const InitiatingProcessCreationTime = created === null ? null : instant(created);
  const by = {
    InitiatingProcessId,
    InitiatingProcessFileName: process,
    InitiatingProcessCreationTime,
    ...(unique && created !== null ? { InitiatingProcessUniqueId: process.length * 1000 + created } : {}),
  };
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

/** Takes a step, and checks the findings of a run. `found` counts what was compared, by detection. */
export async function take(lake: string, each: Step, found: Record<string, number>): Promise<void> {
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
      const before = await lastFindings(lake);
      const report = await ran(lake, each);
      if (report === undefined) return undefined;
      for (const [name, own] of Object.entries(each.settings)) {
        const kept = jsonLines(report.findings.find((one) => one.name === name)!.file);
        const detection = `t1573.001/${name}`;
        const expected = await hunted(lake, own, each.dedupe, undefined, { detection });
        expect(asHunted(kept), name).toEqual(expected);
        expect(new Set(kept.map(({ FindingId }) => FindingId)).size).toBe(kept.length);
        checkStatuses(kept, before.get(`${name} ${own.identity ?? 'pid'}`));
        if (each.evidence && name === FLAGSHIP) await checkEvidence(lake, report, each);
        const what = own.identity === 'process' ? `${name} by process` : name;
        found[what] = (found[what] ?? 0) + expected.length;
      }
      return undefined;
    }
    default:
      return each satisfies never;
  }
}

/** The ids that the last run which finished found, by detection and identity. */
async function lastFindings(lake: string): Promise<Map<string, Set<unknown>>> {
  const { last } = await readManifest(workOf(lake, 'manifest.json'));
  const ids = Object.entries(last?.results ?? {}).map(([name, { identity = 'pid' }]) => {
    const rows = jsonLines(join(last!.output, 'runs', last!.run, `${name}.jsonl`));
    const there = rows.filter(({ Status }) => Status !== 'gone');
    return [`${name} ${identity}`, new Set(there.map(({ FindingId }) => FindingId))] as const;
  });
  return new Map(ids);
}

/** What was found before continues, other things are new; only what was found before, and is not now, may be gone. */
function checkStatuses(rows: readonly Row[], before: ReadonlySet<unknown> = new Set()): void {
  for (const { FindingId, Status } of rows) {
    if (Status === 'gone') expect(before).toContain(FindingId);
    else expect(Status).toBe(before.has(FindingId) ? 'continuing' : 'new');
  }
}

/** The report of a run; undefined where it was refused because slices cannot tell which processes there are. */
async function ran(lake: string, each: Step & { kind: 'run' }): Promise<RunReport | undefined> {
  try {
    return (await batch(lake, jobOf(each))).report;
  } catch (error) {
    if (each.settings['combined-ranking'] === undefined) throw error;
    expect((error as Error).message).toMatch(
      /^slices cannot tell which processes .* with neither unique id nor/,
    );
    return undefined;
  }
}

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

/** A run that stops at its n-th word. */
async function killed(lake: string, each: Step & { kind: 'kill' }): Promise<void> {
  const stop = new AbortController();
  let words = 0;
  const word = () => {
    if (words++ === each.after) stop.abort(new Error('killed'));
  };
  const control = { signal: stop.signal, onEvent: word, onProgress: word };
  await batch(lake, jobOf(each), control).catch((error: Error) =>
    expect(error.message).toMatch(/^killed$|^slices cannot tell which processes/),
  );
}
