import { rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reportLine } from '../../src/hunt/batch/report/run-report.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  asHunted,
  batch,
  connection,
  filesIn,
  hunted,
  oneImplant,
  quiet,
  statuses,
  writeEvents,
} from './small-lake.ts';

test('a first run reads every file and finds what a hunt finds', async () => {
  const lake = await oneImplant(temporaryFolder());
  const { report, rows, read } = await batch(lake);
  expect(read).toBe(2);
  expect(report.rows).toMatchObject({ read: 4, uncounted: 0, kept: 4 });
  expect(statuses(rows)).toEqual(['implant.exe new', 'implant.exe new']);
  expect(asHunted(rows)).toEqual(await hunted(lake));
});

test('a run with nothing new reads nothing, and every finding continues under its id', async () => {
  const lake = await oneImplant(temporaryFolder());
  const first = await batch(lake);
  const second = await batch(lake);
  expect(second.read).toBe(0);
  expect(second.report.findings[0]).toMatchObject({ unchanged: true, new: 0, continuing: 2 });
  expect(second.rows.map(({ FindingId }) => FindingId)).toEqual(first.rows.map(({ FindingId }) => FindingId));
});

test('late data is one more file: it alone is read, and an id outlives the times that it moves', async () => {
  const lake = await oneImplant(temporaryFolder());
  const first = await batch(lake);
  await writeEvents(join(lake, 'DeviceNetworkEvents/late.parquet'), [connection(0.5), connection(14)]);
  const second = await batch(lake);
  expect(second.read).toBe(1);
  const implant = second.rows.find(({ DeviceName }) => DeviceName === 'ws-1')!;
  expect(implant).toMatchObject({
    Status: 'continuing',
    ConnectionCount: 3,
    FirstConnection: '2026-01-05T00:00:30Z',
  });
  expect(first.rows.map(({ FindingId }) => FindingId)).toContain(implant.FindingId);
  expect(asHunted(second.rows)).toEqual(await hunted(lake));
});

test('a changed file replaces its slice, a vanished one takes its slice with it', async () => {
  const folder = temporaryFolder();
  const lake = await oneImplant(folder);
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), [connection(2), connection(700, quiet)]);
  await batch(lake);
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), [connection(3, { RemotePort: 5555 })]);
  const changed = await batch(lake);
  expect(changed.read).toBe(1);
  expect(changed.rows[0]!.RemotePorts).toEqual([4444, 5555]);
  rmSync(join(lake, 'DeviceNetworkEvents/b.parquet'));
  const without = await batch(lake);
  expect(without.report.files).toMatchObject({ read: 0, vanished: 1 });
  expect(without.rows.find(({ DeviceName }) => DeviceName === 'ws-1')!.RemotePorts).toEqual([4444]);
  expect(filesIn(join(folder, 'work/slices'))).toHaveLength(2);
});

test('a Parquet file without a row is one whose rows are known: none', async () => {
  const lake = await oneImplant(temporaryFolder());
  await writeEvents(join(lake, 'DeviceNetworkEvents/empty.parquet'), []);
  const { report } = await batch(lake);
  expect(report.rows).toMatchObject({ read: 4, uncounted: 0 });
});

test('the line of a run says how many files vanished', async () => {
  const lake = await oneImplant(temporaryFolder());
  const gone = join(lake, 'DeviceNetworkEvents/b.parquet');
  await writeEvents(gone, [connection(2)]);
  expect(reportLine((await batch(lake)).report)).not.toContain('vanished');
  rmSync(gone);
  expect(reportLine((await batch(lake)).report)).toContain('0 of 2 files read, 2 reused, 1 vanished;');
});

test('a touched file is read again by its time, and not by its content', async () => {
  const lake = await oneImplant(temporaryFolder());
  const touch = (second: number) => utimesSync(join(lake, 'DeviceNetworkEvents/a.parquet'), second, second);
  await batch(lake);
  touch(1_000_000_000);
  expect((await batch(lake)).read).toBe(1);
  await batch(lake, { contentHash: true });
  touch(1_100_000_000);
  expect((await batch(lake, { contentHash: true })).read).toBe(0);
});

test('going by content reads once more and says so; going back to size and time reads nothing', async () => {
  const lake = await oneImplant(temporaryFolder());
  await batch(lake);
  const there = await batch(lake, { contentHash: true });
  expect(there.read).toBe(2);
  expect([...there.report.notes].sort()).toEqual(
    ['DeviceImageLoadEvents', 'DeviceNetworkEvents'].map(
      (table) => `1 file of ${table} must be read again: only size and time were recorded, not the content`,
    ),
  );
  expect((await batch(lake)).read).toBe(0);
  expect((await batch(lake, { contentHash: true })).read).toBe(0);
  // Changed within one tick of the clock: only the content tells.
  const file = join(lake, 'DeviceNetworkEvents/b.jsonl');
  await writeEvents(file, [connection(2)]);
  await batch(lake, { contentHash: true });
  const { mtimeMs } = statSync(file);
  await writeEvents(file, [connection(3)]);
  utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
  expect((await batch(lake)).read).toBe(0);
  expect((await batch(lake, { contentHash: true })).read).toBe(1);
});

test.each([
  ['203.0.113.5', '203.0.113.7'],
  ['203.0.113.7', '203.0.113.5'],
])(
  'of an event that was delivered as %s and as %s one copy counts, whichever file it is in',
  async (one, other) => {
    const lake = await oneImplant(temporaryFolder());
    const copy = (RemoteIP: string) => [connection(1, { RemoteIP })];
    await writeEvents(join(lake, 'DeviceNetworkEvents/a.parquet'), copy(one));
    await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), copy(other));
    const first = await batch(lake, { dedupe: true });
    await writeEvents(join(lake, 'DeviceNetworkEvents/a.parquet'), copy(other));
    await writeEvents(join(lake, 'DeviceNetworkEvents/b.parquet'), copy(one));
    const second = await batch(lake, { dedupe: true });
    expect([first, second].map(({ rows }) => rows[0]!.RemoteIPs)).toEqual([['203.0.113.5'], ['203.0.113.5']]);
  },
);
