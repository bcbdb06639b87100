import type { Statuses } from '../findings/statuses.ts';
import type { FailedFile } from '../state/manifest.ts';

/** The stages of a run, in their order. */
export type Stage = 'list' | 'plan' | 'extract' | 'correlate' | 'write';

/** What a run did. */
export interface RunReport {
  /** Its name, which is when it started. */
  readonly run: string;
  /** ISO-8601. */
  readonly started: string;
  /** The work directory. */
  readonly work: string;
  /** The folder of the findings. */
  readonly output: string;
  readonly files: {
    readonly listed: number;
    readonly read: number;
    readonly reused: number;
    readonly vanished: number;
    readonly failed: readonly FailedFile[];
  };
  /** Bytes of the files that were read. */
  readonly bytesRead: number;
  /** Rows of the files that were read, where they tell (Parquet, Arrow), and how many of them the slices keep. */
  readonly rows: { readonly read: number; readonly uncounted: number; readonly kept: number };
  /** By detection, in the job's order. */
  readonly findings: readonly DetectionReport[];
  readonly seconds: Readonly<Record<Stage | 'total', number>>;
  readonly peakMemoryBytes: number;
  /** What the work directory's slices and results take. */
  readonly diskBytes: number;
  /** What the user was told, one line each. */
  readonly notes: readonly string[];
}

/** What a run found with one of its detections. */
export interface DetectionReport extends Statuses {
  /** What the job calls it. */
  readonly name: string;
  /** Its full id. */
  readonly detection: string;
  /** New and continuing ones together. */
  readonly total: number;
  /** Those that rules hide; they are in neither. */
  readonly suppressed: number;
  /** What each rule did, in the order of their file. */
  readonly rules: readonly { readonly name: string; readonly hidden: number; readonly expired: boolean }[];
  /** The matched pairs behind the findings, and their file; left out where the job did not ask for them. */
  readonly evidence?: { readonly rows: number; readonly file: string };
  /** Whether the last run's result held, since no slice and no value had changed. */
  readonly unchanged: boolean;
  /** The file in `current/`. */
  readonly file: string;
}

/** The run in one line. */
export function reportLine(report: RunReport): string {
  const { files, findings } = report;
  const failed = files.failed.length === 0 ? '' : `, ${files.failed.length} FAILED`;
  const found = findings.map((each) => {
    const gone = each.gone === 0 ? '' : `, ${each.gone} gone`;
    const suppressed = each.suppressed > 0 ? `, ${each.suppressed} suppressed` : '';
    const pairs = each.evidence === undefined ? '' : `, ${count(each.evidence.rows)} rows of evidence`;
    return `${each.name}: ${each.total} (${each.new} new, ${each.continuing} continuing${gone}${suppressed})${pairs}`;
  });
  const vanished = files.vanished === 0 ? '' : `, ${files.vanished} vanished`;
  const read = `${files.read} of ${files.listed} files read, ${files.reused} reused${vanished}${failed}`;
  return `run ${report.run}: ${[read, ...found, ...costs(report)].join('; ')}`;
}

/** Rows, time by stage, memory and disk. */
function costs({ rows, seconds, peakMemoryBytes, diskBytes }: RunReport): string[] {
  const { total, ...stages } = seconds;
  const long = Object.entries(stages).filter(([, each]) => each >= 0.05);
  const parts = long.map(([stage, each]) => `${stage} ${each.toFixed(1)}`).join(', ');
  // Text does not tell how many rows it has without being read once more.
  const of = rows.uncounted > 0 ? '' : ` of ${count(rows.read)}`;
  return [
    ...(rows.kept + rows.read > 0 ? [`${count(rows.kept)}${of} rows kept`] : []),
    `${total.toFixed(1)} s${parts === '' ? '' : ` (${parts})`}`,
    `${megabytes(peakMemoryBytes)} of memory, ${megabytes(diskBytes)} of disk`,
  ];
}

function count(rows: number): string {
  return rows.toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

/** Measures how long each stage takes. */
export class StageClock {
  readonly #began = performance.now();
  readonly #seconds: Record<Stage, number> = { list: 0, plan: 0, extract: 0, correlate: 0, write: 0 };

  async time<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.#seconds[stage] += (performance.now() - began) / 1000;
    }
  }

  seconds(): RunReport['seconds'] {
    return { ...this.#seconds, total: (performance.now() - this.#began) / 1000 };
  }
}
