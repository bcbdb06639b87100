import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { enableRemote, isRemote, remoteStats } from '../../src/lake/find/remote.ts';
import { temporaryFolder } from './parquet-files.ts';

const BUCKET = { DeviceNetworkEvents: 's3://bucket/net/*.parquet' };

/** An engine that has only the extensions in `has`, and writes down what it is asked. */
function engine(has: readonly string[]) {
  const asked: string[] = [];
  const run = async (sql: string) => {
    asked.push(sql);
    if (!has.some((extension) => sql === `LOAD ${extension}`))
      throw new Error('IO Error: not found\nand more');
    return undefined as never;
  };
  return { run, asked };
}

test.each([
  's3://b/x',
  'https://h/x.parquet',
  'abfss://c@a.dfs.core.windows.net/x',
  'azure://c/x',
  'gs://b/x',
])('%s lies on the network', (path) => expect(isRemote(path)).toBe(true));

test.each(['/data/s3:/x', 'C:\\lake', 'lake/x.parquet', 'file.s3://'])('%s does not', (path) =>
  expect(isRemote(path)).toBe(false),
);

test('nothing on the network is read unasked', async () => {
  await expect(openLake(BUCKET)).rejects.toMatchObject({
    message: 's3://bucket/net/*.parquet lies on the network, and nothing is read from there unasked',
    hint: 'allow it with --remote',
  });
});

test('a local lake asks the engine for no extension, allowed or not', async () => {
  const { run, asked } = engine([]);
  await enableRemote({ run }, 'lake/', true);
  await enableRemote({ run }, { DeviceNetworkEvents: ['a.parquet', 'b/*.parquet'] }, true);
  expect(asked).toEqual([]);
});

test('each kind of address loads its extension, which is installed only where it is not there', async () => {
  const both = engine(['httpfs', 'azure']);
  await enableRemote(both, { A: ['s3://b/x', 'https://h/y'], B: 'azure://c/z' }, true);
  expect(both.asked).toEqual(['LOAD httpfs', 'LOAD azure']);
});

test('an extension that cannot be loaded is named, with what to do', async () => {
  await expect(enableRemote(engine([]), BUCKET, true)).rejects.toMatchObject({
    message: "the engine's extension httpfs cannot be loaded: IO Error: not found",
    hint: expect.stringContaining('INSTALL httpfs'),
  });
});

test('a folder on the network is refused with the table to write instead', async () => {
  await expect(enableRemote(engine(['httpfs']), 's3://bucket/lake/', true)).rejects.toMatchObject({
    hint: 'for example --table DeviceNetworkEvents=s3://bucket/lake/DeviceNetworkEvents/**/*.parquet',
  });
});

test('size and time of change come from the engine, without reading the file', async () => {
  const path = join(temporaryFolder(), 'x.bin');
  writeFileSync(path, 'twelve bytes');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const [found] = await remoteStats(connection, [path]);
  expect(found).toMatchObject({ path, size: 12 });
  expect(BigInt(found!.modified) / 1_000_000_000n).toBe(BigInt(Math.floor(statSync(path).mtimeMs / 1000)));
});
