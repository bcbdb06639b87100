import { Command, InvalidArgumentError } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { findDetection } from '../../hunt/detection/find-detections.ts';
import { proposalsText } from '../../hunt/tune/tune-text.ts';
import { instantFlag } from '../option-values.ts';
import { type LakeFlags, lakeFlags, lakeOptions, lakeSource } from '../options.ts';
import { note, withProgress } from '../progress.ts';
import { print, type Terminal } from '../terminal.ts';

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
    .argument('[detection]', 'technique or full id; see `merganser detections`', 't1573.001')
    .option('--since <instant>', 'the baseline: events at or after this', instantFlag('since'))
    .option('--until <instant>', 'the baseline: events before this', instantFlag('until'))
    .option('--min-devices <n>', 'on how many devices at least', atLeastZero, 3)
    .option('--min-days <n>', 'from first to last on each of them at least', atLeastZero, 7);
  return lakeFlags(command).action(async (name: string, flags: TuneFlags) => {
    const { since, until, minDevices, minDays } = flags;
    const detection = findDetection(name);
    await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
    const { proposals, leftOut, end, days } = await withProgress(terminal, 'looking at the baseline', (run) =>
      lake.tune(detection, [{ since, until }], { ...run, minDevices, minDays }),
    );
    // Of an old baseline they would have expired before anybody looks at them.
    await print(terminal, proposalsText(proposals, new Date(Math.max(end.getTime(), Date.now()))));
    if (leftOut.length > 0)
      note(terminal, `left out, since too little is recorded of them for a rule: ${leftOut.join(', ')}`);
    if (proposals.length > 0) return;
    const short = days < minDays ? `; the baseline is ${days} days long` : '';
    note(terminal, `nothing fires on ${minDevices} devices for ${minDays} days: no rules to propose${short}`);
  });
}

function atLeastZero(value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0) return number;
  throw new InvalidArgumentError('give a number of at least 0.');
}
