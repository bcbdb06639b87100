import { resolve } from 'node:path';
import type { Spool } from '../../../engine/spool.ts';
import type { Lake } from '../../../lake/lake.ts';
import { isExpired } from '../../suppress/suppressions.ts';
import { presentOf } from '../../values.ts';
import type { BatchContext } from '../context.ts';
import type { Correlated } from '../correlate/correlate.ts';
import { readEvidence } from '../correlate/evidence.ts';
import type { BatchJob, NamedHunt } from '../job/job.ts';
import type { DetectionReport } from '../report/run-report.ts';
import type { Manifest, ResultRecord, RunRecord } from '../state/manifest.ts';
import type { WorkDirectory } from '../state/work-directory.ts';
import { coverage } from './coverage.ts';
import { Dataset, removeStale, type WriteRows } from './dataset.ts';
import { spansOfEmpty } from './spans.ts';
import { anyMissing, countStatuses, type StatusRequest, withStatus } from './statuses.ts';

/** What each detection of the job found. */
export type Correlations = ReadonlyMap<NamedHunt, Correlated>;

export interface Written {
  readonly findings: readonly DetectionReport[];
  /** The new findings, kept where someone wants to see them. */
  readonly fresh: ReadonlyMap<string, Spool>;
}

/** Writes the findings, then the manifest that makes them valid, then removes what no longer is. */
export async function writeFindings(
  context: BatchContext & { readonly writeRows: WriteRows },
  lake: Lake,
  before: Manifest,
  run: string,
  correlated: Correlations,
): Promise<Written> {
  const { job, work, ledger } = context;
  const dataset = new Dataset(outputOf(job, work), job.output?.format ?? 'parquet');
  ledger.set({ writing: { run, output: dataset.path } });
  await ledger.write();
  const findings: DetectionReport[] = [];
  const fresh = new Map<string, Spool>();
  for (const [hunt, made] of correlated) {
    const { name, hunted } = hunt;
    const earlier = comparable(context, name, made.result, before);
    const compared = { lake, work, hunted, result: made.result, before: earlier };
    const covered = (await anyMissing(compared))
      ? coverage(
          ledger.manifest,
          hunted,
          earlier!,
          await spansOfEmpty(lake, ledger.manifest, hunted.detection),
        )
      : undefined;
    const request = { ...compared, covered };
    findings.push(await writeOne({ ...context, dataset, run }, hunt, made, request));
    if (context.onNew) fresh.set(name, await withStatus({ ...request, only: 'new' }));
  }
  const last: RunRecord = {
    run,
    output: dataset.path,
    current: findings.flatMap(({ name, evidence }) => [
      dataset.fileName(name),
      ...(evidence === undefined ? [] : [dataset.evidenceName(name)]),
    ]),
    results: Object.fromEntries([...correlated].map(([{ name }, { result }]) => [name, result])),
  };
  ledger.set({ last, dropped: [] });
  await ledger.write();
  await removeStale(before.last, last);
  await work.tidy(ledger.manifest);
  return { findings, fresh };
}

type Writing = BatchContext & {
  readonly writeRows: WriteRows;
  readonly dataset: Dataset;
  readonly run: string;
};

/** Writes what one detection found, and what lies behind it where that was asked for. */
async function writeOne(
  { job, dataset, run, writeRows, signal }: Writing,
  { name, hunted }: NamedHunt,
  { result, reused }: Correlated,
  request: StatusRequest,
): Promise<DetectionReport> {
  const spool = await withStatus(request);
  await dataset.write(run, name, spool, writeRows, signal);
  const statuses = await countStatuses(spool);
  await spool.close();
  let evidence: DetectionReport['evidence'];
  if (result.evidence !== undefined) {
    const behind = await readEvidence(request.lake, request.work, result.evidence);
    const file = await dataset.writeEvidence(name, behind, writeRows, signal);
    evidence = { rows: result.evidence.rows, file };
    await behind.close();
  }
  const hidden = Object.values(result.hidden ?? {}).reduce((sum, each) => sum + each, 0);
  return {
    name,
    detection: hunted.detection.id,
    total: result.rows - hidden,
    suppressed: hidden,
    rules: (job.suppressions ?? []).map((rule) => ({
      name: rule.name,
      hidden: result.hidden?.[rule.name] ?? 0,
      expired: isExpired(rule, presentOf(hunted.values)),
    })),
    ...statuses,
    ...(evidence === undefined ? {} : { evidence }),
    unchanged: reused,
    file: dataset.current(name),
  };
}

/** The last run's result, if a finding was one of the same: else all findings are other ones, and none is gone. */
function comparable(
  { tell }: BatchContext,
  name: string,
  { identity }: ResultRecord,
  { last }: Manifest,
): ResultRecord | undefined {
  const earlier = last?.results[name];
  if (earlier === undefined || earlier.identity === identity) return earlier;
  const message = `${name}: another identity makes other findings: all count as new`;
  tell({ level: 'warning', event: 'identity-changed', message, details: { name } });
  return undefined;
}

/** The folder of the job's findings. */
export function outputOf({ output }: BatchJob, work: WorkDirectory): string {
  return resolve(output?.folder ?? work.at('findings'));
}
