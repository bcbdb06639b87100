import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { parse } from 'yaml';
import { openLake } from '../../api/open-lake.ts';
import { UsageError } from '../../error.ts';
import { type Detection, findDetection } from '../../hunt/detection.ts';
import type { ParameterSettings } from '../../hunt/parameters.ts';
import type { Columns } from '../../hunt/run.ts';
import type { DetectionHeading } from '../../report/findings.ts';
import { tellAddressClasses } from '../address-classes.ts';
import {
  instantFlag,
  type LakeFlags,
  lakeFlags,
  lakeOptions,
  lakeSource,
  type OutputFlags,
  openOutput,
  outputFlags,
} from '../options.ts';
import { note, withProgress } from '../progress.ts';
import type { Terminal } from '../terminal.ts';

interface HuntFlags extends LakeFlags, OutputFlags {
  readonly since?: string;
  readonly until?: string;
  readonly lookback?: string;
  readonly now?: string;
  readonly window?: string;
  readonly tolerance?: string;
  readonly identity?: string;
  readonly columns?: Columns;
  readonly set?: ParameterSettings[];
  readonly params?: string;
  readonly evidence?: boolean;
  readonly explain?: boolean;
  readonly failOnFindings?: boolean;
}

/** `merganser hunt [detection]`: runs a detection over a lake. Gives the exit code. */
export function huntCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('hunt')
    .description('run a detection over a lake')
    .argument('[detection]', 'technique or full id; see `merganser detections`', 't1573.001')
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
    .addOption(
      new Option(
        '--columns <which>',
        'all: also what tells processes apart, and each connection counted once',
      ).choices(['reference', 'all']),
    )
    .option(
      '--set <name=value>',
      'set a parameter; name+=value extends a list, name-=value reduces it',
      collectSetting,
    )
    .option('--params <file>', 'a JSON or YAML file of parameters, under the same names')
    .option('--evidence', 'list every matched pair behind the findings instead')
    .option('--explain', 'print the SQL with its values, the plan, and how many rows each stage kept')
    .option('--fail-on-findings', 'exit with 3 when something is found');
  return outputFlags(lakeFlags(command)).action(async (name: string, flags: HuntFlags) => {
    exit(await hunt(name, flags, terminal));
  });
}

async function hunt(name: string, flags: HuntFlags, terminal: Terminal): Promise<number> {
  const detection = findDetection(name);
  const settings = await settingLayers(flags);
  const output = await openOutput(flags, terminal, flags);
  await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
  await tellAddressClasses(lake, flags, { since: flags.since, until: flags.until }, terminal);
  if (flags.explain) {
    const { explainHunt } = await import('../explain.ts');
    terminal.stdout.write(await explainHunt(lake, detection, settings, flags.columns, terminal));
    return 0;
  }
  const variant = flags.evidence ? 'evidence' : output.format === 'table' ? 'activity' : 'findings';
  const hits = await withProgress(terminal, 'hunting', (run) =>
    lake.huntLayers(detection, settings, {
      ...run,
      variant,
      columns: flags.columns,
      onNote: (line) => note(terminal, line),
    }),
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

/** The parameter file under the --set options, and these under the options of their own. */
async function settingLayers(flags: HuntFlags): Promise<ParameterSettings[]> {
  const { since, until, lookback, now, window, tolerance, identity } = flags;
  const file = flags.params === undefined ? [] : [await parameterFile(flags.params)];
  return [...file, ...(flags.set ?? []), { since, until, lookback, now, window, tolerance, identity }];
}

async function parameterFile(path: string): Promise<ParameterSettings> {
  let read: unknown;
  try {
    read = parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new UsageError(`cannot read the parameter file ${path}: ${(cause as Error).message}`, { cause });
  }
  if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as ParameterSettings;
  throw new UsageError(`the parameter file ${path} holds no parameters`, {
    hint: 'write it as name: value, for example standard_ports: [80, 443]',
  });
}

function collectSetting(value: string, before: ParameterSettings[] = []): ParameterSettings[] {
  const match = /^\s*([A-Za-z_]\w*)\s*([+-]?)=(.*)$/s.exec(value);
  if (match === null)
    throw new UsageError(`--set '${value}': write it as name=value, name+=value or name-=value`);
  return [...before, { [`${match[1]}${match[2]}`]: match[3] }];
}
