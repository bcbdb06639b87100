import type { LakeFile } from '../../lake/formats.ts';
import type { Extract } from './extraction.ts';
import { fileKey, filesKey, type InputFile } from './input-file.ts';
import type { Manifest, SliceRecord } from './manifest.ts';
import { whyNot } from './strictness.ts';

/** What is to be done for one table. */
export interface TablePlan {
  readonly table: string;
  /** Slices that serve as they are. */
  readonly reuse: readonly SliceRecord[];
  /** Files to extract, each by itself unless it turns out to be of those that are extracted together. */
  readonly read: readonly LakeFile[];
  /** Files of which it is known that they are extracted together, and the slice that was made of them. */
  readonly together: readonly LakeFile[];
  readonly slice: SliceRecord | undefined;
  /** Why files that have not changed are read again, with how many. */
  readonly again: ReadonlyMap<string, number>;
}

export interface PlanRequest {
  readonly manifest: Manifest;
  /** The files of the lake by table, and what each is now; one that is gone has no entry. */
  readonly files: ReadonlyMap<string, readonly LakeFile[]>;
  readonly inputs: ReadonlyMap<string, InputFile>;
  readonly needs: ReadonlyMap<string, Extract>;
  /** Whether a slice is as it was recorded. */
  readonly isIntact: (slice: SliceRecord) => Promise<boolean>;
}

/** What must be read, and what need not be: a file's slice serves while the file is the same and the filters allow it. */
export async function planExtraction(request: PlanRequest): Promise<TablePlan[]> {
  const plans: TablePlan[] = [];
  for (const [table, need] of request.needs) plans.push(await planTable(request, table, need));
  return plans;
}

async function planTable(request: PlanRequest, table: string, need: Extract): Promise<TablePlan> {
  const known = request.manifest.slices.filter((slice) => slice.table === table);
  const alone = new Map(known.filter((each) => !each.together).map((each) => [filesKey(each.files), each]));
  const joint = known.find((each) => each.together);
  const jointKeys = new Set(joint?.files.map(fileKey));
  const again = new Map<string, number>();
  const [reuse, read, together]: [SliceRecord[], LakeFile[], LakeFile[]] = [[], [], []];
  for (const file of request.files.get(table) ?? []) {
    const input = request.inputs.get(file.path);
    if (input === undefined) continue;
    const key = fileKey(input);
    const slice = alone.get(key);
    if (slice === undefined) {
      if (jointKeys.has(key)) together.push(file);
      else read.push(file);
      continue;
    }
    const reason = await whyAgain(request, slice, need);
    if (reason === undefined) reuse.push(slice);
    else {
      read.push(file);
      again.set(reason, (again.get(reason) ?? 0) + 1);
    }
  }
  const reason = joint === undefined ? undefined : await whyAgain(request, joint, need);
  if (reason !== undefined) again.set(reason, (again.get(reason) ?? 0) + together.length);
  return { table, reuse, read, together, slice: reason === undefined ? joint : undefined, again };
}

async function whyAgain(
  { manifest, isIntact }: PlanRequest,
  slice: SliceRecord,
  need: Extract,
): Promise<string | undefined> {
  const stored = manifest.extracts[slice.extract];
  const reason = stored === undefined ? 'their filters are not recorded' : whyNot(stored, need);
  return reason ?? ((await isIntact(slice)) ? undefined : 'their slices were changed or are gone');
}
