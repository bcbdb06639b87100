import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';

const SAMPLE = fileURLToPath(new URL('../../data/sample', import.meta.url));

/** What the generator says that the detection must answer, worked out from what it planted. */
const { labels } = JSON.parse(readFileSync(`${SAMPLE}/labels.json`, 'utf8')) as {
  labels: { id: string; expected: Record<string, string | number> | null }[];
};
const foretold = labels.map(({ expected }) => expected).filter((each) => each !== null);

const order = (one: Record<string, unknown>, other: Record<string, unknown>) =>
  Number(other.ConnectionCount) - Number(one.ConnectionCount) ||
  ['DeviceName', 'ProcessName', 'ProcessCmd', 'AccountName', 'ProcessSHA256']
    .map((key) => Buffer.compare(Buffer.from(String(one[key])), Buffer.from(String(other[key]))))
    .find((compared) => compared !== 0)!;

test('in the sample lake the hunt finds exactly what the labels foretell, in the order promised', async () => {
  await using lake = await openLake(SAMPLE);
  const found = await (await lake.hunt()).rows();
  expect(foretold.length).toBeGreaterThan(20);
  expect(found).toEqual([...foretold].sort(order));
});

test('two runs are byte-identical, whatever the threads', async () => {
  const runs: string[] = [];
  for (const threads of [1, 2, 4]) {
    await using lake = await openLake(SAMPLE, { threads });
    runs.push(JSON.stringify(await (await lake.hunt()).rows()));
  }
  expect(new Set(runs).size).toBe(1);
});

test('the evidence holds as many pairs as the findings count, each within the window', async () => {
  await using lake = await openLake(SAMPLE);
  const pairs = await (await lake.hunt('t1573.001', { variant: 'evidence' })).rows();
  const counted = foretold.reduce((sum, { ConnectionCount }) => sum + Number(ConnectionCount), 0);
  expect(pairs).toHaveLength(counted);
  const outside = pairs.filter(({ LoadTime, ConnTime }) => {
    const gap = Date.parse(String(ConnTime)) - Date.parse(String(LoadTime));
    return gap < 0 || gap > 900_000;
  });
  expect(outside).toEqual([]);
});

test('the activity of each finding adds up to its distinct connections', async () => {
  await using lake = await openLake(SAMPLE);
  const pairs = await (await lake.hunt('t1573.001', { variant: 'evidence' })).rows();
  const rows = await (await lake.hunt('t1573.001', { variant: 'activity' })).rows();
  const distinct = (process: Record<string, unknown>) => {
    const own = pairs.filter((pair) =>
      ['DeviceName', 'ProcessName', 'ProcessCmd', 'AccountName', 'ProcessSHA256'].every(
        (key) => pair[key] === process[key],
      ),
    );
    return new Set(own.map((pair) => JSON.stringify([pair.ProcessId, pair.ConnReportId, pair.ConnTime])))
      .size;
  };
  for (const row of rows) {
    const activity = row.Activity as number[];
    expect(activity).toHaveLength(24);
    expect(activity.reduce((sum, each) => sum + each, 0)).toBe(distinct(row));
  }
});

test('the stages narrow down to the pairs and processes that are found', async () => {
  await using lake = await openLake(SAMPLE);
  const stages = await (await lake.hunt('t1573.001', { variant: 'stages' })).rows();
  const counts = stages.map(({ Rows }) => Number(Rows));
  const pairs = foretold.reduce((sum, { ConnectionCount }) => sum + Number(ConnectionCount), 0);
  expect(counts.slice(5)).toEqual([pairs, foretold.length]);
  expect(counts[0]).toBeGreaterThan(counts[1]!);
  expect(counts[1]).toBeGreaterThan(counts[2]!);
  expect(counts[3]).toBeGreaterThan(counts[4]!);
});
