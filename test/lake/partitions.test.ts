import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type LakeOptions, openLake, UsageError } from '../../src/index.ts';
import { networkEvent, temporaryFolder, writeFile } from './parquet-files.ts';

/** A lake of DeviceNetworkEvents: what each file's path below the table is, and what its one row differs in. */
async function lakeOf(files: Record<string, Record<string, string>>): Promise<string> {
  const folder = temporaryFolder();
  for (const [path, changes] of Object.entries(files)) {
    const format = path.endsWith('.csv') ? 'csv' : 'parquet';
    await writeFile(join(folder, 'DeviceNetworkEvents', path), networkEvent(changes), `FORMAT ${format}`);
  }
  return folder;
}

async function rows(
  folder: string,
  columns: string,
  options: LakeOptions = {},
  bounds = {},
): Promise<unknown[][]> {
  await using lake = await openLake(folder, options);
  const hits = await lake.sql(`SELECT ${columns} FROM DeviceNetworkEvents ORDER BY ALL`, undefined, bounds);
  return (await hits.rows()).map((row) => Object.values(row));
}

describe('a Hive key', () => {
  test('is a column, of text, as it stands in the path', async () => {
    const folder = await lakeOf({
      'date=2026-01-05/hour=03/a.parquet': {},
      'date=2026-01-06/hour=04/a.parquet': {},
    });
    expect(await rows(folder, 'date, hour')).toEqual([
      ['2026-01-05', '03'],
      ['2026-01-06', '04'],
    ]);
  });

  test('may hold anything', async () => {
    const folder = await lakeOf({ "k=it's;--/a.parquet": {}, 'k=a b/a.parquet': {} });
    expect(await rows(folder, 'k')).toEqual([['a b'], ["it's;--"]]);
  });

  test('that only some files have is empty for the others', async () => {
    const folder = await lakeOf({ 'k=a/a.parquet': {}, 'b.parquet': {}, 'k=b/j=c/b.parquet': {} });
    expect(await rows(folder, 'k, j')).toEqual([
      ['', ''],
      ['a', ''],
      ['b', 'c'],
    ]);
  });

  test('never replaces a column that the file has', async () => {
    const folder = await lakeOf({ 'DeviceName=other/a.parquet': {}, 'remoteport=1/a.parquet': {} });
    expect(await rows(folder, 'DeviceName, RemotePort')).toEqual([
      ['ws-1', 4444],
      ['ws-1', 4444],
    ]);
  });

  test('stands in for a column that the file lacks, also a required one', async () => {
    const folder = await lakeOf({ 'ActionType=ConnectionFailed/a.parquet': { ActionType: '' } });
    expect(await rows(folder, 'ActionType')).toEqual([['ConnectionFailed']]);
  });

  test('above the folder of the lake is none of its keys, and replaces no column either', async () => {
    const folder = join(await lakeOf({}), 'DeviceName=other', 'date=1999-01-01', 'lake');
    await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), networkEvent());
    await writeFile(join(folder, 'DeviceNetworkEvents', 'hour=1', 'a.parquet'), networkEvent());
    expect(await rows(folder, 'DeviceName')).toEqual([['ws-1'], ['ws-1']]);
    await expect(rows(folder, 'date')).rejects.toThrow('Referenced column "date" not found');
  });

  test('that a path repeats, as Azure writes m= for month and minute, is not read, and the others are', async () => {
    const folder = await lakeOf({ 'y=2026/m=01/d=05/h=03/m=10/a.parquet': {} });
    expect(await rows(folder, 'DeviceName, y, d, h')).toEqual([['ws-1', '2026', '05', '03']]);
    await expect(rows(folder, 'm')).rejects.toThrow('Referenced column "m" not found');
  });

  test('that the file has too leaves the other keys', async () => {
    const folder = await lakeOf({
      "DeviceName=other/region=e%20u's/a.parquet": {},
      'DeviceName=other/region=__HIVE_DEFAULT_PARTITION__/b.parquet': {},
      'region=us/c.parquet': {},
    });
    expect(await rows(folder, 'DeviceName, region')).toEqual([
      ['ws-1', ''],
      ['ws-1', "e u's"],
      ['ws-1', 'us'],
    ]);
  });

  test('stands in for a number that the file lacks, as Spark leaves one out', async () => {
    const folder = await lakeOf({
      'RemotePort=8443/a.parquet': { RemotePort: '' },
      'b.parquet': { RemotePort: '4444' },
    });
    expect(await rows(folder, 'RemotePort')).toEqual([[4444], [8443]]);
    const http = await lakeOf({ 'RemotePort=http/a.parquet': { RemotePort: '' } });
    await expect(rows(http, 'RemotePort')).rejects.toThrow("column RemotePort holds 'http'");
  });

  test('is none in a folder with two signs', async () => {
    const folder = await lakeOf({ 'k=a=b/a.parquet': {} });
    expect(await rows(folder, 'DeviceName')).toEqual([['ws-1']]);
    await expect(rows(folder, 'k')).rejects.toThrow('Referenced column "k" not found');
  });
});

describe('a Hive key of CSV', () => {
  test('is a column as that of Parquet is, beside it and alone', async () => {
    const files = {
      'region=eu/a.csv': {},
      "region=e%20u's/b.csv": {},
      'region=us/hour=03/c.csv': {},
      'd.csv': {},
      'region=__HIVE_DEFAULT_PARTITION__/e.csv': {},
    };
    const found = [
      ['', ''],
      ['', ''],
      ["e u's", ''],
      ['eu', ''],
      ['us', '03'],
    ];
    expect(await rows(await lakeOf(files), 'region, hour')).toEqual(found);
    const both = await lakeOf({ ...files, 'region=za/f.parquet': {} });
    expect(await rows(both, 'region, hour')).toEqual([...found, ['za', '']]);
  });

  test('never replaces a column, is not one twice, nor one above the lake; it stands in for one that the file lacks', async () => {
    const folder = await lakeOf({ 'DeviceName=other/remoteport=1/m=1/m=2/k=a/a.csv': {} });
    expect(await rows(folder, 'DeviceName, RemotePort, k')).toEqual([['ws-1', 4444, 'a']]);
    await expect(rows(folder, 'm')).rejects.toThrow('Referenced column "m" not found');
    const above = join(await lakeOf({}), 'k=z', 'lake');
    await writeFile(join(above, 'DeviceNetworkEvents', 'a.csv'), networkEvent(), 'FORMAT csv');
    await writeFile(join(above, 'DeviceNetworkEvents', 'j=1', 'a.csv'), networkEvent(), 'FORMAT csv');
    expect(await rows(above, 'j')).toEqual([[''], ['1']]);
    await expect(rows(above, 'k')).rejects.toThrow('Referenced column "k" not found');
    const lacking = await lakeOf({ 'RemotePort=8443/a.csv': { RemotePort: '' } });
    expect(await rows(lacking, 'RemotePort')).toEqual([[8443]]);
  });

  test('prunes only where it is said to be the date', async () => {
    const folder = await lakeOf({
      'date=2026-01-04/a.csv': { Timestamp: "TIMESTAMP '2026-01-05 12:30:00'" },
      'date=2026-01-05/b.csv': { Timestamp: "TIMESTAMP '2026-01-05 12:45:00'" },
    });
    const bounds = { since: '2026-01-05', until: '2026-01-06' };
    expect(await rows(folder, 'date', {}, bounds)).toEqual([['2026-01-04'], ['2026-01-05']]);
    expect(await rows(folder, 'date', { partitionDate: 'date' }, bounds)).toEqual([['2026-01-05']]);
  });
});

describe('time bounds and partitions', () => {
  /** Two events of the 5th, one of which arrived on the 6th, and one of the 7th. */
  const late = () =>
    lakeOf({
      'date=2026-01-05/a.parquet': { Timestamp: "TIMESTAMP '2026-01-05 12:00:00'" },
      'date=2026-01-06/a.parquet': { Timestamp: "TIMESTAMP '2026-01-05 23:59:59.999999'" },
      'date=2026-01-07/a.parquet': { Timestamp: "TIMESTAMP '2026-01-07 00:00:00'" },
    });
  const the5th = { since: '2026-01-05', until: '2026-01-06' };

  test('rows that arrived late, in a later partition, are not lost', async () => {
    expect(await rows(await late(), 'date', {}, the5th)).toEqual([['2026-01-05'], ['2026-01-06']]);
  });

  test('a partition is left out by its date only when the user says that it is the events’ own', async () => {
    const bounds = { since: '2026-01-05T12:00:00Z', until: '2026-01-05T13:00:00Z' };
    const folder = await lakeOf({
      'date=2026-01-04/a.parquet': { Timestamp: "TIMESTAMP '2026-01-05 12:30:00'" },
      'date=2026-01-05/a.parquet': { Timestamp: "TIMESTAMP '2026-01-05 12:30:00'" },
      'DATE=2026-01-05/b.parquet': { Timestamp: "TIMESTAMP '2026-01-05 12:45:00'" },
      'c.parquet': { Timestamp: "TIMESTAMP '2026-01-05 12:50:00'" },
    });
    expect(await rows(folder, 'Timestamp', {}, bounds)).toHaveLength(4);
    expect(await rows(folder, 'Timestamp', { partitionDate: 'date' }, bounds)).toEqual([
      ['2026-01-05T12:30:00Z'],
      ['2026-01-05T12:45:00Z'],
      ['2026-01-05T12:50:00Z'],
    ]);
  });

  test('bounds beyond what nanoseconds can tell hold for every row', async () => {
    const folder = await lakeOf({
      'a.parquet': { Timestamp: "TIMESTAMP_NS '2026-01-05 12:30:00.000000001'" },
    });
    const found = [['2026-01-05T12:30:00Z']];
    expect(await rows(folder, 'Timestamp', {}, { until: '9999-12-31' })).toEqual(found);
    expect(await rows(folder, 'Timestamp', {}, { since: '1601-01-01', until: '2300-01-01' })).toEqual(found);
    expect(await rows(folder, 'Timestamp', {}, { since: '2300-01-01' })).toEqual([]);
    expect(await rows(folder, 'Timestamp', {}, { until: '1601-01-01' })).toEqual([]);
  });

  test('the days of both bounds are kept, and open ends', async () => {
    const folder = await lakeOf(
      Object.fromEntries(
        ['04', '05', '06', '07'].map((day) => [
          `date=2026-01-${day}/a.parquet`,
          { Timestamp: `TIMESTAMP '2026-01-${day} 00:00:00'` },
        ]),
      ),
    );
    const days = async (bounds: object) =>
      (await rows(folder, 'date', { partitionDate: 'date' }, bounds)).flat();
    expect(await days({ since: '2026-01-05', until: '2026-01-06T00:00:00.000001Z' })).toEqual([
      '2026-01-05',
      '2026-01-06',
    ]);
    expect(await days({ since: '2026-01-06' })).toEqual(['2026-01-06', '2026-01-07']);
    expect(await days({ until: '2026-01-05' })).toEqual(['2026-01-04']);
    expect(await days({})).toHaveLength(4);
  });

  test.each(['20260105', '2026-1-5', '2026-02-30', '__HIVE_DEFAULT_PARTITION__', 'x', ''])(
    'a date of %j is no date: rows under it would be lost',
    async (value) => {
      const folder = await lakeOf({ [`date=${value}/a.parquet`]: {}, 'date=2026-01-05/a.parquet': {} });
      const opened = openLake(folder, { partitionDate: 'date' });
      await expect(opened).rejects.toThrow(
        `--partition-date date: '${value}' is not a date, in ${folder}/DeviceNetworkEvents/date=${value}/a.parquet`,
      );
      await expect(opened).rejects.toThrow(UsageError);
      expect(await rows(folder, 'DeviceName', {}, the5th)).toHaveLength(2);
    },
  );

  test('a key that no path has is a mistake, not a wish', async () => {
    await expect(openLake(await late(), { partitionDate: 'day' })).rejects.toMatchObject({
      message: '--partition-date day: no file lies in a folder named day=…',
      hint: 'the keys are date',
    });
  });

  test('a column of that name in the files prunes nothing', async () => {
    const folder = await lakeOf({ 'date=2026-01-09/a.parquet': { date: "'no date'" } });
    expect(await rows(folder, 'date', { partitionDate: 'date' }, the5th)).toEqual([['no date']]);
  });
});
