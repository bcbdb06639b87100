import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeDurably } from '../../../engine/durable.ts';
import { MerganserError } from '../../../error.ts';
import type { Extract } from '../extract/extraction.ts';
import type { InputFile } from '../extract/input-file.ts';

/** A slice: what was kept of one file, or of files whose rows depend on each other. */
export interface SliceRecord extends StoredFile {
  readonly table: string;
  readonly files: readonly InputFile[];
  /** Whether its files are extracted together because their rows depend on each other. */
  readonly together: boolean;
  /** The key of what it holds in {@link Manifest.extracts}. */
  readonly extract: string;
  /** The optional columns that its files have. */
  readonly recorded: readonly string[];
  /** Rows of the files; null where only reading them once more would tell (JSON, CSV). */
  readonly rowsRead: number | null;
  readonly rowsKept: number;
  /** The earliest and latest event that was kept, in microseconds since the epoch; null where there is none. */
  readonly first: string | null;
  readonly last: string | null;
}

/** A file that a run left in the work directory. `name` is its path there, with slashes. */
export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
  readonly modified: string;
  readonly sha256: string;
}

/** The result of one detection of the last run; `inputs` says what it was made from. */
export interface ResultRecord extends StoredFile {
  readonly inputs: string;
  /** What a finding is one of: `process`, or what the detection groups by where left out. */
  readonly identity?: string;
  /** The tables that it had to do without; left out where that is not known. */
  readonly absent?: readonly string[];
  /** Its findings, those that rules hide among them. */
  readonly rows: number;
  /** What lies behind its findings; left out where the job did not ask for it. */
  readonly evidence?: EvidenceRecord;
  /** How many findings each rule hides, by its name; left out where there were no rules. */
  readonly hidden?: Readonly<Record<string, number>>;
}

/** What lies behind the findings of a result that no rule hides. */
export interface EvidenceRecord extends StoredFile {
  readonly rows: number;
}

/** Rows of the slices that lie near each other, so that a detection can pair them: see nearby.ts. */
export interface NearbyRecord {
  /** How long after a row of the first table, and before it, one of the second was looked for, in microseconds. */
  readonly after: string;
  readonly before: string;
  /** The slices that it was made from, each with the earliest and latest event in it. */
  readonly slices: readonly (readonly [name: string, first: string | null, last: string | null])[];
  /** Its rows, by table. */
  readonly files: Readonly<Record<string, StoredFile>>;
}

/** The files of a slice that is there no more, and when the events in it were. */
export interface DroppedSlice extends Pick<SliceRecord, 'table' | 'first' | 'last'> {
  readonly paths: readonly string[];
}

export interface FailedFile {
  readonly table: string;
  readonly path: string;
  readonly problem: string;
}

/** The last run that finished. */
export interface RunRecord {
  readonly run: string;
  /** Where it wrote, and its files in `current/`. */
  readonly output: string;
  readonly current: readonly string[];
  /** By the detections' names in the job. */
  readonly results: Readonly<Record<string, ResultRecord>>;
}

/** What is in a work directory. Nothing else in it counts. */
export interface Manifest {
  readonly extracts: Readonly<Record<string, Extract>>;
  readonly slices: readonly SliceRecord[];
  readonly failed: readonly FailedFile[];
  /** By detection. It says nothing that the slices do not, and saves looking through them all. */
  readonly nearby: Readonly<Record<string, NearbyRecord>>;
  readonly last?: RunRecord;
  /** Slices that the last run had and that the run after it, which has not finished, does without. */
  readonly dropped: readonly DroppedSlice[];
  /** A run that has begun to write its findings: if it is not `last`, it died, and what it wrote is not valid. */
  readonly writing?: { readonly run: string; readonly output: string };
}

export const NOTHING: Manifest = { extracts: {}, slices: [], failed: [], nearby: {}, dropped: [] };

/** The layout that this version writes. A change to {@link Manifest} raises it and adds a migration. */
const MANIFEST_VERSION = 3;

/** What makes of a manifest's content in one layout the content in the next, by the older layout's number. */
export type Migrations = Readonly<Record<number, (content: unknown) => unknown>>;

const MIGRATIONS: Migrations = {
  // Rows near each other were not kept: they are found again from the slices.
  1: (content) => ({ ...(content as object), nearby: {} }),
  // Of slices that a run did without, nothing was kept.
  2: (content) => ({ ...(content as object), dropped: [] }),
};

/** All files of the work directory that a manifest names. */
export function storedFiles({ slices, nearby, last }: Manifest): StoredFile[] {
  return [
    ...slices,
    ...Object.values(nearby).flatMap(({ files }) => Object.values(files)),
    ...Object.values(last?.results ?? {}).flatMap((each) => [
      each,
      ...(each.evidence ? [each.evidence] : []),
    ]),
  ];
}

/** Reads a manifest; none is an empty one. Throws where it is newer than this version, or damaged. */
export async function readManifest(path: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
    throw error;
  }
  return parseManifest(text, path);
}

/** The text of a manifest as its content, brought to the layout `version`. */
export function parseManifest(
  text: string,
  path: string,
  version = MANIFEST_VERSION,
  migrations: Migrations = MIGRATIONS,
): Manifest {
  const { version: written, checksum, content } = envelope(text, path);
  if (written > version) {
    throw new MerganserError(`${path} was written by a newer version of merganser (layout ${written})`, {
      hint: 'use that version, or another work directory',
    });
  }
  if (checksum !== checksumOf(content)) throw damaged(path);
  let migrated: unknown = content;
  for (let from = written; from < version; from++) {
    const migrate = migrations[from];
    if (migrate === undefined) throw damaged(path);
    migrated = migrate(migrated);
  }
  return migrated as Manifest;
}

function envelope(text: string, path: string): { version: number; checksum: string; content: object } {
  try {
    const read = JSON.parse(text) as { version: unknown; checksum: unknown; content: unknown };
    const { version, checksum, content } = read;
    if (
      Number.isInteger(version) &&
      (version as number) > 0 &&
      typeof checksum === 'string' &&
      typeof content === 'object' &&
      content !== null
    ) {
      return { version: version as number, checksum, content };
    }
  } catch {
    // Falls through: text that is no JSON is as damaged as JSON that is no manifest.
  }
  throw damaged(path);
}

export async function writeManifest(path: string, content: Manifest): Promise<void> {
  await writeDurably(path, manifestText(content));
}

export function manifestText(content: object, version = MANIFEST_VERSION): string {
  return `{"version":${version},"checksum":"${checksumOf(content)}","content":${JSON.stringify(content)}}\n`;
}

function checksumOf(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function damaged(path: string): MerganserError {
  return new MerganserError(`${path} is damaged: its checksum does not fit its content`, {
    hint: 'delete it to start afresh: the next run then reads every file of the lake again, and all that it finds is new',
  });
}
