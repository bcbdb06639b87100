import { Command, Option } from 'commander';
import { openLake, type TelemetryLake } from '../../api/open-lake.ts';
import { UsageError } from '../../error.ts';
import { type Detection, findDetections } from '../../hunt/detection.ts';
import type { ParameterSettings } from '../../hunt/parameters.ts';
import { type Columns, valuesFrom } from '../../hunt/run.ts';
import { readSuppressions, type SuppressionRule } from '../../hunt/suppressions.ts';
import type { DetectionHeading } from '../../report/findings.ts';
import { tellAddressClasses } from '../address-classes.ts';
import { collectFolder, collectSetting, instantFlag } from '../option-values.ts';
import {
  type LakeFlags,
  lakeFlags,
  lakeOptions,
  lakeSource,
  type Output,
  type OutputFlags,
  openOutput,
  outputFlags,
} from '../options.ts';
import { parameterFile } from '../parameter-file.ts';
import { note, withProgress } from '../progress.ts';
import { suppressionLines } from '../suppression-lines.ts';
import { print, type Terminal } from '../terminal.ts';

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

interface HuntFlags extends LakeFlags, OutputFlags, ParameterFlags {
  readonly columns?: Columns;
  readonly detections?: string[];
  readonly suppress?: string;
  readonly showSuppressed?: boolean;
  readonly evidence?: boolean;
  readonly explain?: boolean;
  readonly failOnFindings?: boolean;
}

/** `merganser hunt [detection]`: runs a detection over a lake. Gives the exit code. */
export function huntCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('hunt')
    .description('run a detection over a lake')
    .argument(
      '[detection]',
      'technique, full id, or technique/* for all of it; see `merganser detections`',
      't1573.001',
    )
    .option(
      '--detections <dir>',
      'a folder of your own, <technique>/<name>.sql; may be repeated',
      collectFolder,
    )
    .addOption(
      new Option(
        '--columns <which>',
        'all: also what tells processes apart, and each connection counted once',
      ).choices(['reference', 'all']),
    )
    .option('--suppress <file>', 'a YAML file of rules that hide known false positives')
    .option('--show-suppressed', 'keep what the rules hide, and say by which rule')
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
    .option('--tolerance <timespan>', 'accept a connection stamped so long before its load (default 0s)')
    .option('--identity <pid|process>', 'join by PID as the reference does, or by process: one row each')
    .option(
      '--set <name=value>',
      'set a parameter; name+=value extends a list, name-=value reduces it',
      collectSetting,
    )
    .option('--params <file>', 'a JSON or YAML file of parameters, under the same names');
}

async function hunt(name: string, flags: HuntFlags, terminal: Terminal): Promise<number> {
  const detections = findDetections(name, flags.detections);
  const settings = await settingLayers(flags, ...detections);
  const suppressions = flags.suppress === undefined ? undefined : readSuppressions(flags.suppress);
  const outputs: Output[] = [];
  for (const detection of detections) outputs.push(await outputFor(detection, detections, flags, terminal));
  await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
  await tellAddressClasses(lake, flags, { since: flags.since, until: flags.until }, terminal);
  if (suppressions !== undefined && (flags.evidence || flags.explain))
    note(terminal, 'the rules of --suppress hide findings; --evidence and --explain show all');
  let found = 0;
  for (const [index, detection] of detections.entries()) {
    const own = settingsFor(detection, detections, settings);
    if (flags.explain) {
      const { explainHunt } = await import('../explain.ts');
      await print(terminal, await explainHunt(lake, detection, own, flags.columns, terminal));
    } else
      found += await huntOne(lake, detection, own, outputs[index]!, { ...flags, suppressions }, terminal);
    if (index < detections.length - 1 && flags.out === undefined && outputs[index]!.format === 'table')
      await print(terminal, '\n');
  }
  return flags.failOnFindings && found > 0 ? 3 : 0;
}

async function huntOne(
  lake: TelemetryLake,
  detection: Detection,
  settings: readonly ParameterSettings[],
  output: Output,
  flags: HuntFlags & { readonly suppressions: readonly SuppressionRule[] | undefined },
  terminal: Terminal,
): Promise<number> {
  let hidden = 0;
  const variant = flags.evidence ? 'evidence' : output.format === 'table' ? 'activity' : 'findings';
  const hits = await withProgress(terminal, 'hunting', (run) =>
    lake.huntLayers(detection, settings, {
      ...run,
      variant,
      columns: flags.columns,
      suppressions: flags.evidence ? undefined : flags.suppressions,
      showSuppressed: flags.showSuppressed,
      onSuppressed: (report) => {
        hidden = flags.showSuppressed ? report.suppressed : 0;
        for (const line of suppressionLines(report)) note(terminal, line);
      },
      onNote: (line) => note(terminal, line),
    }),
  );
  await output.write(
    hits.stream({ signal: terminal.signal }),
    flags.evidence ? undefined : heading(detection),
  );
  const { rowCount } = hits;
  await hits.close();
  return rowCount - hidden;
}

/** Of several detections, each has a file of its own: `found.json` becomes `found.<name>.json`. */
async function outputFor(
  detection: Detection,
  all: readonly Detection[],
  flags: HuntFlags,
  terminal: Terminal,
): Promise<Output> {
  if (all.length === 1) return openOutput(flags, terminal, flags);
  const { out, format } = flags;
  if (out === undefined && format !== undefined && ['json', 'parquet', 'arrow'].includes(format)) {
    throw new UsageError(`one ${format} document cannot hold the findings of ${all.length} detections`, {
      hint: 'name a file with --out, and each gets one of its own; or write jsonl',
    });
  }
  const name = detection.id.split('/')[1]!;
  const own = out?.replace(/(\.[^./\\]*)?$/, (extension) => `.${name}${extension}`);
  return openOutput(own === undefined ? flags : { ...flags, out: own }, terminal, flags);
}

/** Settings go to the detections that have the parameter; one that none has is an error. */
function settingsFor(
  detection: Detection,
  all: readonly Detection[],
  layers: readonly ParameterSettings[],
): ParameterSettings[] {
  if (all.length === 1) return [...layers];
  const has = ({ parameters }: Detection, key: string) =>
    parameters.some(({ name }) => name === key.replace(/[+-]$/, ''));
  return layers.map((layer) =>
    Object.fromEntries(
      Object.entries(layer).filter(([key]) => has(detection, key) || !all.some((each) => has(each, key))),
    ),
  );
}

function heading({ id, title, severity, confidence, technique, tactic }: Detection): DetectionHeading {
  return { id, title, severity, confidence, technique: technique.id, tactic: tactic.name };
}

/** The parameter file under the --set options, and these under the options of their own; all of them checked. */
export async function settingLayers(
  flags: ParameterFlags,
  ...detections: readonly Detection[]
): Promise<ParameterSettings[]> {
  const { since, until, lookback, now, window, tolerance, identity } = flags;
  const definitions = new Map(
    detections.flatMap(({ parameters }) => parameters.map((each) => [each.name, each])),
  );
  const file =
    flags.params === undefined ? [] : [await parameterFile(flags.params, [...definitions.values()])];
  const own = { since, until, lookback, now, window, tolerance, identity };
  const layers = [...file, ...(flags.set ?? []), own];
  for (const detection of detections) valuesFrom(detection, settingsFor(detection, detections, layers));
  return layers;
}
