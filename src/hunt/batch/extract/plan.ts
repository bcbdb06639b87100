import type { LakeFile } from '../../../lake/formats.ts';
import type { Manifest, SliceRecord } from '../state/manifest.ts';
import type { Extract } from './extraction.ts';
import { changeOf, type InputFile } from './input-file.ts';
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
  const alone = new Map(known.filter((each) => !each.together).map((each) => [each.files[0]!.path, each]));
  const joint = known.find((each) => each.together);
  const inJoint = new Map(joint?.files.map((each) => [each.path, each]));
  const again = new Map<string, number>();
  const readAgain = (reason: string, files = 1) => again.set(reason, (again.get(reason) ?? 0) + files);
  const [reuse, read, together]: [SliceRecord[], LakeFile[], LakeFile[]] = [[], [], []];
  for (const file of request.files.get(table) ?? []) {
    const input = request.inputs.get(file.path);
    if (input === undefined) continue;
    const slice = alone.get(file.path);
    const before = slice?.files[0] ?? inJoint.get(file.path);
    const change = before === undefined ? 'another' : changeOf(before, input);
    if (change === 'another') read.push(file);
    else if (slice === undefined) {
      together.push(file);
      if (change === 'unknown') readAgain(UNKNOWN_CONTENT);
    } else {
      const reason = change === 'unknown' ? UNKNOWN_CONTENT : await whyAgain(request, slice, need);
      if (reason === undefined) reuse.push(slice);
      else {
        read.push(file);
        readAgain(reason);
      }
    }
  }
  const reason = joint === undefined ? undefined : await whyAgain(request, joint, need);
  if (reason !== undefined) readAgain(reason, together.length);
  return { table, reuse, read, together, slice: reason === undefined ? joint : undefined, again };
}

const UNKNOWN_CONTENT = 'only size and time were recorded, not the content';

async function whyAgain(
  { manifest, isIntact }: PlanRequest,
  slice: SliceRecord,
  need: Extract,
): Promise<string | undefined> {
  const stored = manifest.extracts[slice.extract];
  const reason = stored === undefined ? 'their filters are not recorded' : whyNot(stored, need);
  return reason ?? ((await isIntact(slice)) ? undefined : 'their slices were changed or are gone');
}
