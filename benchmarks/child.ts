/** The process in which one contender runs once. Its parent is measure.ts. */
import { createHash } from 'node:crypto';
import type { Answer, Contender, NotInstalled, Task } from './contender.ts';
import { highWater } from './elsewhere.ts';

/** What a run came to; times in milliseconds, memory in bytes. */
export type Outcome =
  | {
      readonly kind: 'ran';
      readonly wall: number;
      readonly cpu: number;
      readonly memory: number;
      readonly rows: number;
      /** SHA-256 of the rows as JSON. */
      readonly digest: string;
      readonly parts: Readonly<Record<string, number>>;
      readonly through: { readonly rows: number; readonly bytes: number };
    }
  | { readonly kind: 'late'; readonly after: number }
  | { readonly kind: 'missing'; readonly missing: string }
  | { readonly kind: 'failed'; readonly error: string };

export interface Order {
  readonly module: string;
  readonly name: string;
  readonly task: Task;
}

process.once('message', async (order: Order) => {
  process.send!(await outcome(order), () => process.exit());
});

async function outcome({ module, name, task }: Order): Promise<Outcome> {
  try {
    const contender = ((await import(module)) as Record<string, Contender>)[name]!;
    const [wall, cpu] = [performance.now(), process.cpuUsage()];
    const answer = await contender(task);
    const elapsed = performance.now() - wall;
    const used = process.cpuUsage(cpu);
    if ('missing' in answer) return { kind: 'missing', missing: (answer as NotInstalled).missing };
    return ran(answer, elapsed, (used.user + used.system) / 1000);
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    return { kind: 'failed', error: hint === undefined ? message : `${message} (${hint})` };
  }
}

function ran(
  { rows, parts = {}, elsewhere, through = { rows: 0, bytes: 0 } }: Answer,
  wall: number,
  cpu: number,
): Outcome {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(`${JSON.stringify(row)}\n`);
  return {
    kind: 'ran',
    wall,
    cpu: cpu + (elsewhere?.cpu ?? 0),
    memory: elsewhere?.memory ?? peakMemory(),
    rows: rows.length,
    digest: hash.digest('hex'),
    parts,
    through,
  };
}

/**
 * The most memory that this process held, in bytes. On Linux `maxRSS` would count what the parent held when it
 * started this process.
 */
function peakMemory(): number {
  return highWater('self') || process.resourceUsage().maxRSS * 1024;
}
