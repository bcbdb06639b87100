import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/error.ts';
import { openLake } from '../../src/index.ts';
import { makeScaleLake, type ScaleOptions } from '../../src/sample/scale/scale.ts';
import { checkedScale } from '../../src/sample/scale/scale-options.ts';
import { pairsOf } from '../../src/sample/scale/scale-planted.ts';
import { bytesNeeded, checkRoom } from '../../src/sample/scale/scale-room.ts';
import { MINUTE } from '../../src/sample/time.ts';
import { query } from '../lake/parquet-files.ts';
import { filesOf, temporaryFolder } from './files.ts';

const SMALL = { profile: 'office', rows: 6_000, days: 3, devices: 4, threads: 2 } as const;

async function made(options: ScaleOptions): Promise<string> {
  const folder = join(await temporaryFolder(), 'lake');
  await makeScaleLake(folder, options);
  return folder;
}

const loads = (folder: string) => `'${folder}/DeviceImageLoadEvents/*/*.parquet'`;
const connections = (folder: string) => `'${folder}/DeviceNetworkEvents/*/*.parquet'`;

async function labelsOf(folder: string) {
  return JSON.parse(await readFile(join(folder, 'labels.json'), 'utf8'));
}

describe('makeScaleLake', () => {
  it('gives the same bytes for the same options however many days it makes at once, and others for another seed', async () => {
    const one = await filesOf(await made(SMALL));
    expect(await filesOf(await made({ ...SMALL, threads: 1 }))).toEqual(one);
    const other = await filesOf(await made({ ...SMALL, seed: 2 }));
    expect(Object.keys(other)).toEqual(Object.keys(one));
    for (const name of Object.keys(one)) {
      if (name.endsWith('.parquet')) expect(other[name]!.sha256, name).not.toBe(one[name]!.sha256);
    }
  });

  it('writes as many rows as asked and 3 implants, a Hive partition a day, each with the rows of that day', async () => {
    const folder = join(await temporaryFolder(), 'lake');
    const summary = await makeScaleLake(folder, { ...SMALL, rows: 6_001 });
    expect(summary.tables.DeviceImageLoadEvents).toMatchObject({ rows: 6_001 + 3 * 2, files: 3 });
    expect(summary.tables.DeviceNetworkEvents).toMatchObject({ rows: 6_001 + 3 * 12, files: 3 });
    for (const table of [loads(folder), connections(folder)]) {
      const days = await query(
        `SELECT date::VARCHAR AS partition, min(Timestamp)::DATE::VARCHAR AS first, max(Timestamp)::DATE::VARCHAR AS last FROM ${table} GROUP BY ALL ORDER BY ALL`,
      );
      expect(days).toEqual(
        ['2025-01-01', '2025-01-02', '2025-01-03'].map((day) => ({ partition: day, first: day, last: day })),
      );
    }
  });

  it('says in the lake itself that all of it is synthetic', async () => {
    const folder = await made(SMALL);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('synthetic');
    expect(await labelsOf(folder)).toMatchObject({ synthetic: true, profile: 'office', rows: 6_000 });
  });

  it('in an office has every column that Defender documents, a watched library in 4 % of loads, an unusual port in 3 % of connections', async () => {
    const folder = await made({ profile: 'office', rows: 60_000, days: 2 });
    await using lake = await openLake(folder);
    const documented = JSON.parse(
      await readFile(new URL('../../data/advanced-hunting.json', import.meta.url), 'utf8'),
    ) as Record<string, { name: string; in: string[] }[]>;
    for (const table of ['DeviceImageLoadEvents', 'DeviceNetworkEvents']) {
      const names = (await query(`DESCRIBE FROM '${folder}/${table}/*/*.parquet'`)).map(
        (row) => row.column_name,
      );
      const expected = documented[table]!.filter((column) => column.in.includes('xdr')).map(
        ({ name }) => name,
      );
      expect(names).toEqual(expect.arrayContaining(expected));
    }
    const [library] = await query(`
      SELECT
        avg((lower(FileName) IN ('rsaenh.dll', 'bcrypt.dll', 'bcryptprimitives.dll', 'cryptsp.dll', 'ncrypt.dll'))::INT) AS crypto,
        count(DISTINCT InitiatingProcessCommandLine) AS lines,
        count(DISTINCT InitiatingProcessSHA256) AS hashes
      FROM ${loads(folder)}`);
    expect(library!.crypto).toBeGreaterThan(0.035);
    expect(library!.crypto).toBeLessThan(0.045);
    expect(Number(library!.lines)).toBeGreaterThan(1_000);
    expect(Number(library!.hashes)).toBeGreaterThan(300);
    const [port] = await query(`
      SELECT avg((RemotePort NOT IN (80, 443, 8080, 8443, 53, 22, 21, 20, 25, 587, 465, 993, 995, 110, 143, 3389))::INT) AS unusual
      FROM ${connections(folder)}`);
    expect(port!.unusual).toBeGreaterThan(0.02);
    expect(port!.unusual).toBeLessThan(0.04);
    expect((await lake.hunt()).rowCount).toBeGreaterThan(3);
  });

  it('hides what its labels say, and the hunt finds it to the last pair, in hot processes too', async () => {
    const folder = await made({ profile: 'hot', rows: 7_000, hotProcesses: 2, hotEvents: 500 });
    const { labels } = await labelsOf(folder);
    expect(labels).toHaveLength(5);
    // 500 loads at even steps, a connection after each, all within the window: 1 + 2 + … + 500 pairs.
    const hot = labels.filter((label: { category: string }) => label.category === 'hot');
    for (const { expected } of hot) expect(expected.ConnectionCount).toBe((500 * 501) / 2);
    await using lake = await openLake(folder);
    const rows = await (await lake.hunt()).rows();
    for (const { expected } of labels) expect(rows).toContainEqual(expect.objectContaining(expected));
  });

  it('turns its knobs: process ids, shares, and files that differ from month to month', async () => {
    const folder = await made({
      profile: 'year',
      rows: 9_000,
      days: 9,
      devices: 3,
      pidSpace: 5,
      cryptoShare: 0,
      unusualPortShare: 1,
      drift: true,
    });
    const [pids] = await query(
      `SELECT count(DISTINCT InitiatingProcessId) AS ids FROM ${loads(folder)} WHERE InitiatingProcessId <= 20`,
    );
    expect(Number(pids!.ids)).toBe(5);
    const [shares] = await query(`
      SELECT count(*) AS crypto FROM ${loads(folder)} WHERE lower(FileName) IN ('bcrypt.dll', 'rsaenh.dll', 'cryptsp.dll', 'ncrypt.dll')`);
    expect(Number(shares!.crypto)).toBe(3 * 2);
    const schemas = await query(`
      SELECT DISTINCT string_agg(name || ' ' || type || coalesce(' ' || logical_type, ''), ',' ORDER BY column_id) AS columns
      FROM parquet_schema(${connections(folder)}) GROUP BY file_name`);
    expect(schemas).toHaveLength(3);
    await using lake = await openLake(folder);
    const [all] = await (
      await lake.sql('SELECT count(*) AS n FROM DeviceNetworkEvents WHERE RemotePort IN (80, 443)')
    ).rows();
    expect(all).toEqual({ n: 0 });
    expect((await lake.hunt()).rowCount).toBe(3);
  });

  it('links each day into others, whose rows count and whose bytes do not', async () => {
    const folder = join(await temporaryFolder(), 'lake');
    const { tables } = await makeScaleLake(folder, { profile: 'billion', rows: 8_000, days: 8, copies: 4 });
    expect(tables.DeviceImageLoadEvents).toMatchObject({ rows: 8_000 + 4 * 3 * 2, files: 8 });
    const days = await readdir(join(folder, 'DeviceImageLoadEvents'));
    const files = await Promise.all(
      days.map((day) => stat(join(folder, 'DeviceImageLoadEvents', day, 'part-0.parquet'))),
    );
    expect(files.map(({ nlink }) => nlink)).toEqual(Array(8).fill(4));
    const { labels } = await labelsOf(folder);
    await using lake = await openLake(folder);
    const rows = await (await lake.hunt()).rows();
    for (const { expected } of labels) expect(rows).toContainEqual(expect.objectContaining(expected));
  });

  it('leaves nothing behind when stopped half-way', async () => {
    const folder = await temporaryFolder();
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('stopped'));
    const options = { ...SMALL, days: 10, signal: controller.signal, onProgress };
    await expect(makeScaleLake(join(folder, 'lake'), options)).rejects.toThrow('stopped');
    expect(await readdir(folder)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ profile: 'ofice' }, 'there is no profile "ofice"'],
    [{ rows: 0 }, 'rows is 0'],
    [{ rows: 2.5 }, 'rows is 2.5'],
    [{ days: 0 }, 'days is 0'],
    [{ cryptoShare: 1.5 }, 'cryptoShare is 1.5'],
    [{ pidSpace: Number.NaN }, 'pidSpace is NaN'],
    [{ start: new Date('2025-01-01T00:00:01Z') }, 'midnight UTC'],
  ])('refuses %j', async (options, message) => {
    const folder = await temporaryFolder();
    const making = makeScaleLake(join(folder, 'lake'), { ...SMALL, ...options } as ScaleOptions);
    await expect(making).rejects.toThrow(UsageError);
    await expect(making).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('room on the disk', () => {
  it('is refused before anything is written, with the size that the lake needs', async ({ skip }) => {
    const { bavail, bsize } = await statfs(tmpdir());
    skip(bavail * bsize > 1e12, 'this disk has room for 10^10 rows');
    const folder = await temporaryFolder();
    const making = makeScaleLake(join(folder, 'lake'), { profile: 'office', rows: 1e10 });
    await expect(making).rejects.toThrow(UsageError);
    await expect(making).rejects.toThrow(/10,000,000,000 rows a table of profile office need 11\d\d\.\d GB/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is enough at the very byte', () => {
    const scope = checkedScale({ profile: 'year' });
    const needed = bytesNeeded(scope);
    expect(() => checkRoom('d', scope, needed)).not.toThrow();
    expect(() => checkRoom('d', scope, needed - 1)).toThrow(
      /need \d+\.\d GB, and the disk of "d" has \d+\.\d GB free/,
    );
  });

  it.each<ScaleOptions>([
    { profile: 'office', rows: 60_000, days: 2 },
    { profile: 'office', rows: 60_000, days: 2, compression: 'zstd' },
    { profile: 'year', rows: 20_000, days: 40 },
    { profile: 'hot', rows: 20_000, hotEvents: 2_000 },
    { profile: 'billion', rows: 60_000, days: 4, copies: 2 },
  ])('is asked for generously, but not absurdly: %j', async (options) => {
    const folder = join(await temporaryFolder(), 'lake');
    const { tables } = await makeScaleLake(folder, options);
    const bytes = tables.DeviceImageLoadEvents.bytes + tables.DeviceNetworkEvents.bytes;
    expect(bytesNeeded(checkedScale(options))).toBeGreaterThan(bytes);
    expect(bytesNeeded(checkedScale(options))).toBeLessThan(4 * bytes);
  });
});

describe('pairsOf', () => {
  it('counts what a nested loop counts', () => {
    const steps = fc.record({
      first: fc.integer({ min: 0, max: 40 * MINUTE }),
      every: fc.integer({ min: 1, max: 5 * MINUTE }),
      count: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(steps, steps, (loadSteps, connectionSteps) => {
        const times = ({ first, every, count }: typeof loadSteps) =>
          Array.from({ length: count }, (_, n) => first + n * every);
        let expected = 0;
        for (const load of times(loadSteps)) {
          for (const connection of times(connectionSteps)) {
            if (connection >= load && connection <= load + 15 * MINUTE) expected += 1;
          }
        }
        expect(pairsOf({ loads: loadSteps, connections: connectionSteps })).toBe(expected);
      }),
    );
  });
});
