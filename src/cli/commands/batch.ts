import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { type BatchJob, type RunReport, runBatch } from '../../api/batch.ts';
import { UsageError } from '../../error.ts';
import { detectionsOf } from '../../hunt/batch/job/job-detections.ts';
import { readJobFile } from '../../hunt/batch/job/job-file.ts';
import { readSuppressions } from '../../hunt/suppress/suppressions.ts';
import { isRemote } from '../../lake/find/remote.ts';
import { FORMAT_NAMES, type FormatName, formatNamed } from '../../report/formats.ts';
import { drawsUnicode } from '../../report/options.ts';
import { checkStream, writeReport } from '../../report/write.ts';
import { type BatchTeller, batchTeller } from '../batch-log.ts';
import { checkDocuments } from '../documents.ts';
import { EXIT } from '../exit.ts';
import { type LakeFlags, lakeFlags, lakeSource } from '../options.ts';
import { type ParameterFlags, parameterFlags, settingLayers } from '../parameter-flags.ts';
import { print, type Terminal, wantsColor, widthOf } from '../terminal.ts';

interface BatchFlags extends LakeFlags, ParameterFlags {
  readonly work?: string;
  readonly out?: string;
  readonly keep?: 'parquet' | 'jsonl';
  readonly strict?: boolean;
  readonly contentHash?: boolean;
  readonly verify?: boolean;
  readonly evidence?: boolean;
  readonly metrics?: string;
  readonly suppress?: string;
  readonly log: 'text' | 'json';
  readonly sinceLastRun?: string | true;
  readonly failOnFindings?: boolean;
}

/** `merganser batch [job.yaml | detection]`: hunts incrementally, as often as one likes. */
export function batchCommand(terminal: Terminal, exit: (code: number) => void): Command {
  const command = new Command('batch')
    .description('hunt incrementally: read each file of a lake once, keep the findings as a dataset')
    .argument('[job]', 'a job file (.yaml, .yml, .json), or a detection, technique or full id', 't1573.001')
    .option('--work <dir>', 'folder that the slices of the files are kept in')
    .option('--out <dir>', 'folder of the findings (default: findings/ in the work directory)')
    .addOption(
      new Option('--keep <format>', 'how findings are kept (default parquet)').choices(['parquet', 'jsonl']),
    )
    .addOption(
      new Option(
        '--strict',
        'stop at the first file that cannot be read, instead of going on without it',
      ).conflicts('skipUnreadable'),
    )
    .option('--content-hash', 'tell changed files by their content, not by size and time')
    .option('--verify', 'check the bytes of every slice')
    .option('--evidence', 'write also every matched pair behind the findings, into current/evidence/')
    .option('--suppress <file>', 'a YAML file of rules that hide known false positives')
    .option('--metrics <file>', 'write the run as OpenMetrics text, for a textfile collector')
    .option('--since-last-run [format]', `print the findings that are new, as ${FORMAT_NAMES.join(', ')}`)
    .addOption(
      new Option('--log <how>', 'how progress is told on stderr').choices(['text', 'json']).default('text'),
    )
    .option(
      '--fail-on-findings',
      'exit with 3 when something is found (with --since-last-run: something new)',
    );
  lakeFlags(parameterFlags(command));
  for (const option of command.options) if (NOT_SHOWN.includes(option.long!)) option.hideHelp();
  return command.action(async (job: string, flags: BatchFlags) => {
    exit(await batch(job, flags, terminal));
  });
}

/** Options of a hunt that are refused, or ask for what a batch does anyway. */
const NOT_SHOWN = ['--partition-date', '--classify-addresses', '--skip-unreadable'];

async function batch(named: string, flags: BatchFlags, terminal: Terminal): Promise<number> {
  const teller = batchTeller(terminal, flags.log);
  try {
    return await runJob(await jobOf(named, flags), flags, terminal, teller);
  } catch (error) {
    const code = teller.failed(error);
    if (code === undefined) throw error;
    return code;
  } finally {
    teller.end();
  }
}

async function runJob(
  job: BatchJob,
  flags: BatchFlags,
  terminal: Terminal,
  teller: BatchTeller,
): Promise<number> {
  const format = formatNamed(typeof flags.sinceLastRun === 'string' ? flags.sinceLastRun : 'table');
  const runs = detectionsOf(job.detections);
  if (flags.sinceLastRun !== undefined) checkListing(format, runs.length, terminal);
  const report = await runBatch(job, {
    signal: terminal.signal,
    onEvent: (event) => teller.event(event),
    onProgress: (progress) => teller.progress(progress),
    ...(flags.sinceLastRun === undefined
      ? {}
      : { onNew: (name, found) => list(runs.length > 1 ? name : undefined, found, format, terminal) }),
  });
  return exitCode(report, flags);
}

async function jobOf(named: string, flags: BatchFlags): Promise<BatchJob> {
  refuseOthers(flags);
  if (/\.(ya?ml|json)$/i.test(named)) return jobOfFile(named, flags);
  if ((await stat(named).catch(() => undefined))?.isFile())
    throw new UsageError(`${named} is a file, but no job file`, {
      hint: 'a job file ends in .yaml, .yml or .json',
    });
  return jobOfFlags(named, flags);
}

/** What cannot be listed is refused before the run: what is new then is not new the next time. */
function checkListing(format: FormatName, detections: number, terminal: Terminal): void {
  checkDocuments(format, detections, 'read current/ of the findings');
  checkStream(format, terminal.stdout);
}

type NewFindings = Parameters<NonNullable<NonNullable<Parameters<typeof runBatch>[1]>['onNew']>>[1];

/** Lists findings, as a table below the `heading`. */
async function list(
  heading: string | undefined,
  found: NewFindings,
  format: FormatName,
  terminal: Terminal,
): Promise<void> {
  if (format === 'table' && heading !== undefined) await print(terminal, `${heading}\n`);
  await writeReport(
    found,
    format,
    { stream: terminal.stdout },
    {
      signal: terminal.signal,
      color: wantsColor(terminal.stdout, terminal.env),
      columns: widthOf(terminal.stdout, terminal.env),
      unicode: drawsUnicode(terminal.env),
    },
  );
  if (format === 'table' && heading !== undefined) await print(terminal, '\n');
}

/** A file that could not be read makes a run fail, so that whoever scheduled it looks. */
function exitCode({ files, findings }: RunReport, flags: BatchFlags): number {
  if (files.failed.length > 0) return EXIT.failed;
  const found = findings.some((each) => (flags.sinceLastRun === undefined ? each.total : each.new) > 0);
  return flags.failOnFindings && found ? EXIT.findings : EXIT.fine;
}

/** Of the options that say what to do, a job file leaves none open. */
const FOR_JOB_FILES = [
  'skipUnreadable',
  'strict',
  'contentHash',
  'verify',
  'metrics',
  'remote',
  'log',
  'sinceLastRun',
  'failOnFindings',
];

async function jobOfFile(path: string, flags: BatchFlags): Promise<BatchJob> {
  const other = Object.keys(flags).find((flag) => !FOR_JOB_FILES.includes(flag));
  if (other !== undefined) {
    const option = other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`--${option} does not go with a job file`, { hint: `write it into ${path}` });
  }
  const job = await readJobFile(path);
  if (typeof job.lake === 'string' && !isRemote(job.lake) && !(await stat(job.lake).catch(() => undefined)))
    throw new UsageError(`the job file ${path}: lake: no such directory: ${job.lake}`, {
      hint: 'name the folder that holds the telemetry; paths count from the job file',
    });
  return {
    ...job,
    strict: flags.strict ?? job.strict,
    contentHash: flags.contentHash ?? job.contentHash,
    verify: flags.verify ?? job.verify,
    metrics: flags.metrics ?? job.metrics,
    remote: flags.remote ?? job.remote,
  };
}

/** What a hunt takes and a batch cannot do. */
function refuseOthers(flags: BatchFlags): void {
  if (flags.partitionDate !== undefined) {
    throw new UsageError(
      '--partition-date does not go with batch, which reads each file once whatever its date',
    );
  }
  if (flags.classifyAddresses) {
    throw new UsageError('--classify-addresses does not go with batch, whose slices hold what is recorded', {
      hint: 'merganser hunt --classify-addresses says where the records are wrong',
    });
  }
}

async function jobOfFlags(detection: string, flags: BatchFlags): Promise<BatchJob> {
  const { work, memory, threads, temp, dedupe, strict, contentHash, verify, evidence, metrics, remote } =
    flags;
  if (work === undefined) {
    throw new UsageError('where are the slices to be kept? --work was not given', {
      hint: 'for example --work work/',
    });
  }
  const detections = detectionsOf([{ detection }]).map((each) => each.detection);
  return {
    lake: lakeSource(flags) as BatchJob['lake'],
    work,
    output: { folder: flags.out, format: flags.keep },
    detections: [{ detection, settings: await settingLayers(flags, detections) }],
    limits: { memory, threads, temp },
    dedupe,
    strict,
    contentHash,
    verify,
    evidence,
    suppressions: flags.suppress === undefined ? undefined : readSuppressions(flags.suppress),
    metrics,
    remote,
  };
}
