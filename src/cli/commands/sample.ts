import { Command, Option } from 'commander';
import { counted } from '../../counted.ts';
import { UsageError } from '../../error.ts';
import { makeSample, type SampleSummary } from '../../sample/sample.ts';
import {
  makeScaleLake,
  SCALE_PROFILES,
  type ScaleProfile,
  type ScaleSummary,
} from '../../sample/scale/scale.ts';
import { dateOf, instantFlag, partFlag, positiveInteger } from '../option-values.ts';
import { withProgress } from '../progress.ts';
import { type Terminal, tell } from '../terminal.ts';

interface SampleFlags {
  readonly seed?: string;
  readonly devices?: number;
  readonly days?: number;
  readonly start?: string;
  readonly scale?: ScaleProfile;
  readonly rows?: number;
  readonly processesPerDay?: number;
  readonly pidSpace?: number;
  readonly cryptoShare?: number;
  readonly unusualPortShare?: number;
  readonly hotProcesses?: number;
  readonly hotEvents?: number;
  readonly drift?: boolean;
}

/** Options that only a scale lake has. */
const SCALE_ONLY = [
  'rows',
  'processesPerDay',
  'pidSpace',
  'cryptoShare',
  'unusualPortShare',
  'hotProcesses',
  'hotEvents',
  'drift',
] as const;

/** `merganser sample DIR`: makes a labelled, synthetic lake to hunt in. */
export function sampleCommand(terminal: Terminal): Command {
  return new Command('sample')
    .description('make a labelled, synthetic lake to hunt in; same options, same bytes')
    .argument('<dir>', 'where to make it: a folder that does not exist, is empty, or holds an earlier sample')
    .option('--seed <text>', 'what the random choices start from')
    .option('--devices <n>', 'how many devices (default 50)', positiveInteger('devices'))
    .option('--days <n>', 'how many days (default 7)', positiveInteger('days'))
    .option('--start <date>', 'the first day, UTC (default 2026-01-05)', instantFlag('start'))
    .addOption(
      new Option('--scale <profile>', 'a lake of millions of rows, for measuring').choices(SCALE_PROFILES),
    )
    .option(
      '--rows <n>',
      'with --scale: rows of each table (default 40 million; hot 5, billion 500)',
      positiveInteger('rows'),
    )
    .option('--processes-per-day <n>', 'with --scale: on each device', positiveInteger('processes-per-day'))
    .option(
      '--pid-space <n>',
      'with --scale: PIDs of a device; fewer are reused sooner',
      positiveInteger('pid-space'),
    )
    .option('--crypto-share <part>', 'with --scale: 0 to 1, of the loads', partFlag('crypto-share'))
    .option(
      '--unusual-port-share <part>',
      'with --scale: 0 to 1, of the connections',
      partFlag('unusual-port-share'),
    )
    .option(
      '--hot-processes <n>',
      'with --scale: processes with --hot-events in one window',
      positiveInteger('hot-processes'),
    )
    .option(
      '--hot-events <n>',
      'with --scale: loads, and connections, of each hot process',
      positiveInteger('hot-events'),
    )
    .option('--drift', 'with --scale: later files have other columns and types')
    .action(async (directory: string, flags: SampleFlags) => {
      if (directory === '') throw new UsageError('the folder to make has no name: is a variable unset?');
      tell(terminal, await made(directory, flags, terminal));
    });
}

async function made(directory: string, flags: SampleFlags, terminal: Terminal): Promise<string> {
  const { scale, start, ...rest } = flags;
  const options = start === undefined ? rest : { ...rest, start: dateOf(start) };
  if (scale !== undefined) {
    return scaleSummary(
      await withProgress(terminal, 'making', (run) =>
        makeScaleLake(directory, { profile: scale, ...options, ...run }),
      ),
    );
  }
  const stray = SCALE_ONLY.find((name) => flags[name] !== undefined);
  if (stray !== undefined) {
    const option = stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`--${option} goes with --scale`, {
      hint: `for example --scale office --rows 1000000`,
    });
  }
  return summary(
    await withProgress(terminal, 'making', (run) => makeSample(directory, { ...options, ...run })),
  );
}

function scaleSummary({ directory, profile, devices, days, tables, labels }: ScaleSummary): string {
  return [
    `${directory}: ${profile}, ${contents(devices, days, tables)}. All of it is synthetic.`,
    `labels.json says which ${labels} planted processes t1573.001 must find.`,
  ].join('\n');
}

function summary({ directory, devices, days, tables, findings }: SampleSummary): string {
  return [
    `${directory}: ${contents(devices, days, tables)}. All of it is synthetic.`,
    `labels.json says which ${findings} findings t1573.001 must give, and what it must leave out:`,
    `  merganser hunt t1573.001 --lake ${directory}`,
  ].join('\n');
}

function contents(devices: number, days: number, tables: SampleSummary['tables']): string {
  const rows = Object.entries(tables).map(
    ([table, { rows: count }]) => `${counted(count, 'row')} of ${table}`,
  );
  return [counted(devices, 'device'), counted(days, 'day'), ...rows].join(', ');
}
