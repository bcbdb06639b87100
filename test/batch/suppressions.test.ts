import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { asHunted, batch, connection, hunted, oneImplant, statuses, writeEvents } from './small-lake.ts';

const rule = (changes: Record<string, string> = {}) => {
  const { expires, match } = { expires: '2099-01-01', match: '{ device: ws-9 }', ...changes };
  return parseSuppressions(
    `rules:\n  - { name: build, reason: known, owner: soc, expires: ${expires}, match: ${match} }\n`,
    'rules.yaml',
  );
};

test('what a rule hides is counted and not in current, and is neither gone nor new again while it is hidden', async () => {
  const lake = await oneImplant(temporaryFolder());
  expect((await batch(lake)).rows.map(({ DeviceName }) => DeviceName)).toEqual(['ws-1', 'ws-9']);
  const hidden = await batch(lake, { suppressions: rule() });
  expect(hidden.rows.map(({ DeviceName, Status }) => [DeviceName, Status])).toEqual([['ws-1', 'continuing']]);
  expect(hidden.rows[0]).not.toHaveProperty('SuppressedBy');
  expect(hidden.report.findings[0]).toMatchObject({
    total: 1,
    new: 0,
    continuing: 1,
    gone: 0,
    suppressed: 1,
    rules: [{ name: 'build', hidden: 1, expired: false }],
  });
  const again = await batch(lake, { suppressions: rule() });
  expect(again.report.findings[0]).toMatchObject({ total: 1, gone: 0, suppressed: 1, unchanged: true });
  expect(statuses((await batch(lake)).rows)).toEqual(['implant.exe continuing', 'implant.exe new']);
});

test('a port rule does not hide what has a connection without a port', async () => {
  const lake = await oneImplant(temporaryFolder());
  const suppressions = rule({ match: '{ port: 4444 }' });
  expect((await batch(lake, { suppressions })).rows).toEqual([]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), [connection(2, { RemotePort: null })]);
  const { rows } = await batch(lake, { suppressions });
  expect(asHunted(rows)).toMatchObject([{ DeviceName: 'ws-1', RemotePorts: [4444] }]);
  expect(asHunted(rows)).toEqual(await hunted(lake, {}, false, suppressions));
});

test('a rule that has expired is not applied and is named, from the day after on', async () => {
  const lake = await oneImplant(temporaryFolder());
  const on = (day: number) => ({ now: () => new Date(Date.UTC(2026, 5, day, 12)) });
  const suppressions = rule({ expires: '2026-06-10' });
  expect((await batch(lake, { suppressions }, on(10))).report.findings[0]).toMatchObject({ suppressed: 1 });
  const { report, rows } = await batch(lake, { suppressions }, on(11));
  expect(report.notes).toEqual(['rules.yaml:2: rule build expired on 2026-06-10 and is not applied']);
  expect(report.findings[0]).toMatchObject({ suppressed: 0, rules: [{ hidden: 0, expired: true }] });
  expect(statuses(rows)).toEqual(['implant.exe continuing', 'implant.exe new']);
});

test('a job file names its rules, beside itself', async () => {
  const { readJobFile } = await import('../../src/hunt/batch/job/job-file.ts');
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'rules.yaml'),
    'rules: [{ name: a, reason: b, owner: c, expires: 2099-01-01, match: { port: 4444 } }]',
  );
  writeFileSync(
    join(folder, 'job.yaml'),
    '{ lake: lake, work: work, suppressions: rules.yaml, detections: [t1573.001] }',
  );
  expect((await readJobFile(join(folder, 'job.yaml'))).suppressions).toMatchObject([{ name: 'a' }]);
});
