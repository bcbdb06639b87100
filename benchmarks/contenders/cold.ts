import type { Answer, Task } from '../contender.ts';
import { runElsewhere } from '../elsewhere.ts';
import { projectPath } from '../project.ts';

/** The command line, from the start of its process to its end, on the sample lake that comes with the package. */
export async function cold({ threads }: Task): Promise<Answer> {
  const main = projectPath('dist', 'cli', 'main.js');
  const args = [
    'hunt',
    '--lake',
    projectPath('data', 'sample'),
    '--format',
    'jsonl',
    '--threads',
    `${threads}`,
  ];
  const { stdout, cpu, memory } = await runElsewhere(process.execPath, [main, ...args]);
  return { rows: stdout.trimEnd().split('\n'), elsewhere: { cpu, memory } };
}
