import type { DuckDBConnection } from '@duckdb/node-api';
import { LakeError, MerganserError } from '../../../error.ts';
import type { LakeFile } from '../../../lake/formats.ts';
import type { Lake } from '../../../lake/lake.ts';
import type { SliceRecord } from '../state/manifest.ts';
import type { WorkDirectory } from '../state/work-directory.ts';
import type { Extraction } from './extraction.ts';
import { fileKey, type InputFile, type LookAt } from './input-file.ts';
import { writeSlice } from './slice.ts';
import { dependsOnOthers, dropCopies, type SliceSource, sourceOf } from './source.ts';

/** What reads files: a connection of its own, and the sources that were found beforehand. */
export interface Worker {
  readonly lake: Lake;
  readonly work: WorkDirectory;
  readonly extraction: Extraction;
  /** The files as they were when the lake was listed. */
  readonly inputs: ReadonlyMap<string, InputFile>;
  readonly look: LookAt;
  readonly signal: AbortSignal | undefined;
  readonly connection: DuckDBConnection;
  readonly sources: ReadonlyMap<string, () => SliceSource>;
}

/** What came of reading files. */
export type Made =
  | { readonly kind: 'slice'; readonly slice: SliceRecord }
  | { readonly kind: 'together' }
  | { readonly kind: 'gone'; readonly path: string }
  | { readonly kind: 'failed'; readonly path: string; readonly problem: string };

/** Reads files that may be replaced meanwhile: what was read counts only if they are the same before and after. */
export async function whileUnchanged(
  request: Worker,
  files: readonly LakeFile[],
  together: boolean,
): Promise<Made> {
  const paths = files.map(({ path }) => path);
  let changed = paths[0]!;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    request.signal?.throwIfAborted();
    const before = await request.look(paths);
    const gone = paths.find((path) => !before.has(path));
    if (gone !== undefined) return { kind: 'gone', path: gone };
    const made = await sliceOf(request, files, [...before.values()], together);
    const after = await request.look(paths);
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
