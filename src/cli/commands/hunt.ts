import { Command, Option } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { type Detection, findDetection } from '../../hunt/detection.ts';
import type { ParameterSettings } from '../../hunt/parameters.ts';
import { valuesFrom } from '../../hunt/run.ts';
import type { DetectionHeading } from '../../report/findings.ts';
import { collectSetting, instantFlag } from '../option-values.ts';
import {
  type LakeFlags,
  lakeFlags,
  lakeOptions,
  lakeSource,
  type OutputFlags,
  openOutput,
  outputFlags,
} from '../options.ts';
import { parameterFile } from '../parameter-file.ts';
import { note, withProgress } from '../progress.ts';
import { print, type Terminal } from '../terminal.ts';

/** The options that set parameters. */
export interface ParameterFlags {
  readonly since?: string;
  readonly until?: string;
  readonly lookback?: string;
  readonly now?: string;
  readonly window?: string;
  readonly set?: ParameterSettings[];
  readonly params?: string;
}

interface HuntFlags extends LakeFlags, OutputFlags, ParameterFlags {
  readonly evidence?: boolean;
  readonly explain?: boolean;
  readonly failOnFindings?: boolean;
}

/** `merganser hunt [detection]`: runs a detection over a lake. Gives the exit code. */
export function huntCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('hunt')
    .description('run a detection over a lake')
    .argument('[detection]', 'technique or full id; see `merganser detections`', 't1573.001')
    .option('--evidence', 'list every matched pair behind the findings instead')
    .addOption(
      new Option(
        '--explain',
        'print the SQL with its values, the plan, and how many rows each stage kept',
      ).conflicts(['out', 'format', 'evidence', 'failOnFindings']),
    )
    .option('--fail-on-findings', 'exit with 3 when something is found');
  return outputFlags(lakeFlags(parameterFlags(command))).action(async (name: string, flags: HuntFlags) => {
    exit(await hunt(name, flags, terminal));
  });
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
    .option(
      '--set <name=value>',
      'set a parameter; name+=value extends a list, name-=value reduces it',
      collectSetting,
    )
    .option('--params <file>', 'a JSON or YAML file of parameters, under the same names');
}

async function hunt(name: string, flags: HuntFlags, terminal: Terminal): Promise<number> {
  const detection = findDetection(name);
  const settings = await settingLayers(flags, detection);
  const output = await openOutput(flags, terminal, flags);
  await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
  if (flags.explain) {
    const { explainHunt } = await import('../explain.ts');
    await print(terminal, await explainHunt(lake, detection, settings, terminal));
    return 0;
  }
  const variant = flags.evidence ? 'evidence' : output.format === 'table' ? 'activity' : 'findings';
  const hits = await withProgress(terminal, 'hunting', (run) =>
    lake.huntLayers(detection, settings, { ...run, variant, onNote: (line) => note(terminal, line) }),
  );
  await output.write(
    hits.stream({ signal: terminal.signal }),
    flags.evidence ? undefined : heading(detection),
  );
  return flags.failOnFindings && hits.rowCount > 0 ? 3 : 0;
}

function heading({ id, title, severity, confidence, technique, tactic }: Detection): DetectionHeading {
  return { id, title, severity, confidence, technique: technique.id, tactic: tactic.name };
}

/** The parameter file under the --set options, and these under the options of their own; all of them checked. */
export async function settingLayers(
  flags: ParameterFlags,
  detection: Detection,
): Promise<ParameterSettings[]> {
  const { since, until, lookback, now, window } = flags;
  const file = flags.params === undefined ? [] : [await parameterFile(flags.params, detection.parameters)];
  const layers = [...file, ...(flags.set ?? []), { since, until, lookback, now, window }];
  valuesFrom(detection, layers);
  return layers;
}
