import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';
import { nearest } from '../nearest.ts';
import { parseHeader } from './detection-header.ts';
import type { ParameterDefinition } from './parameters.ts';

export { macroText } from '../dialect/duckdb/macro-text.ts';

/** A detection: the header of its file, and the SQL under it. */
export interface Detection {
  /** `technique/name`, both as in its path: `t1573.001/symmetric-cryptography-c2`. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly technique: { readonly id: string; readonly name: string };
  readonly tactic: { readonly id: string; readonly name: string };
  readonly severity: 'informational' | 'low' | 'medium' | 'high';
  readonly confidence: 'low' | 'medium' | 'high';
  /** The columns it reads, by table. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** What a user may set, in the order of the header. */
  readonly parameters: readonly ParameterDefinition[];
  /** Boolean bindings that say whether the lake has an optional column (`Table.Column`). */
  readonly recorded: Readonly<Record<string, string>>;
  /** Names of the files in `sql/macros/` that its statement needs. */
  readonly macros: readonly string[];
  /**
   * The common table expressions that read the lake and keep little of it, and how each parameter that filters
   * them is compared (see hunt/batch/strictness.ts). With them the detection can run in batches.
   */
  readonly extractions: Readonly<Record<string, Readonly<Record<string, Strictness>>>>;
  /** Of the columns it reads, by table, those that its evidence alone needs. */
  readonly evidenceOnly: Readonly<Record<string, readonly string[]>>;
  /** Of the columns it reads, by table, those whose null strings the statement itself turns into ''. */
  readonly nullStrings: Readonly<Record<string, readonly string[]>>;
  /** What makes two findings of different runs the same one; undefined where the detection has no batches. */
  readonly finding: FindingKey | undefined;
  /** Ordinary software that it finds, one sentence each. */
  readonly falsePositives: readonly string[];
  /** What it does not find, one sentence each. */
  readonly blindSpots: readonly string[];
  readonly references: readonly string[];
  /** YYYY-MM-DD. */
  readonly created: string;
  /** YYYY-MM-DD. */
  readonly updated: string;
  /** Other detections of its technique whose findings it combines, by the name under which it reads them. */
  readonly combines?: Readonly<Record<string, string>>;
  /** Whether the technique's id alone means this one. */
  readonly flagship: boolean;
  /** Tables of `tables` that a lake may lack: they are then empty. */
  readonly optionalTables: readonly string[];
  /** The folder of detections that it lies in. */
  readonly folder: URL;
  /** The statement: common table expressions, then the answer. */
  readonly sql: string;
}

/**
 * How a filter changes with its parameter: a list that selects keeps fewer rows when it is shorter, one that
 * excludes keeps fewer when it is longer; any other value keeps other rows.
 */
export type Strictness = 'selects' | 'excludes' | 'equals';

/**
 * Columns of the findings. None of the identity is the time of an event, which moves when late data arrives; when a
 * process was created does not.
 */
export interface FindingKey {
  readonly identity: readonly string[];
  /** What tells findings apart besides, of which it is not known by its PID which process they are of. */
  readonly without_pid?: readonly string[];
  /** The first and the last event of a finding. */
  readonly first: string;
  readonly last: string;
  /** The parameter that says how long before the first event others may lie that the finding rests on, if any may. */
  readonly reach?: string;
  /** The time, unless it is null, of an earlier event that the finding may rest on. */
  readonly since?: string;
  /**
   * Where a finding rests on pairs of events, one of each of two tables: the columns in which the two are alike. The
   * second comes at most `reach` after the first, and at most the parameter `tolerance` before it.
   */
  readonly pairs?: { readonly tables: readonly [string, string]; readonly alike: readonly string[] };
}

const PACKAGE = new URL('../../', import.meta.url);
const DETECTIONS = new URL('sql/detections/', PACKAGE);

/** The line that divides the common table expressions from the SELECT that answers. */
const ANSWER = '\n-- answer\n';

/** All shipped detections, and those of the user's folders, in order of their ids; the flagship of a technique first. */
export function listDetections(folders: readonly string[] = []): Detection[] {
  return detectionIds(folders)
    .map(({ id, folder }) => readDetection(id, folder))
    .sort((one, other) => byRank(one, other));
}

function byRank(one: Detection, other: Detection): number {
  const key = ({ id, flagship, combines }: Detection) =>
    `${id.split('/')[0]} ${flagship ? 0 : combines === undefined ? 1 : 2} ${id}`;
  return key(one) < key(other) ? -1 : 1;
}

/** The detection that a name means: `t1573.001/symmetric-cryptography-c2`, or `t1573.001` for its flagship. */
export function findDetection(name: string, folders: readonly string[] = []): Detection {
  if (typeof name !== 'string') throw new UsageError('a detection is named by text, such as t1573.001');
  const folded = name.toLowerCase();
  const known = detectionIds(folders);
  const exact = known.find(({ id }) => id === folded);
  if (exact !== undefined) return readDetection(exact.id, exact.folder);
  const flagship = known
    .filter((place) => place.id.startsWith(`${folded}/`) && mayBeFlagship(place))
    .map(({ id, folder }) => readDetection(id, folder))
    .find((detection) => detection.flagship);
  if (flagship !== undefined) return flagship;
  const ids = known.map(({ id }) => id);
  const near = nearest(folded, [...ids, ...ids.map((id) => id.split('/')[0]!)]);
  throw new UsageError(`unknown detection '${name}'`, {
    hint: near === undefined ? `there are ${ids.join(', ')}` : `did you mean ${near}?`,
  });
}

/** The detections that a name means: one, or with `technique/*` all of the technique. */
export function findDetections(name: string, folders: readonly string[] = []): Detection[] {
  const [technique, rest] = name.toLowerCase().split('/');
  if (rest !== '*') return [findDetection(name, folders)];
  const all = listDetections(folders).filter(({ id }) => id.startsWith(`${technique}/`));
  return all.length > 0 ? all : [findDetection(technique!, folders)];
}

/**
 * The detection's statement with another answer, from the file `<name>.<variant>.sql` beside it, which goes on where
 * the answer would stand; `a.b` goes on from the CTEs of `a`. A file whose comment says `goes on from: <CTE>` takes
 * the statement up to that CTE and puts its own in the place of what follows.
 */
export function detectionVariant(detection: Detection, variant: string): string {
  const file = (name: string) => new URL(`${detection.id}.${name}.sql`, detection.folder);
  const names = variant.split('.');
  return names.reduce((sql, last, index) => {
    // Where there is no special file for the longer name, the last part alone goes on as well.
    const found = [names.slice(0, index + 1).join('.'), last].find((name) => existsSync(file(name)));
    if (found === undefined) throw new UsageError(`${detection.id} has no variant '${last}'`);
    const text = readFileSync(file(found), 'utf8');
    const from = /^goes on from: (\w+)$/m.exec(text.slice(0, text.indexOf('*/')))?.[1];
    return (from === undefined ? beforeAnswer(sql) : throughCte(sql, from)) + stripHeader(text);
  }, detection.sql);
}

/** Whether the detection has a file of that name beside it. */
export function hasVariant(detection: Detection, variant: string): boolean {
  return existsSync(new URL(`${detection.id}.${variant}.sql`, detection.folder));
}

/** A variant's statement up to one of its common table expressions, to ask that one something. */
export function detectionThrough(detection: Detection, variant: string, cte: string): string {
  return throughCte(detectionVariant(detection, variant), cte);
}

function beforeAnswer(sql: string): string {
  return sql.slice(0, sql.indexOf(ANSWER));
}

/** CTEs of our statements close with a bracket that begins its line. */
function throughCte(sql: string, name: string): string {
  const start = sql.indexOf(`\n${name} AS (\n`);
  return sql.slice(0, sql.indexOf('\n)', start) + 2);
}

interface Place {
  readonly id: string;
  readonly folder: URL;
}

function detectionIds(folders: readonly string[]): Place[] {
  const places = new Map<string, Place>();
  for (const folder of [DETECTIONS, ...folders.map(folderUrl)]) {
    for (const path of filesOf(folder)) {
      const id = path.slice(0, -'.sql'.length);
      if (places.has(id.toLowerCase())) {
        throw new UsageError(`${fileURLToPath(folder)}${path}: there is a detection ${id} already`, {
          hint: 'give it another name',
        });
      }
      places.set(id.toLowerCase(), { id, folder });
    }
  }
  return [...places.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

function folderUrl(folder: string): URL {
  return pathToFileURL(`${resolve(folder)}${sep}`);
}

/** `technique/name.sql`; what has more dots in its name is a variant. */
function filesOf(folder: URL): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => /^[^/]+\/[^/.]+\.sql$/.test(path));
  } catch (cause) {
    throw new UsageError(
      `cannot read the detections in ${fileURLToPath(folder)}: ${fileProblem(cause, 'folder')}`,
      {
        hint: 'name a folder that holds <technique>/<name>.sql',
        cause,
      },
    );
  }
}

/** Whether the text can say that it is one: YAML takes tens of milliseconds for a technique's headers. */
function mayBeFlagship({ id, folder }: Place): boolean {
  return readFileSync(new URL(`${id}.sql`, folder), 'utf8').includes('flagship');
}

/** Reads one detection. Throws a UsageError that names the file where its header cannot be read. */
function readDetection(id: string, folder: URL): Detection {
  const file = new URL(`${id}.sql`, folder);
  const text = readFileSync(file, 'utf8');
  const header = parseHeader(text, fileURLToPath(file));
  const detection = { ...header, folder, sql: stripHeader(text) };
  return detection.combines === undefined ? detection : combined(detection, detection.combines);
}

/** The statements that it combines as its first CTEs, and the parameters that they have and it does not. */
function combined(detection: Detection, combines: Readonly<Record<string, string>>): Detection {
  const parameters = new Map(detection.parameters.map((each) => [each.name, each]));
  const ctes = Object.entries(combines).map(([name, which]) => {
    const [part, ...variant] = which.split('.') as [string, ...string[]];
    const technique = detection.id.split('/')[0]!;
    const other = readDetection(`${technique}/${part}`, detection.folder);
    for (const each of other.parameters) {
      if (!parameters.has(each.name)) parameters.set(each.name, each);
    }
    const sql = variant.length === 0 ? other.sql : detectionVariant(other, variant.join('.'));
    return `${name} AS (\n${sql.trimEnd()}\n)`;
  });
  return {
    ...detection,
    parameters: [...parameters.values()],
    sql: `WITH\n${ctes.join(',\n\n')},\n\n${detection.sql}`,
  };
}

/** Of a detection that combines others, the one whose findings it takes by process. */
export function combinedByProcess({ id, folder, combines = {} }: Detection): Detection | undefined {
  const part = Object.values(combines).find((which) => which.endsWith('.identity'));
  return part === undefined
    ? undefined
    : readDetection(`${id.split('/')[0]}/${part.slice(0, -'.identity'.length)}`, folder);
}

function stripHeader(text: string): string {
  return text.slice(text.indexOf('*/') + 2).trimStart();
}
