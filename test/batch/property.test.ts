import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { connection, instant, load, quiet, writeEvents } from './small-lake.ts';
import { BY_PID, BY_PROCESS, type World } from './steps.ts';
import { take } from './take-step.ts';

const POWERSHELL = {
  InitiatingProcessFileName: 'powershell.exe',
  InitiatingProcessCreationTime: instant(-1),
};

/** A lake with a file of each table that stays: without one a hunt has nothing to say. */
async function begin(): Promise<string> {
  const lake = join(temporaryFolder(), 'lake');
  const created = { InitiatingProcessCreationTime: instant(-1) };
  await writeEvents(join(lake, 'DeviceImageLoadEvents/stays.parquet'), [
    load(0, created),
    load(0, { ...quiet, ...created }),
  ]);
  await writeEvents(join(lake, 'DeviceNetworkEvents/stays.parquet'), [
    connection(0, { ...quiet, ...created }),
    connection(39, created),
    // Of unknown descent, until its creation comes in.
    connection(20, { ...POWERSHELL, InitiatingProcessId: 'powershell.exe'.length }),
  ]);
  return lake;
}

/** Takes steps at random, and a last run; gives how many findings were compared. */
async function walk({ step, settings }: World, numRuns: number): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 12 }), settings, async (steps, last) => {
      const lake = await begin();
      for (const each of steps) await take(lake, each, found);
      await take(lake, { kind: 'run', settings: last, dedupe: false, evidence: true }, found);
    }),
    {
      numRuns: Number(process.env.MERGANSER_PROPERTY_RUNS ?? numRuns),
      seed: Number(process.env.MERGANSER_PROPERTY_SEED ?? 1573),
    },
  );
  return found;
}

test('whatever is added, changed, deleted, killed and retuned, a run finds what a fresh hunt finds', async () => {
  const found = await walk(BY_PID, 5);
  expect(Object.keys(found)).toHaveLength(3);
  for (const [name, count] of Object.entries(found)) expect(count, name).toBeGreaterThan(5);
}, 3_600_000);

test('so it does by process, where slices can tell processes apart', async () => {
  const found = await walk(BY_PROCESS, 3);
  for (const name of ['symmetric-cryptography-c2 by process', 'combined-ranking'])
    expect(found[name], name).toBeGreaterThan(5);
}, 3_600_000);
