import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ResultStream } from '../engine/result.ts';
import { UsageError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';
import type { LakeSource } from '../lake/find/lake-source.ts';
import type { LakeOptions } from '../lake/lake.ts';
import type { DetectionHeading } from '../report/findings/findings.ts';
import { FORMAT_NAMES, type FormatName, formatNamed, formatOfPath } from '../report/formats.ts';
import { drawsUnicode } from '../report/options.ts';
import { checkTarget } from '../report/target.ts';
import { writeReport } from '../report/write.ts';
import { collectParameter, collectTable, instantFlag, positiveInteger } from './option-values.ts';
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
  readonly watchlists?: string;
  readonly remote?: boolean;
}

/** Adds the options that say which lake to read, and within which limits. */
export function lakeFlags(command: Command): Command {
  return command
    .option('--lake <dir>', 'folder with one folder or file per table')
    .option('--table <name=glob>', 'files of one table; may be repeated', collectTable)
    .option('--memory <size>', 'memory that the engine may use, such as 4GB')
    .option('--threads <n>', 'threads that the engine may use', positiveInteger('threads'))
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
    )
    .option('--remote', 'allow files on the network (s3://, https://, azure:// …)');
}

export interface KqlFlags {
  readonly now?: string;
  readonly set?: Record<string, string>;
  readonly ingestionTime?: string;
}

/** Adds the options that say what a KQL query may name beyond the lake's tables. */
export function kqlFlags(command: Command): Command {
  return command
    .option('--now <instant>', 'what now() and ago() count from', instantFlag('now'))
    .option('--set <name=value>', 'a value of `declare query_parameters`; may be repeated', collectParameter)
    .option('--watchlists <dir>', 'tables for _GetWatchlist, invoke FileProfile, externaldata, geo_info_…')
    .option('--ingestion-time <column>', 'the column that ingestion_time() reads');
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
  const { watchlists, remote } = flags;
  return {
    memory,
    threads,
    temp,
    skipUnreadable,
    dedupe,
    partitionDate,
    classifyAddresses,
    watchlists,
    remote,
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
  if (out !== undefined) await checkTarget(out);
  const format =
    flags.format !== undefined ? formatNamed(flags.format) : out === undefined ? 'table' : formatOfPath(out);
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
  if (argument === '-') return standardInput(terminal);
  const named = /\.(sql|kql|csl|txt)$/i.test(argument);
  if (!named && /[\s|;()]/.test(argument)) return argument;
  try {
    return await readFile(argument, 'utf8');
  } catch (cause) {
    if (!named) return argument;
    throw new UsageError(`cannot read the query file ${argument}: ${fileProblem(cause)}`, { cause });
  }
}

async function standardInput({ stdin, signal }: Terminal): Promise<string> {
  const pieces: string[] = [];
  const decoder = new TextDecoder();
  const read = async () => {
    for await (const piece of stdin)
      pieces.push(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }));
  };
  signal.throwIfAborted();
  const interrupted = once(signal, 'abort').then(() => signal.throwIfAborted());
  await Promise.race([read(), interrupted]);
  return pieces.join('') + decoder.decode();
}

/** What diagnostics call a query that was given as an argument. */
export function queryName(argument: string): string {
  if (argument === '-') return 'stdin';
  return /\.(kql|csl|txt)$/i.test(argument) ? argument : 'query';
}
