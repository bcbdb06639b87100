import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import { type BatchJob, openLake, type RunReport, runBatch } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  batch,
  connection,
  filesIn,
  hunted,
  instant,
  jsonLines,
  load,
  oneImplant,
  workOf,
  writeEvents,
} from './small-lake.ts';

const run = (lake: string, changes: Partial<BatchJob> = {}) => batch(lake, { evidence: true, ...changes });
const evidenceOf = ({ findings }: RunReport) => jsonLines(findings[0]!.evidence!.file);
const huntedEvidence = (lake: string, settings = {}, rules?: BatchJob['suppressions']) =>
  hunted(lake, settings, false, rules, { variant: 'evidence' });

test('the pairs behind the findings are those that a hunt for evidence gives, and late data adds its own', async () => {
  const lake = await oneImplant(temporaryFolder());
  const { report, rows } = await run(lake);
  const file = workOf(lake, 'findings/current/evidence/t1573.001.symmetric-cryptography-c2.jsonl');
  expect(report.findings[0]).toMatchObject({ total: 2, evidence: { rows: 2, file } });
  expect(evidenceOf(report)).toEqual(await huntedEvidence(lake));
  expect(evidenceOf(report)[0]).toMatchObject({ DeviceId: 'd-1', LoadReportId: 0, ConnReportId: 500_060 });
  expect(rows.map(({ Status }) => Status)).toEqual(['new', 'new']);
  await writeEvents(join(lake, 'DeviceNetworkEvents/late.parquet'), [
    connection(2, { RemoteUrl: 'c2.example' }),
  ]);
  const later = await run(lake);
  expect(later.read).toBe(1);
  expect(evidenceOf(later.report)).toHaveLength(3);
  expect(evidenceOf(later.report)).toEqual(await huntedEvidence(lake));
  const again = await run(lake);
  expect(again.report.findings[0]).toMatchObject({ unchanged: true, evidence: { rows: 3 } });
  expect(evidenceOf(again.report)).toEqual(evidenceOf(later.report));
});

test('a job that asks for it later reads again and says so before; one that no longer asks reads nothing and leaves none', async () => {
  const lake = await oneImplant(temporaryFolder());
  const without = await run(lake, { evidence: false });
  expect(without.report.findings[0]).not.toHaveProperty('evidence');
  const told: string[] = [];
  let firstProgress = -1;
  const withIt = await batch(
    lake,
    { evidence: true },
    {
      onEvent: ({ event, message }) => event === 'reading-again' && told.push(message),
      onProgress: () => {
        if (firstProgress < 0) firstProgress = told.length;
      },
    },
  );
  expect([withIt.read, firstProgress]).toEqual([2, 2]);
  expect(told[1]).toMatch(/^1 file of DeviceNetworkEvents must be read again: the slices lack DeviceId, /);
  const { file } = withIt.report.findings[0]!.evidence!;
  const off = await run(lake, { evidence: false });
  expect([off.read, existsSync(dirname(file))]).toEqual([0, false]);
  const results = () => filesIn(workOf(lake, 'results'));
  expect(results()).toHaveLength(1);
  const back = await run(lake);
  expect([back.read, results().length]).toEqual([0, 2]);
  expect(evidenceOf(back.report)).toEqual(await huntedEvidence(lake));
  expect(back.report.findings[0]).toMatchObject({ new: 0, continuing: 2, gone: 0 });
});

test('what lies behind a finding that a rule hides is left out', async () => {
  const lake = await oneImplant(temporaryFolder());
  const rules = parseSuppressions(
    'rules: [{ name: build, reason: known, owner: soc, expires: 2099-01-01, match: { device: ws-9 } }]',
    'rules.yaml',
  );
  const { report } = await run(lake, { suppressions: rules });
  expect(evidenceOf(report).map(({ DeviceName }) => DeviceName)).toEqual(['ws-1']);
  expect(evidenceOf(report)).toEqual(await huntedEvidence(lake, {}, rules));
});

test('by process, what lies behind a hidden finding is left out, and not that of another process that had its PID', async () => {
  const lake = join(temporaryFolder(), 'lake');
  const processes = [-1, 59].map((minute) => ({
    InitiatingProcessCreationTime: instant(minute),
    InitiatingProcessFileName: 'implant.exe',
  }));
  await writeEvents(
    join(lake, 'DeviceImageLoadEvents/a.parquet'),
    processes.map((process, index) => load(index * 60, process)),
  );
  await writeEvents(
    join(lake, 'DeviceNetworkEvents/a.parquet'),
    processes.map((process, index) =>
      connection(index * 60 + 1, { ...process, RemoteIP: ['203.0.113.1', '198.51.100.9'][index]! }),
    ),
  );
  const rules = parseSuppressions(
    'rules: [{ name: known, reason: r, owner: soc, expires: 2099-01-01, match: { destination: 203.0.113.1 } }]',
    'rules.yaml',
  );
  const detections = [{ detection: 't1573.001', settings: [{ identity: 'process' }] }];
  const { report, rows } = await run(lake, { detections, suppressions: rules });
  expect(rows).toMatchObject([{ RemoteIPs: ['198.51.100.9'] }]);
  const expected = [{ RemoteIP: '198.51.100.9', ConnTime: '2026-01-05T01:01:00Z', SameProcess: true }];
  expect(evidenceOf(report)).toMatchObject(expected);
  expect(await huntedEvidence(lake, { identity: 'process' }, rules)).toEqual(evidenceOf(report));
  expect(evidenceOf(report)[0]).not.toHaveProperty('Who');
  const opened = await openLake(lake);
  const shown = await opened.hunt('t1573.001', {
    ...{ identity: 'process', variant: 'evidence', suppressions: rules, showSuppressed: true },
  });
  expect(await shown.rows()).toMatchObject([
    { RemoteIP: '203.0.113.1', SuppressedBy: 'known' },
    { RemoteIP: '198.51.100.9', SuppressedBy: '' },
  ]);
  await opened.close();
});

test('by process, the evidence says which process made each event', async () => {
  const lake = join(temporaryFolder(), 'lake');
  const created = (at: string) => ({ InitiatingProcessCreationTime: `2026-01-04T${at}:00Z` });
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.jsonl'), [load(0, created('23:50'))]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.jsonl'), [
    connection(1, created('23:50')),
    connection(2, created('23:59')),
  ]);
  const byProcess = { identity: 'process' };
  const { report } = await run(lake, { detections: [{ detection: 't1573.001', settings: [byProcess] }] });
  expect(evidenceOf(report)).toHaveLength(1);
  expect(evidenceOf(report)).toEqual(await huntedEvidence(lake, byProcess));
});

test('evidence is kept in the format of the findings', async () => {
  const lake = await oneImplant(temporaryFolder());
  const report = await runBatch({ lake, work: workOf(lake), detections: ['t1573.001'], evidence: true });
  const { file } = report.findings[0]!.evidence!;
  expect(file).toMatch(/\.parquet$/);
  const kept = await openLake({ Evidence: file });
  try {
    const rows = await (await kept.sql('SELECT * FROM Evidence ORDER BY LoadTime')).rows();
    expect(rows).toEqual(await huntedEvidence(lake));
  } finally {
    await kept.close();
  }
});

test('a detection without evidence is named, and a job of no others is refused', async () => {
  const lake = await oneImplant(temporaryFolder());
  const id = 't1573.001/process-genealogy';
  const { report } = await run(lake, { detections: ['t1573.001', id] });
  expect(report.notes).toContain(`${id} has no evidence: its findings are all that it says`);
  expect(report.findings.map(({ evidence }) => evidence?.rows)).toEqual([2, undefined]);
  await expect(run(lake, { detections: [id] })).rejects.toThrow(`${id} has no evidence`);
});

test('what a run that was killed had begun to write of the evidence is removed', async () => {
  const lake = await oneImplant(temporaryFolder());
  await run(lake);
  const folder = workOf(lake, 'findings/current/evidence');
  const stop = new AbortController();
  const correlated = {
    onEvent: ({ event }: { event: string }) => event === 'correlated' && stop.abort(new Error('killed')),
  };
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), [connection(2)]);
  await expect(batch(lake, { evidence: true }, { ...correlated, signal: stop.signal })).rejects.toThrow(
    'killed',
  );
  mkdirSync(dirname(join(folder, 'x')), { recursive: true });
  writeFileSync(join(folder, '.t1573.jsonl.0123.partial'), 'half');
  await run(lake);
  expect(filesIn(folder)).toEqual(['t1573.001.symmetric-cryptography-c2.jsonl']);
});
