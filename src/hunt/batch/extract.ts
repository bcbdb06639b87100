import type { DuckDBConnection } from '@duckdb/node-api';
import { all } from '../../engine/run.ts';
import { LakeError, MerganserError } from '../../error.ts';
import type { LakeFile } from '../../lake/formats.ts';
import type { Lake } from '../../lake/lake.ts';
import { macroText } from '../detection.ts';
import type { Extraction } from './extraction.ts';
import { fileKey, filesKey, type InputFile, inputFiles } from './input-file.ts';
import type { FailedFile, SliceRecord } from './manifest.ts';
import type { TablePlan } from './plan.ts';
import { writeSlice } from './slice.ts';
import { dependsOnOthers, dropCopies, parquetSources, type SliceSource, sourceOf } from './source.ts';
import type { WorkDirectory } from './work-directory.ts';

export interface ExtractRequest {
  readonly lake: Lake;
  readonly work: WorkDirectory;
  readonly extraction: Extraction;
  readonly plan: TablePlan;
  readonly inputs: ReadonlyMap<string, InputFile>;
  /** Compare files by their content. */
  readonly hashed: boolean;
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
  const { lake, plan, atOnce, extraction } = request;
  const outcome: Outcome = { failed: [], gone: [], together: [...plan.together] };
  const sources = await parquetSources(lake, plan.table, plan.read, extraction.extract.columns);
  const waiting = [...plan.read].reverse();
  const work = () =>
    lake.connected([], {}, async (connection) => {
      for (const macro of extraction.macros) await all(connection, macroText(macro));
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
    for (const macro of extraction.macros) await all(connection, macroText(macro));
    return extractTogether({ ...request, connection, sources: new Map() }, outcome);
  });
  return { ...outcome, together };
}

/** A worker's request: its own connection, and the sources that were found beforehand. */
interface Worker extends ExtractRequest {
  readonly connection: DuckDBConnection;
  readonly sources: ReadonlyMap<string, () => SliceSource>;
}

interface Outcome {
  readonly failed: FailedFile[];
  readonly gone: string[];
  readonly together: LakeFile[];
}

async function extractAlone(request: Worker, file: LakeFile, outcome: Outcome): Promise<void> {
  const made = await whileUnchanged(request, [file], false);
  if (made.kind === 'together') outcome.together.push(file);
  else if (made.kind === 'gone') outcome.gone.push(file.path);
  else if (made.kind === 'failed') setAside(request, made, outcome);
  const input = made.kind === 'slice' ? made.slice.files[0]! : request.inputs.get(file.path)!;
  await request.onFile(input, made.kind === 'slice' ? made.slice : undefined);
}

/** Files whose rows depend on each other are one slice, made again when any of them comes, changes or goes. */
async function extractTogether(request: Worker, outcome: Outcome): Promise<SliceRecord | undefined> {
  let files = outcome.together.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { slice } = request.plan;
  if (slice !== undefined) {
    const now = await inputFiles(
      files.map(({ path }) => path),
      request.hashed,
    );
    if (filesKey([...now.values()]) === filesKey(slice.files)) return slice;
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

type Made =
  | { readonly kind: 'slice'; readonly slice: SliceRecord }
  | { readonly kind: 'together' }
  | { readonly kind: 'gone'; readonly path: string }
  | { readonly kind: 'failed'; readonly path: string; readonly problem: string };

/** Reads files that may be replaced meanwhile: what was read counts only if they are the same before and after. */
async function whileUnchanged(request: Worker, files: readonly LakeFile[], together: boolean): Promise<Made> {
  const paths = files.map(({ path }) => path);
  let changed = paths[0]!;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    request.signal?.throwIfAborted();
    const before = await inputFiles(paths, request.hashed);
    const gone = paths.find((path) => !before.has(path));
    if (gone !== undefined) return { kind: 'gone', path: gone };
    const made = await sliceOf(request, files, [...before.values()], together);
    const after = await inputFiles(paths, request.hashed);
    const differs = paths.find(
      (path) => !after.has(path) || fileKey(after.get(path)!) !== fileKey(before.get(path)!),
    );
    if (differs === undefined) return made;
    changed = differs;
  }
  return { kind: 'failed', path: changed, problem: 'it keeps changing while it is read' };
}

const ATTEMPTS = 3;

async function sliceOf(
  worker: Worker,
  files: readonly LakeFile[],
  inputs: readonly InputFile[],
  together: boolean,
): Promise<Made> {
  const { lake, work, extraction, signal, connection } = worker;
  const { table } = extraction.extract;
  let source: SliceSource | undefined;
  try {
    source = foundBefore(worker, inputs) ?? (await sourceOf(lake, table, files));
    if (!together && dependsOnOthers(source)) return { kind: 'together' };
    const request = { connection, work, extraction, source, inputs, together, signal };
    const slice = await lake.only(table, files).reading([table], () => writeSlice(request));
    return { kind: 'slice', slice };
  } catch (error) {
    signal?.throwIfAborted();
    const { message } = error as Error;
    if (error instanceof LakeError && files.some(({ path }) => path === error.file)) {
      return {
        kind: 'failed',
        path: error.file!,
        problem: message.replace(`cannot read ${error.file}: `, ''),
      };
    }
    if (files.length > 1 || error instanceof MerganserError || !blamesInput(message, work)) throw error;
    return { kind: 'failed', path: files[0]!.path, problem: message.split('\n', 1)[0]! };
  } finally {
    if (source !== undefined) await dropCopies(connection, source);
  }
}

/** The source of a file that is as it was when the sources were found. */
function foundBefore(
  { sources, inputs: listed }: Worker,
  inputs: readonly InputFile[],
): SliceSource | undefined {
  const [one] = inputs;
  const before = listed.get(one!.path);
  if (inputs.length > 1 || before === undefined || fileKey(before) !== fileKey(one!)) return undefined;
  return sources.get(one!.path)?.();
}

/** Errors that rows of a file can raise; not those of memory, of the disk, or of the slice being written. */
function blamesInput(message: string, work: WorkDirectory): boolean {
  if (message.includes(work.path) || /no space left|quota exceeded/i.test(message)) return false;
  return /^(IO|Invalid Input|Conversion|Serialization|Out of Range|Invalid)\b.*Error/i.test(message);
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
