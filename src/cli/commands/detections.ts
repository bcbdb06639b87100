import { Command } from 'commander';
import { openLake } from '../../api/open-lake.ts';
import { UsageError } from '../../error.ts';
import type { Detection } from '../../hunt/detection/detection.ts';
import { findDetection, listDetections } from '../../hunt/detection/find-detections.ts';
import { resolveParameters } from '../../hunt/parameters.ts';
import { detectionScript } from '../../hunt/script.ts';
import { collectFolder } from '../option-values.ts';
import { type LakeFlags, lakeFlags, lakeOptions, lakeSource } from '../options.ts';
import { print, type Terminal } from '../terminal.ts';

interface DetectionsFlags extends LakeFlags {
  readonly sql?: boolean;
  readonly detections?: string[];
}

/** `merganser detections [NAME] [--sql]`: lists, shows one with its parameters, or prints it ready to paste. */
export function detectionsCommand(terminal: Terminal): Command {
  const command = new Command('detections')
    .description('list the detections, show one, or print its SQL ready to paste')
    .argument('[name]', 'technique or full id')
    .option(
      '--detections <dir>',
      'a folder of your own, <technique>/<name>.sql; may be repeated',
      collectFolder,
    )
    .option('--sql', 'print it as a script for any DuckDB shell; with --lake, over that lake');
  return lakeFlags(command).action(async (name: string | undefined, flags: DetectionsFlags) => {
    await print(terminal, await text(name, flags, terminal));
  });
}

async function text(name: string | undefined, flags: DetectionsFlags, terminal: Terminal): Promise<string> {
  if (!flags.sql && (flags.lake !== undefined || flags.table !== undefined)) {
    throw new UsageError('a lake is read only with --sql, for the script over it', {
      hint: 'add --sql; to run the detection, merganser hunt',
    });
  }
  if (name === undefined && !flags.sql) return list(listDetections(flags.detections));
  const detection = findDetection(name ?? 't1573.001', flags.detections);
  if (!flags.sql) return show(detection);
  if (flags.lake === undefined && flags.table === undefined) {
    return detectionScript(detection, resolveParameters(detection.parameters, []));
  }
  await using lake = await openLake(lakeSource(flags), lakeOptions(flags, terminal));
  return (await lake.explainHunt(detection, [])).script;
}

function list(detections: readonly Detection[]): string {
  const width = Math.max(...detections.map(({ id }) => id.length));
  return detections
    .map(({ id, title, severity }) => `${id.padEnd(width)}  ${severity.padEnd(6)}  ${title}\n`)
    .join('');
}

function show(detection: Detection): string {
  const { technique, tactic } = detection;
  const items = (heading: string, lines: readonly string[]) => [
    '',
    heading,
    ...lines.map((line) => `  - ${line}`),
  ];
  return [
    `${detection.title}  (${detection.id})`,
    `${technique.id} ${technique.name}, ${tactic.id} ${tactic.name}`,
    `severity ${detection.severity}, confidence ${detection.confidence}, updated ${detection.updated}`,
    '',
    detection.description,
    ...items(
      'Reads',
      Object.entries(detection.tables).map(([table, columns]) => `${table}: ${columns.join(', ')}`),
    ),
    '',
    'Parameters',
    ...detection.parameters.flatMap(({ name, type, description, default: value }) => [
      `  ${name} (${type}): ${description}`,
      `      ${value === null ? 'not set' : Array.isArray(value) ? value.join(', ') : String(value)}`,
    ]),
    ...items('Known false positives', detection.falsePositives),
    ...items('Blind spots', detection.blindSpots),
    ...items('References', detection.references),
    '',
  ].join('\n');
}
