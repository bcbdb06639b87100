import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, expect, test, vi } from 'vitest';
import { parseManifest } from '../../src/hunt/batch/state/manifest.ts';
import { Lake } from '../../src/lake/lake.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { asHunted, batch, connection, hunted, oneImplant, quiet, workOf, writeEvents } from './small-lake.ts';

afterEach(() => vi.restoreAllMocks());

const FILES = 12;

/** Makes a lake's connections so many files of rows that are all kept, more of them than a row group of a slice holds. */
async function manyConnections(lake: string): Promise<void> {
  const engine = await DuckDBInstance.create(':memory:');
  const folder = join(lake, 'DeviceNetworkEvents');
  const connection = await engine.connect();
  await connection.run(`
COPY (
  SELECT
    TIMESTAMP '2026-01-05' + to_seconds(range) AS Timestamp,
    'ws-' || range % 977 AS DeviceName,
    range % 50 AS InitiatingProcessId,
    'ConnectionSuccess' AS ActionType,
    '203.0.113.' || range % 250 AS RemoteIP,
    (4444 + range % 7)::INTEGER AS RemotePort,
    'Public' AS RemoteIPType
  FROM range(150000)
) TO '${join(folder, '0.parquet')}' (FORMAT parquet)`);
  engine.closeSync();
  for (let file = 1; file < FILES; file++) cpSync(join(folder, '0.parquet'), join(folder, `${file}.parquet`));
}

/** The checksums of a work directory's slices, by the file that each was made of. */
function checksums(work: string): Map<string, string> {
  const path = join(work, 'manifest.json');
  const { slices } = parseManifest(readFileSync(path, 'utf8'), path);
  return new Map(slices.map(({ files, sha256 }) => [files[0]!.path, sha256]));
}

test('a file gives the same slice, byte for byte, whether it is read among many, each by one thread, or alone by all', async () => {
  const lake = await oneImplant(temporaryFolder());
  rmSync(join(lake, 'DeviceNetworkEvents/a.parquet'));
  await manyConnections(lake);
  const apart = vi.spyOn(Lake.prototype, 'apart');
  const many = await batch(lake);
  expect(many.report.rows.kept).toBe(FILES * 150_000 + 2);
  expect(apart).toHaveBeenCalledTimes(1);
  const among = checksums(workOf(lake));
  for (let file = 1; file < FILES; file++) rmSync(join(lake, `DeviceNetworkEvents/${file}.parquet`));
  rmSync(workOf(lake), { recursive: true });
  await batch(lake);
  expect(apart).toHaveBeenCalledTimes(1);
  const alone = checksums(workOf(lake));
  const only = join(lake, 'DeviceNetworkEvents/0.parquet');
  expect(among.get(only)).toMatch(/^[0-9a-f]{64}$/);
  expect(alone.get(only)).toBe(among.get(only));
});

test('among many files one that cannot be read is set aside, and the others give what a hunt finds in them', async () => {
  const lake = await oneImplant(temporaryFolder());
  for (let file = 0; file < FILES; file++) {
    const events = [connection(2 + file), connection(700 + file, quiet)];
    await writeEvents(join(lake, `DeviceNetworkEvents/${file}.parquet`), events);
  }
  const broken = join(lake, 'DeviceNetworkEvents/7.parquet');
  const whole = readFileSync(broken);
  writeFileSync(
    broken,
    Buffer.concat([whole.subarray(0, 4), Buffer.alloc(whole.length - 12), whole.subarray(-8)]),
  );
  const apart = vi.spyOn(Lake.prototype, 'apart');
  const { report, rows } = await batch(lake);
  expect(apart).toHaveBeenCalledTimes(1);
  expect(report.files.failed.map(({ path }) => path)).toEqual([broken]);
  expect(asHunted(rows)).toEqual(await hunted(lake));
  writeFileSync(broken, whole);
  const mended = await batch(lake);
  expect(mended.read).toBe(1);
  expect(mended.report.files.failed).toEqual([]);
  expect(asHunted(mended.rows)).toEqual(await hunted(lake));
});

test('the engine that reads apart reads the files of the lake and no others', async () => {
  const folder = temporaryFolder();
  const lake = await Lake.open(await oneImplant(folder), { threads: 2 });
  const other = join(folder, 'other.csv');
  writeFileSync(other, 'secret\n1\n');
  try {
    await lake.apart(3, (apart) =>
      apart.connected(['DeviceNetworkEvents'], {}, async (connection) => {
        const counted = await connection.run('SELECT count(*) FROM DeviceNetworkEvents');
        expect(await counted.getRows()).toEqual([[2n]]);
        await expect(connection.run(`FROM read_csv('${other}')`)).rejects.toThrow('Permission Error');
        await expect(connection.run(`COPY (SELECT 1) TO '${other}'`)).rejects.toThrow('Permission Error');
        await expect(connection.run('SET threads = 1')).rejects.toThrow('locked');
      }),
    );
  } finally {
    await lake.close();
  }
});
