import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { UsageError } from '../../error.ts';
import { fileProblem } from '../../file-problem.ts';
import { nearest } from '../../nearest.ts';
import type { Detection } from './detection.ts';
import { afterHeader, parseHeader } from './detection-header.ts';
import { detectionVariant } from './variants.ts';

const PACKAGE = new URL('../../../', import.meta.url);
const DETECTIONS = new URL('sql/detections/', PACKAGE);

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

/** Whether a detection comes with the package, and is none of the user's own. */
export function isShipped({ folder }: Detection): boolean {
  return folder.href.startsWith(new URL('sql/', PACKAGE).href);
}

/**
 * The detection that a name means: `t1573.001/symmetric-cryptography-c2`, or `t1573.001` for its flagship, or the only one
 * that the technique has.
 */
export function findDetection(name: string, folders: readonly string[] = []): Detection {
  if (typeof name !== 'string') throw new UsageError('a detection is named by text, such as t1573.001');
  const folded = name.toLowerCase();
  const known = detectionIds(folders);
  const exact = known.find(({ id }) => id === folded);
  if (exact !== undefined) return readDetection(exact.id, exact.folder);
  const places = known.filter(({ id }) => id.toLowerCase().startsWith(`${folded}/`));
  const flagship = places
    .filter(mayBeFlagship)
    .map(({ id, folder }) => readDetection(id, folder))
    .find((detection) => detection.flagship);
  if (flagship !== undefined) return flagship;
  const [only, ...more] = places;
  if (only !== undefined && more.length === 0) return readDetection(only.id, only.folder);
  if (only !== undefined) {
    throw new UsageError(`${folded} has several detections, and none of them is its flagship`, {
      hint: `name one, or ${folded}/* for all: ${places.map(({ id }) => id).join(', ')}`,
    });
  }
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

interface Place {
  readonly id: string;
  readonly folder: URL;
}

function detectionIds(folders: readonly string[]): Place[] {
  const places = new Map<string, Place>();
  for (const folder of [DETECTIONS, ...folders.map(folderUrl)]) {
    const files = sqlFilesOf(folder);
    const paths = files.filter((path) => DETECTION.test(path));
    if (paths.length === 0) throw noDetections(folder, files);
    for (const path of paths) {
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
const DETECTION = /^[^/]+\/[^/.]+\.sql$/;

function sqlFilesOf(folder: URL): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.sql'))
      .sort();
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

/** The error for a folder of the user's without detections: what to name or to move, where what could be one lies elsewhere. */
function noDetections(folder: URL, files: readonly string[]): UsageError {
  const path = fileURLToPath(folder).slice(0, -1);
  const error = (place: string, hint: string) =>
    new UsageError(`${path} holds no detection <technique>/<name>.sql${place}`, { hint });
  const file = files.find((each) => /(^|\/)[^/.]+\.sql$/.test(each));
  if (file === undefined) return error('', 'name a folder that holds <technique>/<name>.sql');
  if (file.includes('/')) return error(`, but ${file}`, `name ${resolve(path, file, '../..')}`);
  const isTechnique = /^t\d{4}(\.\d{3})?$/i.test(basename(path));
  const hint = isTechnique ? `name ${dirname(path)}` : `move it to ${resolve(path, '<technique>', file)}`;
  return error(`, but ${file} in itself`, hint);
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
  const detection = { ...header, folder, sql: afterHeader(text) };
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
