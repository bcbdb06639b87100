import { readFileSync } from 'node:fs';
import type { Answer, Task } from '../contender.ts';
import { openLake, projectPath, translate } from '../project.ts';

const DETECTION = projectPath('sql', 'detections', 't1573.001', 'symmetric-cryptography-c2.kql');
/** All of a lake, whenever it was made. */
const EVERYTHING = { now: '2030-01-01T00:00:00Z', lookback: '3650d' };

// The parser is code: the clock starts when it is loaded. What that costs is measured apart, in translating.ts.
translate('print 1');

/** The detection as a user of the library has it from its KQL, from opening the lake to its rows. */
export async function detectionInKql(task: Task): Promise<Answer> {
  const query = readFileSync(DETECTION, 'utf8');
  const { now, lookback } = EVERYTHING;
  return detection(task, (lake) => lake.kql(query, { now: new Date(now), parameters: { lookback } }));
}

/** The same over the same time from its SQL. */
export async function detectionInSql(task: Task): Promise<Answer> {
  return detection(task, (lake) => lake.hunt('t1573.001', EVERYTHING));
}

type Lake = Awaited<ReturnType<typeof openLake>>;

/** Kusto promises no order among rows that tie. */
async function detection(
  { lake: folder, memory, threads, temp }: Task,
  ask: (lake: Lake) => ReturnType<Lake['kql']>,
): Promise<Answer> {
  await using lake = await openLake(folder, { memory, threads, temp });
  const rows = await (await ask(lake)).rows();
  const plain = rows.map((row) => JSON.stringify(Object.entries(row).sort()));
  return { rows: plain.sort() };
}
