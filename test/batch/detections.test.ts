import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import type { BatchJob, Row, RunReport } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  asHunted,
  batch,
  connection,
  creation,
  hunted,
  instant,
  jsonLines,
  load,
  script,
  writeEvents,
} from './small-lake.ts';

const GENEALOGY = 't1573.001/process-genealogy';
const CIPHERS = 't1573.001/cipher-artefacts';
const COMBINED = 't1573.001/combined-ranking';
const ALL = ['t1573.001/symmetric-cryptography-c2', CIPHERS, GENEALOGY, COMBINED];

/** A PowerShell that an office program started, with a crypto library, a connection and a cipher in its script. */
const POWERSHELL = {
  InitiatingProcessFileName: 'powershell.exe',
  InitiatingProcessCreationTime: instant(-1),
};

async function office(folder = temporaryFolder()): Promise<string> {
  const lake = join(folder, 'lake');
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.parquet'), [load(0, POWERSHELL), load(600)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.parquet'), [
    connection(1, POWERSHELL),
    connection(2, { ...POWERSHELL, RemotePort: 443 }),
    connection(3, { ...POWERSHELL, RemoteIPType: 'Private' }),
  ]);
  await writeEvents(join(lake, 'DeviceProcessEvents/a.parquet'), [
    creation(-1),
    creation(0, { ProcessId: 5, ProcessCommandLine: 'notepad' }),
  ]);
  await writeEvents(join(lake, 'DeviceEvents/a.jsonl'), [script(2), script(3, { ActionType: 'UsbMounted' })]);
  return lake;
}

const runAll = (lake: string, changes: Partial<BatchJob> = {}) =>
  batch(lake, { detections: [{ detection: 't1573.001/*' }], ...changes });

const rowsOf = ({ findings }: RunReport, detection: string): Row[] =>
  jsonLines(findings.find((each) => each.detection === detection)!.file);

async function expectAsHunted(lake: string, report: RunReport, dedupe = false): Promise<void> {
  for (const { detection } of report.findings) {
    const expected = await hunted(lake, {}, dedupe, undefined, { detection });
    expect(asHunted(rowsOf(report, detection)), detection).toEqual(expected);
  }
}

test('all detections of a technique find in one job what each finds in a hunt, and one pass over a file serves them', async () => {
  const lake = await office();
  const { report } = await runAll(lake);
  expect(report.findings.map(({ detection, total }) => [detection, total])).toEqual(
    ALL.map((detection) => [detection, 1]),
  );
  expect(rowsOf(report, CIPHERS)).toMatchObject([{ Artefacts: ['XOR over bytes', 'openssl enc'] }]);
  await expectAsHunted(lake, report);
  // Each file once, each of its rows once: DeviceNetworkEvents and DeviceImageLoadEvents serve two detections each.
  expect(report.files).toMatchObject({ listed: 4, read: 4 });
  expect(report.rows).toMatchObject({ read: 2 + 3 + 2, uncounted: 1 });
  expect((await runAll(lake)).read).toBe(0);
});

test('a detection alone reads its own tables, and a job that adds others reads those and what it lacks', async () => {
  const lake = await office();
  const alone = await batch(lake, { detections: [CIPHERS] });
  expect(alone.read).toBe(3);
  expect(asHunted(alone.rows)).toEqual(await hunted(lake, {}, false, undefined, { detection: CIPHERS }));
  const { report, read } = await runAll(lake);
  // The scripts and the pattern over command lines serve on; creations and loads keep more now.
  expect(read).toBe(3);
  expect(report.notes.filter((note) => note.includes('must be read again'))).toHaveLength(2);
  await expectAsHunted(lake, report);
});

test('files of a table that a job no longer asks for have not vanished', async () => {
  const lake = await office();
  await runAll(lake);
  const { report } = await batch(lake, { detections: [CIPHERS] });
  expect(report.files).toMatchObject({ listed: 3, vanished: 0 });
});

test('rows that were delivered twice are one in every detection', async () => {
  const lake = await office();
  await writeEvents(join(lake, 'DeviceNetworkEvents/twice.parquet'), [connection(1, POWERSHELL)]);
  await writeEvents(join(lake, 'DeviceEvents/twice.jsonl'), [script(2)]);
  const { report } = await runAll(lake, { dedupe: true });
  expect(rowsOf(report, CIPHERS)[0]).toMatchObject({ ArtefactCount: 2 });
  expect(rowsOf(report, GENEALOGY)[0]).toMatchObject({ ConnectionCount: 2 });
  await expectAsHunted(lake, report, true);
});

test('a table that the lake does not have is gone without and named, as in a hunt', async () => {
  const lake = await office();
  for (const table of ['DeviceProcessEvents', 'DeviceEvents']) rmSync(join(lake, table), { recursive: true });
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), [
    connection(5, { ...POWERSHELL, InitiatingProcessId: 6, InitiatingProcessParentFileName: 'excel.exe' }),
  ]);
  const { report } = await runAll(lake);
  expect(report.notes.filter((note) => note.startsWith('this lake has no')).sort()).toEqual([
    `this lake has no DeviceEvents: ${CIPHERS} and ${COMBINED} go without`,
    `this lake has no DeviceProcessEvents: ${CIPHERS}, ${GENEALOGY} and ${COMBINED} go without`,
  ]);
  expect(rowsOf(report, GENEALOGY)).toMatchObject([{ ParentProcess: 'excel.exe' }]);
  await expectAsHunted(lake, report);
});

test('a creation that arrives late tells of whom a connection descends, without reading that again', async () => {
  const lake = await office();
  rmSync(join(lake, 'DeviceProcessEvents/a.parquet'));
  await writeEvents(join(lake, 'DeviceProcessEvents/b.parquet'), [creation(0, { ProcessId: 5 })]);
  const run = () => batch(lake, { detections: [GENEALOGY] });
  expect((await run()).rows).toEqual([]);
  await writeEvents(join(lake, 'DeviceProcessEvents/late.parquet'), [creation(-1)]);
  const { rows, read } = await run();
  expect(read).toBe(1);
  expect(rows).toMatchObject([{ Status: 'new', ParentProcess: 'winword.exe' }]);
});

test('a finding stays itself while its times move, and is gone only within the time that a run looks at', async () => {
  const lake = await office();
  for (const minute of [-60, 60]) {
    const ordinary = creation(minute, { ProcessId: 9, ProcessCommandLine: 'notepad' });
    await writeEvents(join(lake, `DeviceProcessEvents/${minute}.parquet`), [ordinary]);
    await writeEvents(join(lake, `DeviceNetworkEvents/${minute}.parquet`), [
      connection(minute, { InitiatingProcessId: 9 }),
    ]);
  }
  const run = (settings: Record<string, unknown> = {}) =>
    batch(lake, { detections: [{ detection: GENEALOGY, settings: [settings] }] });
  const first = await run();
  await writeEvents(join(lake, 'DeviceNetworkEvents/late.parquet'), [connection(0.5, POWERSHELL)]);
  const second = await run();
  expect(second.rows).toMatchObject([
    {
      Status: 'continuing',
      FindingId: first.rows[0]!.FindingId,
      FirstConnection: instant(0.5).replace('.000', ''),
    },
  ]);
  // Its connections are in sight, and its creation, which it rests on, is not.
  const later = await run({ since: instant(0) });
  expect([later.rows, later.report.findings[0]!.gone]).toEqual([[], 0]);
  await run();
  await writeEvents(join(lake, 'DeviceProcessEvents/a.parquet'), [
    creation(-1, { InitiatingProcessFileName: 'explorer.exe' }),
  ]);
  expect((await run()).rows).toMatchObject([{ Status: 'gone', FindingId: first.rows[0]!.FindingId }]);
});

test('a finding is not gone with the table that it rested on', async () => {
  const lake = await office();
  await runAll(lake);
  rmSync(join(lake, 'DeviceProcessEvents'), { recursive: true });
  const { report } = await runAll(lake);
  expect(report.findings.find(({ detection }) => detection === GENEALOGY)).toMatchObject({
    total: 0,
    gone: 0,
  });
});

test('rules hide what other detections find as in a hunt, also where they look into the lake', async () => {
  const lake = await office();
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), [
    connection(5, { ...POWERSHELL, InitiatingProcessId: 6, InitiatingProcessParentFileName: 'excel.exe' }),
    connection(6, {
      ...POWERSHELL,
      InitiatingProcessFolderPath: 'C:\\Tools\\powershell.exe',
      DeviceName: 'ws-2',
    }),
  ]);
  const rule = (name: string, match: string) =>
    `{ name: ${name}, reason: r, owner: soc, expires: 2099-01-01, match: ${match} }`;
  const rules = parseSuppressions(
    `rules: [${rule('path', "{ path: 'c:\\tools\\*' }")}, ${rule('port', '{ process: powershell.exe, port: 443 }')}]`,
    'rules.yaml',
  );
  const { report } = await runAll(lake, { suppressions: rules });
  for (const { detection, file } of report.findings) {
    const expected = await hunted(lake, {}, false, rules, { detection });
    expect(asHunted(jsonLines(file)), detection).toEqual(expected);
  }
});
