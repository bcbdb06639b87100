import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { asHunted, batch, connection, hunted, load, writeEvents } from './small-lake.ts';

const byProcess = { identity: 'process' };
const run = (lake: string, settings: Record<string, unknown> = byProcess) =>
  batch(lake, { detections: [{ detection: 't1573.001', settings: [settings] }] });

/** One PID that two processes had, an hour apart, told apart by their creation times; the second connects twice. */
async function reusedPid(created: Record<string, string | null>[] = [FIRST, SECOND]): Promise<string> {
  const lake = join(temporaryFolder(), 'lake');
  const [first, second] = created;
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.jsonl'), [load(0, first), load(60, second)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.jsonl'), [
    connection(1, first),
    connection(61, second),
  ]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/b.jsonl'), [connection(62, second)]);
  return lake;
}

const FIRST = { InitiatingProcessCreationTime: '2026-01-04T23:59:00Z' };
const SECOND = { InitiatingProcessCreationTime: '2026-01-05T00:59:00Z' };

test('by process, a job finds what a hunt by process finds, and each process keeps its id', async () => {
  const lake = await reusedPid();
  const first = await run(lake);
  expect(first.rows.map(({ ConnectionCount }) => ConnectionCount)).toEqual([2, 1]);
  expect(asHunted(first.rows)).toEqual(await hunted(lake, byProcess));
  expect(new Set(first.rows.map(({ FindingId }) => FindingId)).size).toBe(2);
  await writeEvents(join(lake, 'DeviceNetworkEvents/late.jsonl'), [
    connection(3, FIRST),
    connection(4, FIRST),
  ]);
  const second = await run(lake);
  expect(second.read).toBe(1);
  expect(asHunted(second.rows)).toEqual(await hunted(lake, byProcess));
  const ids = (rows: typeof first.rows) => rows.map(({ FindingId }) => FindingId).sort();
  expect(ids(second.rows)).toEqual(ids(first.rows));
  expect(second.report.findings[0]).toMatchObject({ new: 0, continuing: 2, gone: 0 });
});

test('going from PID to process reads again and says so; back reads nothing; other findings are new, none is gone', async () => {
  const lake = await reusedPid();
  const byPid = await run(lake, {});
  const there = await run(lake);
  expect(there.read).toBe(3);
  expect(there.report.notes.filter((note) => /must be read again: the slices lack /.test(note))).toHaveLength(
    2,
  );
  expect(there.report.notes.at(-1)).toMatch(/another identity makes other findings/);
  expect(there.report.findings[0]).toMatchObject({ new: 2, continuing: 0, gone: 0 });
  const back = await run(lake, {});
  expect([back.read, asHunted(back.rows)]).toEqual([0, asHunted(byPid.rows)]);
});

test.each<[string, Record<string, string | null>[], RegExp]>([
  ['neither unique id nor creation time', [{}, {}], /one PID has events with neither/],
  [
    'a DeviceId of events that matter',
    [
      { ...FIRST, DeviceId: '' },
      { ...SECOND, DeviceId: '' },
    ],
    /has its DeviceId/,
  ],
])(
  'a job by process over a lake without %s is refused, since only a hunt can tell',
  async (_, created, why) => {
    const lake = await reusedPid(created);
    await expect(run(lake)).rejects.toThrow(why);
    expect((await run(lake, {})).rows).toHaveLength(1);
  },
);

test('a lake that records no DeviceId at all has its devices by name, in a job as in a hunt', async () => {
  const lake = join(temporaryFolder(), 'lake');
  for (const [table, event] of Object.entries({
    DeviceImageLoadEvents: load(0, FIRST),
    DeviceNetworkEvents: connection(1, FIRST),
  })) {
    const { DeviceId: _, ...others } = event;
    mkdirSync(join(lake, table), { recursive: true });
    writeFileSync(
      join(lake, table, 'a.csv'),
      `${Object.keys(others).join(',')}\n${Object.values(others).join(',')}\n`,
    );
  }
  const { rows } = await run(lake);
  expect(rows).toHaveLength(1);
  expect(asHunted(rows)).toEqual(await hunted(lake, byProcess));
});
