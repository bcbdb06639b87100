import type { PhysicalColumn } from './convert.ts';
import type { LakeFile } from './formats.ts';

/** Files that can be read together: same format, same shape, same columns of the same types. */
export interface FileGroup {
  readonly files: readonly LakeFile[];
  /** What the telemetry looks like: `defender-xdr`, `sentinel`, `streaming-api`, `sysmon`, … */
  readonly shape: string;
  /** SQL that can stand after FROM and gives `columns`. */
  readonly relation: string;
  /** The same over some of the files only, where no row depends on other files. */
  readonly relationOf?: (files: readonly LakeFile[]) => string;
  readonly columns: readonly PhysicalColumn[];
  /** The columns that the files themselves have, where `columns` has also those that they may leave out. */
  readonly recorded?: readonly string[];
  /** The columns among them whose values are the files' Hive partition keys. */
  readonly hiveKeys?: readonly string[];
  /** Whether everything in the source is text, so that numbers must be parsed (CSV). */
  readonly text: boolean;
}

/** A group's column, whatever its casing. */
export function physical({ columns }: FileGroup, name: string | undefined): PhysicalColumn | undefined {
  if (name === undefined) return undefined;
  return columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
}
