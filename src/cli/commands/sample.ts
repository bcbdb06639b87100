import { Command } from 'commander';
import { UsageError } from '../../error.ts';
import { makeSample, type SampleSummary } from '../../sample/sample.ts';
import { dateOf, instantFlag, positiveInteger } from '../option-values.ts';
import { withProgress } from '../progress.ts';
import { type Terminal, tell } from '../terminal.ts';

interface SampleFlags {
  readonly seed?: string;
  readonly devices?: number;
  readonly days?: number;
  readonly start?: string;
}

/** `merganser sample DIR`: makes a labelled, synthetic lake to hunt in. */
export function sampleCommand(terminal: Terminal): Command {
  return new Command('sample')
    .description('make a labelled, synthetic lake to hunt in; same options, same bytes')
    .argument('<dir>', 'where to make it: a folder that does not exist, is empty, or holds an earlier sample')
    .option('--seed <text>', 'what the random choices start from')
    .option('--devices <n>', 'how many devices (default 50)', positiveInteger('devices'))
    .option('--days <n>', 'how many days (default 7)', positiveInteger('days'))
    .option('--start <date>', 'the first day, UTC (default 2026-01-05)', instantFlag('start'))
    .action(async (directory: string, { start, ...flags }: SampleFlags) => {
      if (directory === '') throw new UsageError('the folder to make has no name: is a variable unset?');
      const options = start === undefined ? flags : { ...flags, start: dateOf(start) };
      const made = await withProgress(terminal, 'making', (run) =>
        makeSample(directory, { ...options, ...run }),
      );
      tell(terminal, summary(made));
    });
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
