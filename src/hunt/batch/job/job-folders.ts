import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../../../error.ts';
import { fileProblem } from '../../../file-problem.ts';
import { isRemote } from '../../../lake/find/remote.ts';
import type { Lake } from '../../../lake/lake.ts';
import { DATASET_FOLDERS } from '../findings/dataset.ts';
import { OWN_FOLDERS } from '../state/work-directory.ts';
import type { BatchJob } from './job.ts';

/** Checks where a job writes before anything is done, and makes the folder of its findings. */
export async function checkFolders({ lake, work, output }: BatchJob): Promise<void> {
  if (typeof lake === 'string') {
    await refuseInside(lake, work, 'work directory');
    if (output?.folder !== undefined) await refuseInside(lake, output.folder, 'output folder');
  }
  if (output?.folder === undefined) return;
  const folder = resolve(output.folder);
  const [own] = relative(await realOf(work), await realOf(folder)).split(sep);
  if (OWN_FOLDERS.includes(own!)) {
    throw new UsageError(`the output folder ${folder} lies where the work directory keeps its ${own}`, {
      hint: 'leave it out, and findings go to findings/ in the work directory',
    });
  }
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new UsageError(`cannot make the output folder ${folder}: ${fileProblem(cause, 'folder')}`, {
      cause,
    });
  });
}

/**
 * Throws where a file of the lake lies where the batch writes: patterns and links lead to places that no comparison of
 * folders finds, and slices read as telemetry would multiply from run to run.
 */
export async function refuseOwnFiles(lake: Lake, { work, output }: BatchJob): Promise<void> {
  // Beside what a batch writes, an output folder may hold anything, the lake too.
  const found = output?.folder === undefined ? [] : DATASET_FOLDERS.map((name) => join(output.folder!, name));
  const folders = await Promise.all(
    [work, ...found].map(async (folder) => ({ folder, real: await realOf(folder) })),
  );
  for (const table of lake.tables) {
    for (const { path, real = path } of lake.files(table)) {
      const own = isRemote(path) ? undefined : folders.find((each) => real.startsWith(each.real + sep));
      if (own === undefined) continue;
      const what = own.folder === work ? 'work directory' : 'output folder';
      throw new UsageError(
        `${path} of the lake's ${table} lies in the ${what} ${own.folder}, and is no telemetry`,
        {
          hint: `name another ${what}, that the lake's files do not lead to, or files that lie outside of it`,
        },
      );
    }
  }
}

/** Throws where a folder that a batch writes in lies where the lake would read from, by its name or behind links. */
async function refuseInside(lake: string, folder: string, what: string): Promise<void> {
  if (!(await stat(lake).catch(() => undefined))?.isDirectory()) return;
  const named = isRead(resolve(lake), resolve(folder));
  if (!named && !isRead(await realpath(lake), await realOf(folder))) return;
  throw new UsageError(`the ${what} ${folder} lies in the lake, which would read it as telemetry`, {
    hint: 'put it beside the lake, or in a folder whose name begins with a dot',
  });
}

/** Whether a lake's folder reads what lies in another one: in itself, and not behind a name that it leaves out. */
function isRead(lake: string, folder: string): boolean {
  const parts = relative(lake, folder).split(sep);
  // On another drive, Windows gives an absolute path. What begins with a dot is also what lies above.
  return !/^[A-Za-z]:/.test(parts[0]!) && !parts.some((part) => part.startsWith('.') || part.startsWith('_'));
}

/** Where a folder lies once links are followed; it need not be there yet. */
async function realOf(path: string): Promise<string> {
  const whole = resolve(path);
  const above = dirname(whole);
  return realpath(whole).catch(async () =>
    above === whole ? whole : join(await realOf(above), basename(whole)),
  );
}
