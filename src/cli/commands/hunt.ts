import { Command, Option } from 'commander';
import { openLake, type TelemetryLake } from '../../api/open-lake.ts';
import type { Detection } from '../../hunt/detection/detection.ts';
import { findDetections } from '../../hunt/detection/find-detections.ts';
import type { ParameterSettings } from '../../hunt/parameters.ts';
import type { Columns } from '../../hunt/prepare.ts';
import { settingsFor } from '../../hunt/settings.ts';
import type { SuppressionRule } from '../../hunt/suppress/suppressions.ts';
import { noEvidenceOf, withoutEvidence } from '../../hunt/without-evidence.ts';
import type { DetectionHeading } from '../../report/findings/findings.ts';
import { formatNamed } from '../../report/formats.ts';
import { tellAddressClasses } from '../address-classes.ts';
import { checkDocuments } from '../documents.ts';
import { collectFolder } from '../option-values.ts';
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
import { type ParameterFlags, parameterFlags, settingLayers } from '../parameter-flags.ts';
import { note, withProgress } from '../progress.ts';
import { rulesOf, type SuppressionFlags, suppressionFlags } from '../suppression-flags.ts';
import { suppressionLines } from '../suppression-lines.ts';
import { print, type Terminal } from '../terminal.ts';

interface HuntFlags extends LakeFlags, OutputFlags, ParameterFlags, SuppressionFlags {
  readonly columns?: Columns;
  readonly detections?: string[];
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
    );
  suppressionFlags(command)
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

async function hunt(name: string, flags: HuntFlags, terminal: Terminal): Promise<number> {
  const named = findDetections(name, flags.detections);
  const withNone = flags.evidence ? withoutEvidence(named) : [];
  for (const id of withNone) note(terminal, noEvidenceOf(id));
  const detections = named.filter(({ id }) => !withNone.includes(id));
  const settings = await settingLayers(flags, named);
  const outputs: Output[] = [];
  for (const detection of detections) outputs.push(await outputFor(detection, detections, flags, terminal));
  const suppressions = rulesOf(flags);
  await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
  await tellAddressClasses(lake, flags, { since: flags.since, until: flags.until }, terminal);
  if (suppressions !== undefined && flags.explain)
    note(terminal, 'the rules of --suppress hide findings; --explain shows what all of them cost');
  let found = 0;
  for (const [index, detection] of detections.entries()) {
    const own = settingsFor([detection], named, settings);
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
  let left: number | undefined;
  const variant = flags.evidence ? 'evidence' : output.format === 'table' ? 'activity' : 'findings';
  const hits = await withProgress(terminal, 'hunting', (run) =>
    lake.huntLayers(detection, settings, {
      ...run,
      variant,
      columns: flags.columns,
      suppressions: flags.suppressions,
      showSuppressed: flags.showSuppressed,
      onSuppressed: (report) => {
        left = report.findings - report.suppressed;
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
  return left ?? rowCount;
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
  if (out === undefined && format !== undefined)
    checkDocuments(formatNamed(format), all.length, 'name a file with --out, and each gets one of its own');
  const name = detection.id.split('/')[1]!;
  const own = out?.replace(/(\.[^./\\]*)?$/, (extension) => `.${name}${extension}`);
  return openOutput(own === undefined ? flags : { ...flags, out: own }, terminal, flags);
}

function heading({ id, title, severity, confidence, technique, tactic }: Detection): DetectionHeading {
  return { id, title, severity, confidence, technique: technique.id, tactic: tactic.name };
}
