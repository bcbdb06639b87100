import { stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier } from '../../dialect/duckdb/quote.ts';
import { all, type RunOptions } from '../../engine/run.ts';
import { LakeError, MerganserError } from '../../error.ts';
import { csvProblem } from '../csv/csv-errors.ts';
import { quotePaths } from '../find/paths.ts';
import type { LakeFile } from '../formats.ts';
import type { FileGroup } from '../group.ts';
import { firstBadJson } from '../json/json.ts';
import type { Contract } from '../tables/contract.ts';
import { tableView } from '../view.ts';
import { type BadValue, badValue } from './bad-value.ts';
import { problemInWords, type Unreadable, UnreadableFiles } from './unreadable-files.ts';

/** A table's files, and how some of them are read by themselves. */
export interface TableFiles {
  readonly table: string;
  readonly contract: Contract | undefined;
  readonly files: readonly LakeFile[];
  groups(files: readonly LakeFile[]): Promise<FileGroup[]>;
}

export interface FindOptions extends Pick<RunOptions, 'signal'> {
  /** Find every such file, not only the first. */
  readonly every?: boolean | undefined;
}

/**
 * The files to blame for an error that came up while reading, each found by reading it alone: the engine's own
 * message is not relied on, since it was seen to name the wrong place; where it names a file, that one is tried
 * first. Empty where every file can be read.
 */
export async function findUnreadable(
  connection: DuckDBConnection,
  tables: readonly TableFiles[],
  error: unknown,
  { signal, every }: FindOptions = {},
): Promise<Unreadable[]> {
  const told = toldBy(error);
  if (told !== undefined) return [...told];
  const likely = likelyFirst(tables, (error as Error).message);
  const suspicion = suspect(error, likely.named > 0);
  if (suspicion === undefined) return [];
  const bad = new Map<string, Unreadable>();
  for (const { table, file } of likely.files) {
    signal?.throwIfAborted();
    if (bad.has(file.path)) continue;
    const problem = await problemOf({ connection, table, file, suspicion, signal });
    if (problem === undefined) continue;
    bad.set(file.path, problem);
    if (!every) break;
  }
  return [...bad.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** What an error that is in words for the user already says of files; undefined where it is none. */
function toldBy(error: unknown): readonly Unreadable[] | undefined {
  if (error instanceof UnreadableFiles) return error.files;
  if (error instanceof LakeError && error.file !== undefined) {
    return [{ file: error.file, ...problemInWords(error, error.file) }];
  }
  return error instanceof MerganserError ? [] : undefined;
}

/** What may be wrong with a file: one value in it, a conversion in what reads it, or anything at all. */
type Suspicion = BadValue | 'conversion' | 'damage';

/** Errors that no file can raise. */
const NO_FILE =
  /^(Parser|Syntax|Binder|Catalog|Permission|Out of Memory|Interrupt|Constraint|Dependency|Transaction|Connection) Error|no space left|max_temp_directory_size|failed to (offload|allocate)/i;

function suspect(error: unknown, namesAFile: boolean): Suspicion | undefined {
  const { message, syscall } = error as NodeJS.ErrnoException;
  const value = badValue(message);
  if (value !== undefined) return value;
  // So the engine says, closed as it is to all other files, that one of the lake's is gone.
  if (namesAFile && /^Permission Error/.test(message)) return 'damage';
  if (NO_FILE.test(message)) return undefined;
  if (/^Conversion Error/.test(message)) return 'conversion';
  return syscall !== undefined || /^[A-Z][A-Za-z ]* Error: /.test(message) ? 'damage' : undefined;
}

interface Likely {
  readonly files: readonly { readonly table: TableFiles; readonly file: LakeFile }[];
  /** How many at the front the message names. */
  readonly named: number;
}

function likelyFirst(tables: readonly TableFiles[], message: string): Likely {
  const each = tables.flatMap((table) => table.files.map((file) => ({ table, file })));
  const named = each.filter(({ file }) => message.includes(file.path));
  return { files: [...named, ...each.filter((one) => !named.includes(one))], named: named.length };
}

interface Suspect extends Pick<RunOptions, 'signal'> {
  readonly connection: DuckDBConnection;
  readonly table: TableFiles;
  readonly file: LakeFile;
  readonly suspicion: Suspicion;
}

async function problemOf(suspect: Suspect): Promise<Unreadable | undefined> {
  const { file, signal } = suspect;
  try {
    const { size } = await stat(file.path);
    if (size === 0 && (file.format === 'parquet' || file.format === 'arrow')) {
      return { file: file.path, problem: 'it is empty (0 bytes)' };
    }
    await read(suspect);
    return undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (NO_FILE.test((error as Error).message)) throw error;
    // To look for the line is to read again, and to meet the same problem or another.
    const line = await atItsLine(suspect, error).catch((other: Error) => other);
    return { file: file.path, ...problemInWords(line, file.path) };
  }
}

/** Reads of a file what may be at fault, whole. */
async function read(suspect: Suspect): Promise<void> {
  const { connection, table, file, suspicion, signal } = suspect;
  const run = (sql: string) => all(connection, sql, undefined, { signal });
  if (suspicion === 'conversion' && file.format !== 'json') return;
  if (file.format === 'parquet' && suspicion === 'damage') {
    await run(
      `SELECT max(hash(COLUMNS(*))) FROM read_parquet(${quotePaths([file])}, hive_partitioning = false)`,
    );
    return;
  }
  if (file.format === 'arrow' && suspicion === 'damage') {
    const { readArrowFile } = await import('../arrow/arrow.ts');
    for await (const _ of (await readArrowFile(file.path)).batches) signal?.throwIfAborted();
    return;
  }
  const groups = await table.groups([file]);
  if (file.format === 'csv' && suspicion === 'damage') {
    await run(`SELECT count(COLUMNS(*)) FROM ${groups[0]!.relation}`);
    return;
  }
  const view = tableView({ table: table.table, contract: table.contract, groups, bounds: {} });
  const column = typeof suspicion === 'object' ? suspicion.column.toLowerCase() : undefined;
  const wanted = view.columns.filter(({ name }) => column === undefined || name.toLowerCase() === column);
  if (wanted.length === 0) return;
  const hashes = wanted.map(({ name }) => `max(hash(${quoteIdentifier(name)}))`);
  await run(`SELECT ${hashes.join(', ')} FROM (\n${view.sql}\n) AS alone`);
}

/** The error with the line that it is about, where the file has lines. */
async function atItsLine({ connection, table, file, suspicion }: Suspect, error: unknown): Promise<unknown> {
  if (error instanceof MerganserError) return error;
  if (file.format === 'json') {
    const bad = await firstBadJson(connection, table.contract, file);
    return bad === undefined ? error : new LakeError(`line ${bad.line}: ${bad.problem}`);
  }
  if (file.format !== 'csv') return error;
  const value = typeof suspicion === 'object' ? badValue((error as Error).message) : undefined;
  const problem = await csvProblem(connection, file, value);
  return problem === undefined ? error : new LakeError(problem);
}
