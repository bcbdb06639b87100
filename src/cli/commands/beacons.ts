import { Command, InvalidArgumentError } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { beaconAnalysis } from '../../hunt/beacons.ts';
import { instantFlag } from '../option-values.ts';
import {
  type LakeFlags,
  lakeFlags,
  lakeOptions,
  lakeSource,
  type OutputFlags,
  openOutput,
  outputFlags,
} from '../options.ts';
import { note, withProgress } from '../progress.ts';
import { rulesOf, type SuppressionFlags, suppressionFlags } from '../suppression-flags.ts';
import { suppressionLines } from '../suppression-lines.ts';
import type { Terminal } from '../terminal.ts';

interface BeaconFlags extends LakeFlags, OutputFlags, SuppressionFlags {
  readonly since?: string;
  readonly until?: string;
  readonly lookback?: string;
  readonly now?: string;
  readonly minScore?: string;
  readonly set?: Readonly<Record<string, string>>;
}

/** `merganser beacons`: who talks to whom at regular intervals, scored. */
export function beaconsCommand(terminal: Terminal): Command {
  const { parameters } = beaconAnalysis();
  const command = new Command('beacons')
    .description('score who talks to whom at regular intervals, on any lake with DeviceNetworkEvents')
    .option(
      '--since <instant>',
      'only events at or after this (a bare date is UTC midnight)',
      instantFlag('since'),
    )
    .option('--until <instant>', 'only events before this', instantFlag('until'))
    .option('--lookback <timespan>', 'only events later than now less this, such as 7d')
    .option('--now <instant>', 'the instant that --lookback counts from', instantFlag('now'))
    .option('--min-score <score>', 'least BeaconScore that is listed, 0 to 1 (default 0.5)')
    .option(
      '--set <name=value>',
      `set a parameter: ${parameters.map(({ name }) => name).join(', ')}`,
      setting,
    );
  return outputFlags(lakeFlags(suppressionFlags(command))).action(async (flags: BeaconFlags) => {
    const output = await openOutput(flags, terminal, flags);
    const suppressions = rulesOf(flags);
    await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
    const hits = await withProgress(terminal, 'looking for beacons', (run) =>
      lake.beacons({
        ...settingsOf(flags),
        ...run,
        suppressions,
        showSuppressed: flags.showSuppressed,
        onSuppressed: (report) => {
          for (const line of suppressionLines(report)) note(terminal, line);
        },
        onNote: (line) => note(terminal, line),
      }),
    );
    await output.write(hits.stream({ signal: terminal.signal }), heading());
  });
}

function settingsOf({ since, until, lookback, now, minScore, set }: BeaconFlags): Record<string, unknown> {
  const named = { since, until, lookback, now, min_score: minScore };
  return { ...set, ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)) };
}

function heading() {
  const { id, title, severity, confidence, technique, tactic } = beaconAnalysis();
  return { id, title, severity, confidence, technique: technique.id, tactic: tactic.name };
}

function setting(value: string, before: Record<string, string> = {}): Record<string, string> {
  const match = /^\s*([A-Za-z_]\w*[+-]?)\s*=(.*)$/s.exec(value);
  if (match === null) throw new InvalidArgumentError('write it as NAME=VALUE.');
  return { ...before, [match[1]!]: match[2]! };
}
