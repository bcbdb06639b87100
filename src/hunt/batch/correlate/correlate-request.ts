import type { RunOptions } from '../../../engine/run.ts';
import type { Lake } from '../../../lake/lake.ts';
import type { SuppressionRule } from '../../suppress/suppressions.ts';
import type { InputFile } from '../extract/input-file.ts';
import type { Hunted } from '../hunted.ts';
import type { Manifest } from '../state/manifest.ts';
import type { WorkDirectory } from '../state/work-directory.ts';

/** What it takes to correlate one detection of a job. */
export interface CorrelateRequest extends RunOptions {
  readonly lake: Lake;
  readonly work: WorkDirectory;
  readonly manifest: Manifest;
  /** The detection's name in the job. */
  readonly name: string;
  readonly hunted: Hunted;
  readonly dedupe: boolean;
  /** The rules that hide findings, on the day that they may have expired by. */
  readonly rules: readonly SuppressionRule[] | undefined;
  readonly today: Date;
  /** The files of the lake that the rules may look into. */
  readonly lookedInto: readonly InputFile[];
  /** Told before they do. */
  readonly onLookUp: (tables: readonly string[]) => void;
  /** Check the bytes of what is kept. */
  readonly verify: boolean;
}
