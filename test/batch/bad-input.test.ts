import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifestText, parseManifest } from '../../src/hunt/batch/state/manifest.ts';
import type { BatchJob } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  asHunted,
  batch,
  connection,
  filesIn,
  hunted,
  load,
  oneImplant,
  quiet,
  workOf,
  writeEvents,
} from './small-lake.ts';

describe('files of the lake', () => {
  test('a corrupt file is reported and tried again next run, and the rest goes on', async () => {
    const lake = await oneImplant(temporaryFolder());
    const bad = join(lake, 'DeviceNetworkEvents/bad.parquet');
    writeFileSync(bad, 'PAR1 and then nothing of the kind PAR1');
    const first = await batch(lake);
    expect(first.report.files).toMatchObject({ read: 2, failed: [{ path: bad }] });
    expect((await batch(lake)).report.files).toMatchObject({ read: 0, reused: 2, failed: [{ path: bad }] });
    rmSync(bad);
    expect(asHunted(first.rows)).toEqual(await hunted(lake));
    await writeEvents(bad, [connection(2)]);
    const mended = await batch(lake);
    expect(mended.report.files).toMatchObject({ read: 1, failed: [] });
    expect(asHunted(mended.rows)).toEqual(await hunted(lake));
  });

  test('a bad line of JSON makes its whole file count for nothing', async () => {
    const lake = await oneImplant(temporaryFolder());
    const bad = join(lake, 'DeviceNetworkEvents/bad.jsonl');
    await writeEvents(bad, [connection(2), connection(3)]);
    appendFileSync(bad, '{"Timestamp": "2026-01-05T00:04:00Z", "DeviceName": \n');
    const { report, rows } = await batch(lake);
    expect(report.files.failed.map(({ path }) => path)).toEqual([bad]);
    expect(rows[0]).toMatchObject({ ConnectionCount: 1 });
  });

  test('with strict the first corrupt file stops the run, which loses nothing that was read', async () => {
    const lake = await oneImplant(temporaryFolder());
    writeFileSync(join(lake, 'DeviceNetworkEvents/bad.parquet'), '');
    await expect(batch(lake, { strict: true })).rejects.toThrow(/cannot read .*bad\.parquet/);
    rmSync(join(lake, 'DeviceNetworkEvents/bad.parquet'));
    expect((await batch(lake)).report.files.reused).toBeGreaterThan(0);
  });

  test('a file that disappears between listing and reading is gone, which is no failure', async () => {
    const lake = await oneImplant(temporaryFolder());
    const fleeting = join(lake, 'DeviceNetworkEvents/z.jsonl');
    await writeEvents(fleeting, [connection(2)]);
    const { report, rows } = await batch(
      lake,
      {},
      { onEvent: ({ event }) => event === 'plan' && rmSync(fleeting) },
    );
    expect(report.files).toMatchObject({ failed: [], vanished: 1, read: 2 });
    expect(asHunted(rows)).toEqual(await hunted(lake));
  });

  test('a file that is replaced while others are read counts as what it then is', async () => {
    const lake = await oneImplant(temporaryFolder());
    const replaced = join(lake, 'DeviceNetworkEvents/z.jsonl');
    await writeEvents(replaced, [connection(2)]);
    const line = readFileSync(replaced, 'utf8').replace('4444', '5555');
    let done = false;
    const { rows } = await batch(
      lake,
      {},
      {
        onProgress: () => {
          if (!done) writeFileSync(replaced, line);
          done = true;
        },
      },
    );
    expect(rows[0]!.RemotePorts).toEqual([4444, 5555]);
    expect((await batch(lake)).read).toBe(0);
  });

  test('a lake without a file is a successful run with nothing found, and a warning', async () => {
    const lake = join(temporaryFolder(), 'lake');
    mkdirSync(lake);
    const { report, rows } = await batch(lake);
    expect(rows).toEqual([]);
    expect(report.files).toMatchObject({ listed: 0, read: 0, failed: [] });
    expect(report.notes).toHaveLength(2);
  });
});

test('a table whose name is misspelt in the lake is named beside the one that is missed', async () => {
  const lake = await oneImplant(temporaryFolder());
  const tables = {
    DeviceImageLoadEvents: join(lake, 'DeviceImageLoadEvents/*'),
    DeviceNetworkEvent: join(lake, 'DeviceNetworkEvents/*'),
  };
  const { report } = await batch(lake, { lake: tables });
  expect(report.notes).toEqual([
    'no files for DeviceNetworkEvents: t1573.001/symmetric-cryptography-c2 has nothing to find; the lake has DeviceNetworkEvent',
  ]);
});

describe('the work directory', () => {
  const manifestOf = (lake: string) => workOf(lake, 'manifest.json');

  test('a manifest of a newer version is refused, and nothing is touched', async () => {
    const lake = await oneImplant(temporaryFolder());
    await batch(lake);
    const before = filesIn(workOf(lake));
    writeFileSync(manifestOf(lake), manifestText({ slices: 'as nobody knows them' }, 7));
    await expect(batch(lake)).rejects.toThrow(/newer version of merganser \(layout 7\)/);
    expect(filesIn(workOf(lake))).toEqual(before);
  });

  test('an older manifest is brought through every layout to the present one', () => {
    const migrations = {
      1: (content: unknown) => ({ ...(content as object), second: true }),
      2: (content: unknown) => ({ ...(content as object), third: true }),
    };
    const old = manifestText({ slices: [] }, 1);
    expect(parseManifest(old, 'manifest.json', 3, migrations)).toEqual({
      slices: [],
      second: true,
      third: true,
    });
  });

  test.each(['', '{', '{"version":1}', '[]', 'null'])('a manifest that says %j is damaged', (text) => {
    expect(() => parseManifest(text, 'manifest.json')).toThrow(/is damaged/);
  });

  test('a damaged manifest is refused, with what to do, which helps', async () => {
    const lake = await oneImplant(temporaryFolder());
    await batch(lake);
    writeFileSync(manifestOf(lake), '');
    await expect(batch(lake)).rejects.toMatchObject({
      hint: expect.stringContaining('delete it to start afresh'),
    });
    rmSync(manifestOf(lake));
    expect(asHunted((await batch(lake)).rows)).toEqual(await hunted(lake));
  });

  test('a manifest with one letter changed is damaged', async () => {
    const lake = await oneImplant(temporaryFolder());
    await batch(lake);
    writeFileSync(
      manifestOf(lake),
      readFileSync(manifestOf(lake), 'utf8').replace('"rowsKept":2', '"rowsKept":3'),
    );
    await expect(batch(lake)).rejects.toThrow(/damaged/);
  });

  test.each<[string, (slice: string) => void]>([
    ['truncated', (slice) => truncateSync(slice, 100)],
    ['edited', (slice) => writeFileSync(slice, readFileSync(slice).fill(0x20, 40, 60))],
    ['deleted', (slice) => rmSync(slice)],
  ])('a slice that was %s is made again from its file', async (_, harm) => {
    const lake = await oneImplant(temporaryFolder());
    await batch(lake);
    const slices = workOf(lake, 'slices');
    harm(join(slices, filesIn(slices)[0]!));
    const { report, rows } = await batch(lake);
    expect(report.files.read).toBe(1);
    expect(asHunted(rows)).toEqual(await hunted(lake));
  });

  test('bytes that rotted under the same time and size are found when asked for', async () => {
    const lake = await oneImplant(temporaryFolder());
    await batch(lake);
    const slices = workOf(lake, 'slices');
    const slice = join(slices, filesIn(slices)[0]!);
    const { mtimeMs } = (await import('node:fs')).statSync(slice);
    const recorded = readFileSync(manifestOf(lake), 'utf8').match(/"modified":"(\d+)"/g);
    writeFileSync(slice, readFileSync(slice).fill(0x20, 40, 60));
    utimesSync(slice, mtimeMs / 1000, mtimeMs / 1000);
    expect(recorded).not.toBeNull();
    expect((await batch(lake, { verify: true })).report.files.read).toBe(1);
  });

  test('a folder that holds other things is not taken for a work directory', async () => {
    const lake = await oneImplant(temporaryFolder());
    mkdirSync(workOf(lake));
    writeFileSync(workOf(lake, 'thesis.txt'), 'years of work');
    await expect(batch(lake)).rejects.toThrow(/not empty and not a work directory: it has thesis\.txt/);
  });

  test('it does not lie in the lake, unless where the lake does not look', async () => {
    const lake = await oneImplant(temporaryFolder());
    await expect(batch(lake, { work: join(lake, 'work') })).rejects.toThrow(/lies in the lake/);
    expect((await batch(lake, { work: join(lake, '.work') })).read).toBe(2);
    expect((await batch(lake, { work: join(lake, '.work') })).read).toBe(0);
  });

  test('it does not lie in the lake behind a link, of the lake or of its own', async () => {
    const folder = temporaryFolder();
    const lake = await oneImplant(folder);
    symlinkSync(lake, join(folder, 'link'));
    symlinkSync(join(lake, '_kept'), join(lake, 'work'));
    const refused = /lies in the lake/;
    await expect(batch(join(folder, 'link'), { work: join(lake, 'made/work') })).rejects.toThrow(refused);
    await expect(batch(lake, { work: join(folder, 'link/made/work') })).rejects.toThrow(refused);
    await expect(batch(lake, { work: join(lake, 'work') })).rejects.toThrow(refused);
    expect(existsSync(join(lake, 'made'))).toBe(false);
  });

  test.each(['work directory', 'output folder'])('patterns that lead to its %s are refused', async (what) => {
    const folder = temporaryFolder();
    const path = await oneImplant(join(folder, 'site'));
    const lake = Object.fromEntries(
      ['DeviceImageLoadEvents', 'DeviceNetworkEvents'].map((table) => [
        table,
        `${folder}/**/${table}/*.parquet`,
      ]),
    );
    const found = join(folder, 'current', 'DeviceNetworkEvents', 'old.parquet');
    const places: Partial<BatchJob> =
      what === 'work directory'
        ? { lake, work: join(folder, 'work') }
        : { lake, work: temporaryFolder(), output: { folder, format: 'jsonl' } };
    const first = await batch(path, places);
    expect(first.report.findings[0]).toMatchObject({ total: 2 });
    if (what === 'output folder') {
      mkdirSync(join(found, '..'), { recursive: true });
      copyFileSync(join(path, 'DeviceNetworkEvents', 'a.parquet'), found);
    }
    await expect(batch(path, places)).rejects.toThrow(
      new RegExp(`\\.parquet of the lake's Device\\w+ lies in the ${what} ${folder}`),
    );
  });

  test('what a dead run left is removed: slices, spilled data, findings of a run that never ended', async () => {
    const folder = temporaryFolder();
    const lake = await oneImplant(folder);
    await batch(lake);
    const before = filesIn(join(folder, 'work')).filter((name) => !name.startsWith('findings/runs'));
    for (const left of [
      'slices/DeviceNetworkEvents/.x.parquet.partial',
      'slices/y.parquet',
      'results/z.parquet',
      'temp/spill/a',
    ]) {
      mkdirSync(join(folder, 'work', left, '..'), { recursive: true });
      writeFileSync(join(folder, 'work', left), 'left behind');
    }
    await batch(lake);
    expect(filesIn(join(folder, 'work')).filter((name) => !name.startsWith('findings/runs'))).toEqual(before);
  });
});

test('a clock that goes back does not make a run older than the one before', async () => {
  const lake = await oneImplant(temporaryFolder());
  const at = (day: number) => ({ now: () => new Date(Date.UTC(2026, 0, day)) });
  const first = await batch(lake, {}, at(10));
  const second = await batch(lake, {}, at(3));
  expect(first.report.run).toBe('2026-01-10T000000.000Z');
  expect(second.report.run).toBe('2026-01-10T000000.001Z');
  expect(second.report.notes).toEqual(['the clock went back: this run is called 2026-01-10T000000.001Z']);
});

test('the event times of all slices may lie in the future of the clock', async () => {
  const lake = join(temporaryFolder(), 'lake');
  await writeEvents(join(lake, 'DeviceImageLoadEvents/a.jsonl'), [load(0), load(9, quiet)]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/a.jsonl'), [connection(1)]);
  const { rows } = await batch(lake, {}, { now: () => new Date(Date.UTC(2020, 0, 1)) });
  expect(asHunted(rows)).toEqual(await hunted(lake));
});

describe('detections of a job', () => {
  test('one that is named by its name alone is the one that is named with it', async () => {
    const lake = await oneImplant(temporaryFolder());
    const { rows } = await batch(lake, { detections: ['t1573.001'] });
    expect(asHunted(rows)).toEqual(await hunted(lake));
  });

  test('one without a name is refused in words', async () => {
    const lake = await oneImplant(temporaryFolder());
    const detections = [{ name: 'mine' } as never];
    await expect(batch(lake, { detections })).rejects.toThrow('a detection of the job has no name');
  });
});
