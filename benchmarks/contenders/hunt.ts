import type { Answer, Task } from '../contender.ts';
import { openLake } from '../project.ts';

/** The hunt as a user of the library has it, from opening the lake to its rows. */
export async function hunt({ lake: folder, memory, threads, temp }: Task): Promise<Answer> {
  await using lake = await openLake(folder, { memory, threads, temp });
  const hits = await lake.hunt('t1573.001');
  return { rows: await hits.rows() };
}

/** How many rows the two scans of {@link floor} must let through, as `hunt --explain` counts them. */
export async function stages({ lake: folder, memory, threads, temp }: Task): Promise<Answer> {
  await using lake = await openLake(folder, { memory, threads, temp });
  const hits = await lake.hunt('t1573.001', { variant: 'stages' });
  const counts = (await hits.rows()).map(({ Rows }) => Rows);
  return { rows: [counts[2], counts[4]] };
}
