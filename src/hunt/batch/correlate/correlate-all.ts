import type { Lake } from '../../../lake/lake.ts';
import { rangesOf } from '../../hunt-tables.ts';
import { emptyRanges } from '../../time-range.ts';
import { presentOf, timeBounds } from '../../values.ts';
import type { BatchContext } from '../context.ts';
import { lookIn } from '../extract/input-file.ts';
import { type Reading, readLake } from '../extract/read-lake.ts';
import type { Correlations } from '../findings/write-findings.ts';
import type { NamedHunt } from '../job/job.ts';
import { storedFiles } from '../state/manifest.ts';
import { type Correlated, correlate } from './correlate.ts';
import type { CorrelateRequest } from './correlate-request.ts';
import { filesForRules } from './facts.ts';
import { SlicesCannotTell } from './processes.ts';

/** Correlates every detection. Where a slice turns out to be damaged, it is made again and all is tried once more. */
export async function correlateAll(
  context: BatchContext,
  lake: Lake,
  reading: Reading,
): Promise<Reading & { readonly correlated: Correlations }> {
  try {
    return { ...reading, correlated: await correlateOnce(context, lake) };
  } catch (error) {
    context.signal?.throwIfAborted();
    if (!(await anyDamaged(context))) throw error;
    context.tell({
      level: 'warning',
      event: 'slices-damaged',
      message: 'a slice cannot be read: those whose checksum does not fit are made again',
    });
    const again = await readLake({ ...context, job: { ...context.job, verify: true } }, lake);
    return { ...again, correlated: await correlateOnce(context, lake) };
  }
}

async function correlateOnce(context: BatchContext, lake: Lake): Promise<Correlations> {
  const { job, work, hunts, ledger, clock, signal, tell } = context;
  const correlated = new Map<NamedHunt, Correlated>();
  const { dedupe = false, verify = false, suppressions: rules } = job;
  const lookedInto = await filesForRules(lake, rules ?? [], lookIn(lake, job.contentHash ?? false));
  const onLookUp = (tables: readonly string[]) => {
    const message = `rules look into the lake for what findings do not say: ${tables.join(', ')}`;
    tell({ level: 'info', event: 'rules-look-up', message, details: { tables } });
  };
  for (const hunt of hunts) {
    const { manifest } = ledger;
    const today = presentOf(hunt.hunted.values);
    const judging = { rules, today, lookedInto, onLookUp };
    const request = { lake, work, manifest, ...hunt, ...judging, dedupe, verify, signal };
    const made = await clock.time('correlate', () => correlateOrTell(context, hunt, request));
    if (made === undefined) continue;
    correlated.set(hunt, made);
    ledger.setNearby(hunt.hunted.detection.id, made.nearby);
    const how = made.reused ? 'unchanged' : 'found';
    tell({
      level: 'info',
      event: 'correlated',
      message: `${hunt.name}: ${made.result.rows} findings, ${how}`,
    });
    if (made.result.rows === 0) await tellEmptyRanges(context, lake, hunt);
  }
  ledger.keepNearby(hunts.map(({ hunted }) => hunted.detection.id));
  return correlated;
}

/** Of the detections that `technique/*` means, one that slices cannot answer is left out; any other is an error. */
async function correlateOrTell(
  { tell }: BatchContext,
  { name, optional }: NamedHunt,
  request: CorrelateRequest,
): Promise<Correlated | undefined> {
  try {
    return await correlate(request);
  } catch (error) {
    if (!optional || !(error instanceof SlicesCannotTell)) throw error;
    const message = `${error.message}; it is left out: ${error.hint}`;
    tell({ level: 'warning', event: 'left-out', message, details: { name } });
    return undefined;
  }
}

/** Says where nothing can have been found. A file that cannot be read was told of already. */
async function tellEmptyRanges({ tell, signal }: BatchContext, lake: Lake, { name, hunted }: NamedHunt) {
  const { detection, values } = hunted;
  const ranges = rangesOf(lake, { detection, bounds: timeBounds(values) });
  for (const note of await emptyRanges(lake, ranges, { signal }).catch(() => [])) {
    tell({ level: 'warning', event: 'no-events', message: `${name}: ${note}`, details: { name } });
  }
}

async function anyDamaged({ work, ledger }: BatchContext): Promise<boolean> {
  for (const file of storedFiles(ledger.manifest)) if (!(await work.isIntact(file, true))) return true;
  return false;
}
