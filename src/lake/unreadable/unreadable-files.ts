import { counted } from '../../counted.ts';
import { LakeError } from '../../error.ts';
import { badValue } from './bad-value.ts';

/** A file that cannot be read, and why, in words for the user. */
export interface Unreadable {
  readonly file: string;
  readonly problem: string;
  /** What may help with this problem. */
  readonly hint?: string | undefined;
}

/** Thrown for files that cannot be read as their table's; with `skipUnreadable`, a lake goes on without them. */
export class UnreadableFiles extends LakeError {
  readonly files: readonly Unreadable[];

  constructor(files: readonly [Unreadable, ...Unreadable[]]) {
    const [first, ...others] = files;
    const more = others.length === 0 ? '' : ` (and ${counted(others.length, 'other file')})`;
    const goOn = 'mend or remove the file, or go on without it: --skip-unreadable';
    super(`cannot read ${first.file}: ${first.problem}${more}`, {
      file: first.file,
      hint: first.hint === undefined ? goOn : `${first.hint}; ${goOn}`,
    });
    this.files = files;
  }
}

/** What the engine says of files, in words that tell a user what to do about it. */
const IN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/No magic bytes found/, 'it does not end as a Parquet file does: it is cut short, or no Parquet file'],
  [/too small to be a Parquet file/, 'it is too short for a Parquet file'],
  [/not a GZIP stream/i, 'it is not compressed with gzip, as its name says'],
  [/Permission denied|EACCES|EPERM/, 'there is no permission to read it'],
  // Closed as it is to all files but the lake's, the engine says of one that is gone that it is not to be looked for.
  [/No such file|ENOENT|No files found|file system operations are disabled/, 'it is gone'],
  [/EISDIR|Is a directory/, 'it is a folder'],
];

/** Any error that came up while reading a file as what is wrong with it: without its path, without the engine's SQL. */
export function problemInWords(error: unknown, path: string): Pick<Unreadable, 'problem' | 'hint'> {
  const { message } = error as Error;
  if (error instanceof LakeError) {
    const problem = message.replace(/^cannot read /, '').replace(`${path}: `, '');
    return error.hint === undefined ? { problem } : { problem, hint: error.hint };
  }
  const value = badValue(message);
  if (value !== undefined) return { problem: value.problem };
  const csv = csvProblem(message);
  if (csv !== undefined) return { problem: csv };
  const known = IN_WORDS.find(([pattern]) => pattern.test(message));
  if (known !== undefined) return { problem: known[1] };
  const first = message
    .split('\n', 1)[0]!
    .replace(/^[A-Za-z ]+ Error: /, '')
    .replace(/^Failed to read (Parquet )?file ".*?": /, '')
    .replaceAll(`in file "${path}"`, '')
    .replaceAll(`"${path}"`, 'it')
    .replace(/[\s:.]+$/, '');
  return { problem: `it is damaged (${first})` };
}

/** The engine's account of a CSV file. It counts a field of several lines as one, so its line is no more than a hint. */
function csvProblem(message: string): string | undefined {
  const [, line] = /CSV Error on Line: (\d+)/.exec(message) ?? [];
  if (line === undefined) return undefined;
  const [, expected, found] = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message) ?? [];
  const what =
    expected === undefined
      ? message.split('\n')[2]?.replace(/\.$/, '')
      : `${counted(Number(found), 'field')} where the header has ${expected}`;
  return `near line ${line}: ${what || 'not as CSV is written'}`;
}
