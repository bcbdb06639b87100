import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { ResultStream } from '../engine/result.ts';
import { UsageError } from '../error.ts';
import { parseInstant } from '../hunt/time.ts';
import type { LakeOptions } from '../lake/lake.ts';
import type { LakeSource } from '../lake/sources.ts';
import type { DetectionHeading } from '../report/findings.ts';
import { FORMAT_NAMES, type FormatName, formatNamed, formatOfPath } from '../report/formats.ts';
import { drawsUnicode } from '../report/options.ts';
import { checkTarget } from '../report/target.ts';
import { writeReport } from '../report/write.ts';
import { note } from './progress.ts';
import { type Terminal, wantsColor, widthOf } from './terminal.ts';

export interface LakeFlags {
  readonly lake?: string;
  readonly table?: Record<string, string[]>;
  readonly memory?: string;
  readonly threads?: number;
  readonly temp?: string;
  readonly skipUnreadable?: boolean;
  readonly dedupe?: boolean;
  readonly partitionDate?: string;
  readonly classifyAddresses?: boolean;
}

/** Adds the options that say which lake to read, and within which limits. */
export function lakeFlags(command: Command): Command {
  return command
    .option('--lake <dir>', 'folder with one folder or file per table')
    .option('--table <name=glob>', 'files of one table; may be repeated', collectTable)
    .option('--memory <size>', 'memory that the engine may use, such as 4GB')
    .option('--threads <n>', 'threads that the engine may use', positiveInteger)
    .option('--temp <dir>', 'where to spill what does not fit in memory')
    .option('--skip-unreadable', 'go on without files that cannot be read, and say which')
    .option(
      '--dedupe',
      'drop rows that an at-least-once export delivered twice (DeviceId, ReportId, Timestamp)',
    )
    .option(
      '--partition-date <key>',
      'a Hive key that is the UTC date of the events: prunes whole files by time',
    )
    .option(
      '--classify-addresses',
      "derive RemoteIPType from RemoteIP by IANA's registries, and say where the records disagree",
    );
}

/** The lake that the flags name. */
export function lakeSource(flags: LakeFlags): LakeSource {
  if (flags.lake !== undefined && flags.table !== undefined) {
    throw new UsageError('--lake and --table exclude each other', {
      hint: 'name every table with --table, or one folder with --lake',
    });
  }
  const source = flags.lake ?? flags.table;
  if (source === undefined) {
    throw new UsageError('which lake? Neither --lake nor --table was given', {
      hint: 'for example --lake lake/, or --table DeviceNetworkEvents=net/**/*.parquet',
    });
  }
  return source;
}

export function lakeOptions(flags: LakeFlags, terminal: Terminal): LakeOptions {
  const { memory, threads, temp, skipUnreadable, dedupe, partitionDate, classifyAddresses } = flags;
  return {
    memory,
    threads,
    temp,
    skipUnreadable,
    dedupe,
    partitionDate,
    classifyAddresses,
    onWarning: (line) => note(terminal, line),
  };
}

export interface OutputFlags {
  readonly format?: string;
  readonly out?: string;
}

/** Adds the options that say how and where results are written. */
export function outputFlags(command: Command): Command {
  return command
    .option('--format <name>', `${FORMAT_NAMES.join(', ')} (default: by the ending of --out, else table)`)
    .option('--out <file>', 'write to a file, which appears whole or not at all, instead of stdout');
}

/** An output that has been checked before the work starts. */
export interface Output {
  readonly format: FormatName;
  write(result: ResultStream, detection?: DetectionHeading): Promise<number>;
}

/** Decides format and target. Throws before any work where the target cannot be written. */
export async function openOutput(
  flags: OutputFlags,
  terminal: Terminal,
  limits: LakeFlags = {},
): Promise<Output> {
  const { out } = flags;
  const format =
    flags.format !== undefined ? formatNamed(flags.format) : out === undefined ? 'table' : formatOfPath(out);
  if (out !== undefined) await checkTarget(out);
  const target = out === undefined ? { stream: terminal.stdout } : { path: out };
  const toTerminal = out === undefined;
  return {
    format,
    async write(result, detection) {
      const { rows } = await writeReport(result, format, target, {
        detection,
        signal: terminal.signal,
        color: toTerminal && wantsColor(terminal.stdout, terminal.env),
        columns: toTerminal ? widthOf(terminal.stdout, terminal.env) : undefined,
        unicode: drawsUnicode(terminal.env),
        limits: { memory: limits.memory, threads: limits.threads, temp: limits.temp },
      });
      return rows;
    },
  };
}

/** The text of a QUERY argument: itself, a file that exists under that name, or `-` for standard input. */
export async function queryText(argument: string, terminal: Terminal): Promise<string> {
  if (argument === '-') {
    const pieces: string[] = [];
    const decoder = new TextDecoder();
    for await (const piece of terminal.stdin)
      pieces.push(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }));
    return pieces.join('') + decoder.decode();
  }
  const looksLikeFile = !/[\s|;()]/.test(argument) || /\.(sql|kql|csl|txt)$/i.test(argument);
  if (!looksLikeFile) return argument;
  try {
    return await readFile(argument, 'utf8');
  } catch (cause) {
    if (/\.(sql|kql|csl|txt)$/i.test(argument)) {
      throw new UsageError(`cannot read the query file ${argument}: ${(cause as Error).message}`, { cause });
    }
    return argument;
  }
}

export function instantFlag(name: string): (value: string) => string {
  return (value) => {
    if (parseInstant(value) !== undefined) return value;
    throw new InvalidArgumentError(
      `--${name} takes a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z.`,
    );
  };
}

/** `--detections DIR`, once or more. */
export function collectFolder(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function collectTable(value: string, before: Record<string, string[]> = {}): Record<string, string[]> {
  const at = value.indexOf('=');
  if (at <= 0 || at === value.length - 1) throw new InvalidArgumentError('write it as NAME=GLOB.');
  const name = value.slice(0, at);
  return { ...before, [name]: [...(before[name] ?? []), value.slice(at + 1)] };
}

function positiveInteger(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('give a whole number of at least 1.');
}

/** What diagnostics call a query that was given as an argument. */
export function queryName(argument: string): string {
  if (argument === '-') return 'stdin';
  return /\.(kql|csl|txt)$/i.test(argument) ? argument : 'query';
}

/** `--set name=value`, into a record. */
export function collectParameter(value: string, before: Record<string, string> = {}): Record<string, string> {
  const match = /^\s*([A-Za-z_]\w*)\s*=(.*)$/s.exec(value);
  if (match === null) throw new InvalidArgumentError('write it as NAME=VALUE.');
  return { ...before, [match[1]!]: match[2]! };
}
