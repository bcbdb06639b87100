import { Command, InvalidArgumentError } from 'commander';
import { parseInstant } from '../../hunt/time.ts';
import { makeSample, type SampleSummary } from '../../sample/sample.ts';
import { withProgress } from '../progress.ts';
import { type Terminal, tell } from '../terminal.ts';

interface SampleFlags {
  readonly seed?: string;
  readonly devices?: number;
  readonly days?: number;
  readonly start?: Date;
}

/** `merganser sample DIR`: makes a labelled, synthetic lake to hunt in. */
export function sampleCommand(terminal: Terminal): Command {
  return new Command('sample')
    .description('make a labelled, synthetic lake to hunt in; same options, same bytes')
    .argument('<dir>', 'where to make it: a folder that does not exist, is empty, or holds an earlier sample')
    .option('--seed <text>', 'what the random choices start from')
    .option('--devices <n>', 'how many devices (default 50)', Number)
    .option('--days <n>', 'how many days (default 7)', Number)
    .option('--start <date>', 'the first day, UTC (default 2026-01-05)', day)
    .action(async (directory: string, flags: SampleFlags) => {
      const made = await withProgress(terminal, 'making', (run) =>
        makeSample(directory, { ...flags, ...run }),
      );
      tell(terminal, summary(made));
    });
}

function day(value: string): Date {
  const micros = parseInstant(value);
  if (micros === undefined) throw new InvalidArgumentError('give a date such as 2026-01-05.');
  return new Date(Number(micros / 1000n));
}

function summary({ directory, devices, days, tables, findings }: SampleSummary): string {
  const rows = Object.entries(tables).map(
    ([table, { rows: count }]) => `${count.toLocaleString('en-US')} rows of ${table}`,
  );
  return [
    `${directory}: ${devices} devices, ${days} days, ${rows.join(', ')}. All of it is synthetic.`,
    `labels.json says which ${findings} findings t1573.001 must give, and what it must leave out:`,
    `  merganser hunt t1573.001 --lake ${directory}`,
  ].join('\n');
}
