import type { Command } from 'commander';
import type { Detection } from '../hunt/detection/detection.ts';
import type { ParameterSettings } from '../hunt/parameters.ts';
import { settingsFor } from '../hunt/settings.ts';
import { valuesFrom } from '../hunt/values.ts';
import { collectSetting, instantFlag } from './option-values.ts';
import { parameterFile } from './parameter-file.ts';

/** The options that set parameters. */
export interface ParameterFlags {
  readonly since?: string;
  readonly until?: string;
  readonly lookback?: string;
  readonly now?: string;
  readonly window?: string;
  readonly tolerance?: string;
  readonly identity?: string;
  readonly set?: ParameterSettings[];
  readonly params?: string;
}

/** Adds the options that set a detection's parameters. */
export function parameterFlags(command: Command): Command {
  return command
    .option(
      '--since <instant>',
      'only events at or after this (a bare date is UTC midnight)',
      instantFlag('since'),
    )
    .option('--until <instant>', 'only events before this', instantFlag('until'))
    .option('--lookback <timespan>', 'only events later than now less this, such as 24h')
    .option('--now <instant>', 'the instant that --lookback counts from', instantFlag('now'))
    .option('--window <timespan>', 'how long after a load a connection belongs to it (default 15m)')
    .option('--tolerance <timespan>', 'accept a connection stamped so long before its load (default 0s)')
    .option('--identity <pid|process>', 'join by PID as the reference does, or by process: one row each')
    .option(
      '--set <name=value>',
      'set a parameter; name+=value extends a list, name-=value reduces it',
      collectSetting,
    )
    .option('--params <file>', 'a JSON or YAML file of parameters, under the same names');
}

/** The parameter file under the --set options, and these under the options of their own; all of them checked. */
export async function settingLayers(
  flags: ParameterFlags,
  detections: readonly Detection[],
): Promise<ParameterSettings[]> {
  const { since, until, lookback, now, window, tolerance, identity } = flags;
  const definitions = new Map(
    detections.flatMap(({ parameters }) => parameters.map((each) => [each.name, each])),
  );
  const file =
    flags.params === undefined ? [] : [await parameterFile(flags.params, [...definitions.values()])];
  const own = { since, until, lookback, now, window, tolerance, identity };
  const layers = [...file, ...(flags.set ?? []), own];
  for (const detection of detections) valuesFrom(detection, settingsFor([detection], detections, layers));
  return layers;
}
