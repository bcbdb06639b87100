import { LakeError } from '../../../error.ts';
import { isRemote } from '../../../lake/find/remote.ts';
import type { LakeFile } from '../../../lake/formats.ts';
import type { Lake } from '../../../lake/lake.ts';
import type { FailedFile, SliceRecord } from '../state/manifest.ts';
import type { WorkDirectory } from '../state/work-directory.ts';
import { type Extraction, prepare } from './extraction.ts';
import { changeOf, type InputFile, type LookAt } from './input-file.ts';
import type { TablePlan } from './plan.ts';
import { type Made, type Worker, whileUnchanged } from './read-file.ts';
import { parquetSources } from './source.ts';

export interface ExtractRequest {
  readonly lake: Lake;
  readonly work: WorkDirectory;
  readonly extraction: Extraction;
  readonly plan: TablePlan;
  readonly inputs: ReadonlyMap<string, InputFile>;
  readonly look: LookAt;
  /** Stop at the first file that cannot be read. */
  readonly strict: boolean;
  /** Files that are read at once. */
  readonly atOnce: number;
  readonly signal: AbortSignal | undefined;
  /** Told after each file; a slice that was made comes with it. */
  readonly onFile: (file: InputFile, slice: SliceRecord | undefined) => Promise<void>;
}

export interface Extracted {
  /** The slice of the files that are extracted together, where there are any, whether made now or before. */
  readonly together: SliceRecord | undefined;
  readonly failed: readonly FailedFile[];
  /** Files that disappeared between listing and reading. */
  readonly gone: readonly string[];
}

/** Extracts what the plan says, several files at once. A file that cannot be read is set aside; the rest goes on. */
export async function extractTable(request: ExtractRequest): Promise<Extracted> {
  const { lake, atOnce } = request;
  if (!keepsThreadsBusy(request)) return extractIn(request);
  return lake.apart(atOnce, (apart) => extractIn({ ...request, lake: apart }));
}

/**
 * Whether there are so many files to read, none of them much larger than the others, that each can be left to one thread.
 * Where two share a file, one waits for the other at its end, which it does spinning.
 */
function keepsThreadsBusy({ plan: { read }, inputs, atOnce }: ExtractRequest): boolean {
  if (read.some(({ path }) => isRemote(path))) return false;
  const sizes = read.flatMap(({ path }) => inputs.get(path)?.size ?? []);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  return all > 0 && sizes.every((size) => size * atOnce * ROUNDS <= all);
}

/** The work of each thread in its largest file's, at least: while the last files are read, some threads have none. */
const ROUNDS = 4;

async function extractIn(request: ExtractRequest): Promise<Extracted> {
  const { lake, plan, atOnce, extraction } = request;
  const outcome: Outcome = { failed: [], gone: [], together: [...plan.together] };
  const sources = await parquetSources(lake, plan.table, plan.read, extraction.extract.columns);
  const waiting = [...plan.read].reverse();
  const work = () =>
    lake.connected([], {}, async (connection) => {
      await prepare(connection, extraction);
      for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
        await extractAlone({ ...request, connection, sources }, file, outcome);
      }
    });
  const workers = Array.from({ length: Math.min(atOnce, waiting.length) }, () =>
    work().catch((error) => {
      waiting.length = 0;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(workers);
  const broken = ended.find((each) => each.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
  const together = await lake.connected([], {}, async (connection) => {
    await prepare(connection, extraction);
    return extractTogether({ ...request, connection, sources: new Map() }, outcome);
  });
  return { ...outcome, together };
}

interface Outcome {
  readonly failed: FailedFile[];
  readonly gone: string[];
  readonly together: LakeFile[];
}

async function extractAlone(
  request: ExtractRequest & Worker,
  file: LakeFile,
  outcome: Outcome,
): Promise<void> {
  const made = await whileUnchanged(request, [file], false);
  if (made.kind === 'together') outcome.together.push(file);
  else if (made.kind === 'gone') outcome.gone.push(file.path);
  else if (made.kind === 'failed') setAside(request, made, outcome);
  const input = made.kind === 'slice' ? made.slice.files[0]! : request.inputs.get(file.path)!;
  await request.onFile(input, made.kind === 'slice' ? made.slice : undefined);
}

/** Files whose rows depend on each other are one slice, made again when any of them comes, changes or goes. */
async function extractTogether(
  request: ExtractRequest & Worker,
  outcome: Outcome,
): Promise<SliceRecord | undefined> {
  let files = outcome.together.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { slice } = request.plan;
  if (slice !== undefined) {
    const now = await request.look(files.map(({ path }) => path));
    const before = new Map(slice.files.map((each) => [each.path, each]));
    const unchanged = [...now.values()].every((each) => {
      const known = before.get(each.path);
      return known !== undefined && changeOf(known, each) === 'same';
    });
    if (unchanged && now.size === before.size) return slice;
  }
  while (files.length > 0) {
    const made = await whileUnchanged(request, files, true);
    if (made.kind === 'slice') {
      await request.onFile(made.slice.files[0]!, made.slice);
      return made.slice;
    }
    if (made.kind === 'together') throw new TypeError('files that are together cannot be told to be so');
    if (made.kind === 'gone') outcome.gone.push(made.path);
    else setAside(request, made, outcome);
    files = files.filter(({ path }) => path !== made.path);
  }
  return undefined;
}

function setAside(
  { extraction, strict }: ExtractRequest,
  { path, problem }: Made & { kind: 'failed' },
  to: Outcome,
): void {
  if (strict) {
    throw new LakeError(`cannot read ${path}: ${problem}`, {
      file: path,
      hint: 'mend or remove the file, or go on without it by leaving --strict away',
    });
  }
  to.failed.push({ table: extraction.extract.table, path, problem });
}
