import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MerganserError, UsageError } from '../error.ts';
import { fileProblem } from '../file-problem.ts';

/**
 * Fills a folder aside and puts it in place of `directory` when `fill` is done, so that a sample is there whole or
 * not at all. What stood there before must be nothing, an empty folder, or a sample: anything else is refused
 * before any work, with a {@link UsageError}.
 */
export async function replaceSample<T>(directory: string, fill: (aside: string) => Promise<T>): Promise<T> {
  const target = resolve(directory);
  await refuseToOverwrite(target, directory);
  const aside = await makeAside(target, directory);
  try {
    const filled = join(aside, 'new');
    await mkdir(filled);
    const result = await fill(filled);
    await swap(filled, target, join(aside, 'old'));
    return result;
  } catch (cause) {
    throw isWriteError(cause) ? cannotWrite(directory, cause) : cause;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Every path that a sample holds. Anything beside them is somebody's, and stays. */
const SAMPLE_FILE =
  /^(labels\.json|README\.md|Device(ImageLoad|Network)Events(\/date=\d{4}-\d\d-\d\d(\/part-0\.parquet)?)?)$/;

async function refuseToOverwrite(target: string, directory: string): Promise<void> {
  const found = await stat(target).catch(() => null);
  if (found === null) return;
  if (!found.isDirectory()) {
    throw new UsageError(`${JSON.stringify(directory)} is a file, not a folder to make a sample in`, {
      hint: 'name a folder that is empty or does not exist yet',
    });
  }
  const entries = await readdir(target, { recursive: true });
  const strange = entries
    .map((entry) => entry.replaceAll('\\', '/'))
    .find((entry) => !SAMPLE_FILE.test(entry));
  if (entries.length === 0 || (strange === undefined && (await isSample(target)))) return;
  const reason =
    strange === undefined ? 'has no labels.json of a sample' : `holds ${JSON.stringify(strange)}`;
  throw new UsageError(`${JSON.stringify(directory)} is not empty and not a sample: it ${reason}`, {
    hint: 'name a folder that is empty or does not exist yet; only a sample is ever overwritten',
  });
}

/** Whether its labels say that it is one. */
async function isSample(target: string): Promise<boolean> {
  try {
    const labels = JSON.parse(await readFile(join(target, 'labels.json'), 'utf8'));
    return labels.synthetic === true && labels.generator === GENERATOR;
  } catch {
    return false;
  }
}

/** How labels.json names what made the lake. */
export const GENERATOR = 'merganser sample';

/** Next to the target, hence on the same file system: the rename at the end is one step. */
async function makeAside(target: string, directory: string): Promise<string> {
  try {
    await mkdir(dirname(target), { recursive: true });
    return await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  } catch (cause) {
    throw cannotWrite(directory, cause as Error);
  }
}

/** The system's errors carry a code; the engine's begin with `IO Error`. */
function isWriteError(cause: unknown): cause is Error {
  return cause instanceof Error && ('code' in cause || cause.message.startsWith('IO Error'));
}

function cannotWrite(directory: string, cause: Error): MerganserError {
  return new MerganserError(
    `cannot write a sample to ${JSON.stringify(directory)}: ${fileProblem(cause, 'folder')}`,
    {
      hint: 'name a folder where you may write, on a disk with room',
      cause,
    },
  );
}

async function swap(filled: string, target: string, old: string): Promise<void> {
  const stood = await rename(target, old).then(
    () => true,
    () => false,
  );
  try {
    await rename(filled, target);
  } catch (error) {
    if (stood) await rename(old, target);
    throw error;
  }
}
