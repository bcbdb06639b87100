import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/error.ts';
import { makeSample } from '../../src/sample/sample.ts';
import { filesOf, temporaryFolder } from './files.ts';

const SMALL = { devices: 3, days: 2, seed: 11 };

describe('makeSample', () => {
  it('gives the same bytes for the same options, and others for another seed', async () => {
    const folder = await temporaryFolder();
    await makeSample(join(folder, 'one'), SMALL);
    await makeSample(join(folder, 'two'), { ...SMALL, seed: '11' });
    await makeSample(join(folder, 'three'), { ...SMALL, seed: 12 });
    const one = await filesOf(join(folder, 'one'));
    expect(await filesOf(join(folder, 'two'))).toEqual(one);
    const three = await filesOf(join(folder, 'three'));
    expect(Object.keys(three)).toEqual(Object.keys(one));
    for (const name of Object.keys(one)) expect(three[name]!.sha256, name).not.toBe(one[name]!.sha256);
  });

  it('writes one Hive partition a day for each table, labels and a README, and sums up what it wrote', async () => {
    const folder = join(await temporaryFolder(), 'deep', 'lake');
    const summary = await makeSample(folder, { ...SMALL, start: new Date('2024-02-28T00:00:00Z') });
    const files = await filesOf(folder);
    expect(Object.keys(files)).toEqual([
      'DeviceImageLoadEvents/date=2024-02-28/part-0.parquet',
      'DeviceImageLoadEvents/date=2024-02-29/part-0.parquet',
      'DeviceNetworkEvents/date=2024-02-28/part-0.parquet',
      'DeviceNetworkEvents/date=2024-02-29/part-0.parquet',
      'README.md',
      'labels.json',
    ]);
    expect(summary).toMatchObject({
      directory: folder,
      seed: '11',
      devices: 3,
      days: 2,
      start: '2024-02-28T00:00:00Z',
      end: '2024-03-01T00:00:00Z',
      tables: {
        DeviceImageLoadEvents: {
          files: 2,
          bytes:
            files['DeviceImageLoadEvents/date=2024-02-28/part-0.parquet']!.size +
            files['DeviceImageLoadEvents/date=2024-02-29/part-0.parquet']!.size,
        },
      },
    });
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('synthetic');
    const labels = JSON.parse(await readFile(join(folder, 'labels.json'), 'utf8'));
    expect(labels).toMatchObject({ synthetic: true, seed: '11', devices: 3, days: 2 });
    expect(labels.labels.filter((label: { found: boolean }) => label.found)).toHaveLength(summary.findings);
  });

  it('replaces an earlier sample, whatever its span', async () => {
    const folder = join(await temporaryFolder(), 'lake');
    await makeSample(folder, SMALL);
    await makeSample(folder, { ...SMALL, days: 1 });
    const other = join(await temporaryFolder(), 'lake');
    await makeSample(other, { ...SMALL, days: 1 });
    expect(await filesOf(folder)).toEqual(await filesOf(other));
    expect(await readdir(join(folder, '..'))).toEqual(['lake']);
  });

  it('refuses a folder that holds anything else, and leaves it as it was', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await expect(makeSample(folder, SMALL)).rejects.toThrow(UsageError);
    await expect(makeSample(folder, SMALL)).rejects.toThrow('holds "notes.txt"');
    expect(await readdir(folder)).toEqual(['notes.txt']);
  });

  it.each([
    ['beside the sample', 'notes.txt'],
    ['among its tables', 'DeviceNetworkEvents/date=2026-01-05/part-1.parquet'],
    ['in a table of its own', 'DeviceEvents/part-0.parquet'],
  ])('refuses a sample to which somebody added a file %s', async (_, name) => {
    const folder = join(await temporaryFolder(), 'lake');
    await makeSample(folder, { ...SMALL, days: 1 });
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), 'mine');
    const before = await filesOf(folder);
    await expect(makeSample(folder, SMALL)).rejects.toThrow(UsageError);
    expect(await filesOf(folder)).toEqual(before);
  });

  it.each(['{}', '{"synthetic": false, "generator": "merganser sample"}', 'not JSON', 'null'])(
    'refuses a lake whose labels.json is %s',
    async (labels) => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'labels.json'), labels);
      await expect(makeSample(folder, SMALL)).rejects.toThrow('has no labels.json of a sample');
    },
  );

  it('refuses a file in the place of the folder', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'lake'), '');
    await expect(makeSample(join(folder, 'lake'), SMALL)).rejects.toThrow('is a file');
  });

  it('leaves nothing behind when stopped half-way, and an earlier sample as it was', async () => {
    const folder = await temporaryFolder();
    const stop = () => {
      const controller = new AbortController();
      const onProgress = (percentage: number) => {
        if (percentage > 40) controller.abort(new Error('stopped'));
      };
      return { ...SMALL, signal: controller.signal, onProgress };
    };
    await expect(makeSample(join(folder, 'lake'), stop())).rejects.toThrow('stopped');
    expect(await readdir(folder)).toEqual([]);
    await makeSample(join(folder, 'lake'), { ...SMALL, seed: 'earlier' });
    const before = await filesOf(folder);
    await expect(makeSample(join(folder, 'lake'), stop())).rejects.toThrow('stopped');
    expect(await filesOf(folder)).toEqual(before);
  });

  it('reports progress that grows to 100', async () => {
    const seen: number[] = [];
    const onProgress = (percentage: number) => seen.push(percentage);
    await makeSample(join(await temporaryFolder(), 'lake'), { ...SMALL, onProgress });
    expect(seen).toHaveLength(6);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    expect(seen.at(-1)).toBe(100);
  });

  it.each<[object, string]>([
    [{ devices: 1 }, 'devices is 1'],
    [{ devices: 2.5 }, 'devices is 2.5'],
    [{ devices: Number.NaN }, 'devices is NaN'],
    [{ devices: 50_001 }, 'devices is 50001'],
    [{ days: 0 }, 'days is 0'],
    [{ days: 3_661 }, 'days is 3661'],
    [{ start: new Date('2026-01-05T00:00:00.001Z') }, 'midnight UTC'],
    [{ start: new Date('nonsense') }, 'midnight UTC'],
    [{ start: new Date('1979-12-31T00:00:00Z') }, 'midnight UTC'],
  ])('refuses %j', async (options, message) => {
    const folder = await temporaryFolder();
    const made = makeSample(join(folder, 'lake'), { ...SMALL, ...options });
    await expect(made).rejects.toThrow(UsageError);
    await expect(made).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  });
});
