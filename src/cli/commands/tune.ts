import { Command, InvalidArgumentError } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { findDetection } from '../../hunt/detection.ts';
import { proposalsText } from '../../hunt/tune.ts';
import { instantFlag } from '../option-values.ts';
import { type LakeFlags, lakeFlags, lakeOptions, lakeSource } from '../options.ts';
import { note, withProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

interface TuneFlags extends LakeFlags {
  readonly since?: string;
  readonly until?: string;
  readonly minDevices: number;
  readonly minDays: number;
}

/** `merganser tune`: proposes rules from a baseline period, as YAML on stdout. */
export function tuneCommand(terminal: Terminal): Command {
  const command = new Command('tune')
    .description('propose suppressions from a baseline: what fires on many devices for long')
    .option('--since <instant>', 'the baseline: events at or after this', instantFlag('since'))
    .option('--until <instant>', 'the baseline: events before this', instantFlag('until'))
    .option('--min-devices <n>', 'on how many devices at least', atLeastZero, 3)
    .option('--min-days <n>', 'from first to last connection at least', atLeastZero, 7);
  return lakeFlags(command).action(async (flags: TuneFlags) => {
    const { since, until, minDevices, minDays } = flags;
    await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
    const { proposals, end } = await withProgress(terminal, 'looking at the baseline', (run) =>
      lake.tune(findDetection('t1573.001'), [{ since, until }], { ...run, minDevices, minDays }),
    );
    terminal.stdout.write(proposalsText(proposals, end));
    if (proposals.length > 0) return;
    note(terminal, `nothing fires on ${minDevices} devices for ${minDays} days: no rules to propose`);
  });
}

function atLeastZero(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0) return number;
  throw new InvalidArgumentError('give a number of at least 0.');
}
