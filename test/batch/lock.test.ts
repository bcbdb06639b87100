import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHolder, takeLock } from '../../src/hunt/batch/state/lock.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { batch, oneImplant } from './small-lake.ts';

const DEAD = 2 ** 22 + 1;

function leave(folder: string, changes: Record<string, unknown>): void {
  const holder = { pid: DEAD, host: hostname(), began: null, since: '2026-01-01T00:00:00Z', ...changes };
  writeFileSync(join(folder, 'lock.1'), JSON.stringify(holder));
}

test('of two batches at once on one work directory one runs, the other says who holds the lock', async () => {
  const lake = await oneImplant(temporaryFolder());
  const both = await Promise.allSettled([batch(lake), batch(lake)]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = both.find((each) => each.status === 'rejected')!;
  expect(refused.reason.message).toContain(`is in use by process ${process.pid} on ${hostname()} since 20`);
  expect((await batch(lake)).read).toBe(0);
});

test('of many who take a lock at once at most one gets it, and afterwards it is free', async () => {
  const folder = temporaryFolder();
  leave(folder, {});
  const taken = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(folder)));
  const got = taken.filter((each) => each.status === 'fulfilled');
  expect(got.length).toBeLessThanOrEqual(1);
  for (const each of got) await each.value.release();
  await (await takeLock(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each<[string, Record<string, unknown>]>([
  ['whose process is dead', {}],
  ['whose process number now belongs to another process', { pid: process.pid, began: 'another boot 12345' }],
])('a lock %s holds nobody up', async (_, changes) => {
  const folder = temporaryFolder();
  leave(folder, changes);
  expect(await lockHolder(folder)).toBeUndefined();
  await (await takeLock(folder)).release();
});

test('a lock that was cut off while it was written holds nobody up', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'lock.1'), '{"pid":');
  await (await takeLock(folder)).release();
});

test('a lock that a process died over is gone once the next one holds its own', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'lock.1.bbb254f0f16c.partial'), '{"pid":1');
  const lock = await takeLock(folder);
  expect(readdirSync(folder)).toEqual(['lock.1']);
  await lock.release();
});

test('a lock of another machine is respected, and the way out named', async () => {
  const folder = join(temporaryFolder(), 'work');
  mkdirSync(folder);
  leave(folder, { host: 'elsewhere' });
  await expect(takeLock(folder)).rejects.toMatchObject({
    message: expect.stringContaining(`process ${DEAD} on elsewhere since 2026-01-01T00:00:00Z`),
    hint: expect.stringContaining('delete'),
  });
});
