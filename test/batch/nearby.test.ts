import { rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { changedZones, inZones, overlaps, widened } from '../../src/hunt/batch/correlate/zones.ts';
import { readManifest } from '../../src/hunt/batch/state/manifest.ts';
import { openLake } from '../../src/index.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import {
  asHunted,
  batch,
  connection,
  filesIn,
  hunted,
  load,
  oneImplant,
  workOf,
  writeEvents,
} from './small-lake.ts';

const nearbyOf = async (lake: string) =>
  (await readManifest(workOf(lake, 'manifest.json'))).nearby['t1573.001/symmetric-cryptography-c2']!;

test('zones are the times of slices that came or went, widened, and one where they touch', () => {
  const before = [
    ['a', '0', '10'],
    ['b', '100', '110'],
  ] as const;
  const now = [
    { name: 'b', first: '100', last: '110' },
    { name: 'c', first: '16', last: '20' },
  ];
  expect(changedZones(before, now, 3n)).toEqual([[-3n, 23n]]);
  expect(changedZones(before, now, 2n)).toEqual([
    [-2n, 12n],
    [14n, 22n],
  ]);
  expect(changedZones([], [], 5n)).toEqual([]);
});

test('a slice of unknown times, or very many pieces, is all of time', () => {
  expect(changedZones([['a', null, null]], [], 5n)).toBeUndefined();
  const many = Array.from({ length: 60 }, (_, at) => ({
    name: `${at}`,
    first: `${at * 99}`,
    last: `${at * 99}`,
  }));
  expect(changedZones([], many, 5n)).toBeUndefined();
  expect(widened([[5n, 6n]], 1n)).toEqual([[4n, 7n]]);
  expect(overlaps({ first: '7', last: '9' }, [[4n, 7n]])).toBe(true);
  expect(overlaps({ first: '8', last: '9' }, [[4n, 7n]])).toBe(false);
  expect([inZones(undefined), inZones([])]).toEqual(['true', 'false']);
});

test('another window within the rows near each other keeps them, a much wider one finds them anew', async () => {
  const lake = await oneImplant(temporaryFolder());
  const run = (window: string) =>
    batch(lake, { detections: [{ detection: 't1573.001', settings: [{ window }] }] });
  await run('15m');
  const first = await nearbyOf(lake);
  await run('45m');
  expect(await nearbyOf(lake)).toEqual(first);
  await run('3h');
  expect(BigInt((await nearbyOf(lake)).after)).toBe(12n * 3_600_000_000n);
  expect(filesIn(workOf(lake, 'nearby'))).toHaveLength(2);
});

test('of slices that serve other detections too, only its own rows are kept, and a list made looser finds more', async () => {
  const lake = await oneImplant(temporaryFolder());
  await writeEvents(join(lake, 'DeviceNetworkEvents/web.parquet'), [
    connection(2, { RemotePort: 443 }),
    connection(3, { RemotePort: 80 }),
  ]);
  const run = (ports: number[]) =>
    batch(lake, {
      detections: [
        { detection: 't1573.001', settings: [{ standard_ports: ports }] },
        't1573.001/process-genealogy',
      ],
    });
  const ports = async () => {
    const { name } = (await nearbyOf(lake)).files.DeviceNetworkEvents!;
    const kept = await openLake({ Kept: workOf(lake, name) });
    const rows = await (await kept.sql('SELECT DISTINCT RemotePort FROM Kept ORDER BY 1')).rows();
    await kept.close();
    return rows.map(({ RemotePort }) => RemotePort);
  };
  expect((await run([80, 443])).report.rows.kept).toBe(2 + 4);
  expect(await ports()).toEqual([4444]);
  const looser = await run([80]);
  expect(asHunted(looser.rows)).toEqual(await hunted(lake, { standard_ports: [80] }));
  expect(await ports()).toEqual([443, 4444]);
  const stricter = await run([80, 443, 4444]);
  expect([stricter.read, asHunted(stricter.rows)]).toEqual([0, []]);
  expect(await ports()).toEqual([443, 4444]);
});

test('a new file far in time leaves the others as they are, and pairs with what is near it', async () => {
  const lake = await oneImplant(temporaryFolder());
  await batch(lake);
  await writeEvents(join(lake, 'DeviceNetworkEvents/late.parquet'), [connection(14), connection(5000)]);
  expect(asHunted((await batch(lake)).rows)).toEqual(await hunted(lake));
  await writeEvents(join(lake, 'DeviceImageLoadEvents/late.parquet'), [load(4990)]);
  expect((await batch(lake)).rows[0]).toMatchObject({ ConnectionCount: 3 });
  rmSync(join(lake, 'DeviceImageLoadEvents/late.parquet'));
  expect(asHunted((await batch(lake)).rows)).toEqual(await hunted(lake));
});

test.each<[string, (file: string) => void, boolean]>([
  ['deleted', (file) => rmSync(file), false],
  ['cut short', (file) => truncateSync(file, 50), false],
  [
    'rotten under the same time and size',
    (file) => {
      const { size, mtimeMs } = statSync(file);
      writeFileSync(file, Buffer.alloc(size, 32));
      utimesSync(file, mtimeMs / 1000, mtimeMs / 1000);
    },
    true,
  ],
])('nearby rows that were %s are found again, and no file is read for it', async (_, harm, verify) => {
  const lake = await oneImplant(temporaryFolder());
  await batch(lake);
  const folder = workOf(lake, 'nearby');
  for (const name of filesIn(folder)) harm(join(folder, name));
  const settings = [{ window: '16m' }];
  const { rows, read } = await batch(lake, { verify, detections: [{ detection: 't1573.001', settings }] });
  expect(read).toBe(0);
  expect(asHunted(rows)).toEqual(await hunted(lake, { window: '16m' }));
});
