import { link, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchJob } from '../../src/index.ts';
import { fileName } from '../batch-lake.ts';
import type { Answer, Task } from '../contender.ts';
import { openLake, runBatch } from '../project.ts';

/** The plain hunt, and what a batch must find as well. */
export async function plainHunt({ lake: folder, memory, threads, temp }: Task): Promise<Answer> {
  await using lake = await openLake(folder, { memory, threads, temp });
  return { rows: inShort(await (await lake.hunt('t1573.001')).rows()) };
}

/**
 * A batch job in one running process: its first run, which reads the whole lake, and then what a schedule brings.
 * `parts` has the wall time of each, and the processor time of the first, in milliseconds.
 */
export async function batch({ lake, memory, threads, temp }: Task): Promise<Answer> {
  const folder = await mkdtemp(join(temp, 'batch-'));
  const job = (window: string): BatchJob => ({
    lake,
    work: join(folder, 'work'),
    output: { folder: join(folder, 'findings') },
    limits: { memory, threads },
    detections: [{ detection: 't1573.001', settings: [{ window }] }],
  });
  const late = join(lake, 'DeviceNetworkEvents', 'part-late.parquet');
  const parts: Record<string, number> = {};
  const timed = async (name: string, window = '15m') => {
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    await runBatch(job(window));
    parts[name] = performance.now() - wall;
    const { user, system } = process.cpuUsage(cpu);
    if (name === 'first') parts['first, processor'] = (user + system) / 1000;
  };
  try {
    await rm(late, { force: true });
    await timed('first');
    const rows = await found(join(folder, 'findings', 'current'));
    await timed('nothing new');
    await link(join(lake, 'DeviceNetworkEvents', fileName(3)), late);
    await timed('one new file');
    await rm(late);
    await timed('another window', '30m');
    return { rows, parts };
  } finally {
    await rm(late, { force: true });
    await rm(folder, { recursive: true });
  }
}

async function found(folder: string): Promise<unknown[]> {
  await using findings = await openLake({ findings: join(folder, '*.parquet') });
  return inShort(await (await findings.sql('FROM findings')).rows());
}

/** Findings without what only one of the two has, in an order of their own. */
function inShort(rows: readonly Readonly<Record<string, unknown>>[]): string[] {
  return rows
    .map((row) => JSON.stringify(COMPARED.map((name) => String(row[name]))))
    .sort((one, other) => (one < other ? -1 : 1));
}

const COMPARED = [
  'DeviceName',
  'ProcessName',
  'ProcessCmd',
  'AccountName',
  'ProcessSHA256',
  'ConnectionCount',
  'DurationMinutes',
  'BeaconLikely',
];
