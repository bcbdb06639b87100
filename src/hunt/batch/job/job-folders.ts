import { mkdir, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { UsageError } from '../../../error.ts';
import { fileProblem } from '../../../file-problem.ts';
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
  const [own] = relative(resolve(work), folder).split(sep);
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

/** Throws where a folder that a batch writes in lies where the lake would read from. */
async function refuseInside(lake: string, folder: string, what: string): Promise<void> {
  if (!(await stat(lake).catch(() => undefined))?.isDirectory()) return;
  const parts = relative(resolve(lake), resolve(folder)).split(sep);
  const outside = parts[0] === '..' || parts.some((part) => part.startsWith('.') || part.startsWith('_'));
  // On another drive, Windows gives an absolute path.
  if (outside || /^[A-Za-z]:/.test(parts[0]!)) return;
  throw new UsageError(`the ${what} ${folder} lies in the lake, which would read it as telemetry`, {
    hint: 'put it beside the lake, or in a folder whose name begins with a dot',
  });
}
