import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { UsageError } from '../../../error.ts';
import { fileProblem } from '../../../file-problem.ts';
import { literalPath } from '../../../lake/find/paths.ts';
import { inputFile } from '../extract/input-file.ts';
import { fileDigest } from './digest.ts';
import { type Manifest, type StoredFile, storedFiles } from './manifest.ts';

/** The folders that a batch keeps for itself. What is in them and not in the manifest is removed. */
const KEPT_FOLDERS = ['slices', 'nearby', 'results'];
export const OWN_FOLDERS = [...KEPT_FOLDERS, 'temp'];
const OWN_ENTRIES =
  /^(manifest\.json|report\.json|findings|lock\.\d+(\.[0-9a-f]+\.partial)?|\.(manifest|report)\.json\.partial)$/;

/** The folder that batches keep their slices in. */
export class WorkDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes the folder, or takes one that is empty or was made by an earlier run. */
  static async open(path: string): Promise<WorkDirectory> {
    const work = new WorkDirectory(resolve(path));
    await mkdir(work.path, { recursive: true }).catch((cause) => {
      throw new UsageError(`cannot make the work directory ${work.path}: ${fileProblem(cause, 'folder')}`, {
        cause,
      });
    });
    await work.#refuseForeign();
    for (const folder of OWN_FOLDERS) await mkdir(work.at(folder), { recursive: true });
    return work;
  }

  get manifest(): string {
    return this.at('manifest.json');
  }

  /** A path in the folder, from a name with slashes. */
  at(name: string): string {
    return join(this.path, ...name.split('/'));
  }

  /** The folders in which the engine reads and writes, as it wants them named: as they are, and as patterns of themselves. */
  get engineFolders(): string[] {
    const folders = KEPT_FOLDERS.map((folder) => `${this.at(folder)}${sep}`);
    return [...new Set([...folders, ...folders.map(literalPath)])];
  }

  /** Removes slices and what was made of them that the manifest does not name. */
  async tidy(manifest: Manifest): Promise<void> {
    const known = new Set(storedFiles(manifest).map(({ name }) => name));
    for (const folder of KEPT_FOLDERS) {
      const entries = await readdir(this.at(folder), { recursive: true, withFileTypes: true });
      for (const entry of entries) {
        const path = join(entry.parentPath, entry.name);
        const name = relative(this.path, path).split(sep).join('/');
        if (!entry.isDirectory() && !known.has(name)) await rm(path, { force: true });
      }
    }
  }

  /** Removes what a run that died had spilled. Not while an engine runs. */
  async emptyTemp(): Promise<void> {
    for (const entry of await readdir(this.at('temp')))
      await rm(this.at(`temp/${entry}`), { recursive: true });
  }

  /** A file that was just written, as the manifest records it. */
  async stored(name: string): Promise<StoredFile> {
    const found = await inputFile(this.at(name), true);
    if (found === undefined) throw new Error(`${name} is gone right after it was written`);
    return { name, bytes: found.size, modified: found.modified, sha256: found.hash! };
  }

  /**
   * Whether a file is as it was recorded. Its bytes are only read where its size fits and its time does not, or
   * where all are to be checked.
   */
  async isIntact({ name, bytes, modified, sha256 }: StoredFile, checksums: boolean): Promise<boolean> {
    const found = await inputFile(this.at(name), false);
    if (found === undefined || found.size !== bytes) return false;
    if (found.modified === modified && !checksums) return true;
    return (await fileDigest(this.at(name), bytes)) === sha256;
  }

  /** A folder with other things in it is not ours to tidy. */
  async #refuseForeign(): Promise<void> {
    const entries = await readdir(this.path);
    if (entries.includes('manifest.json')) return;
    const foreign = entries.filter((entry) => !OWN_FOLDERS.includes(entry) && !OWN_ENTRIES.test(entry));
    if (foreign.length === 0) return;
    throw new UsageError(`${this.path} is not empty and not a work directory: it has ${foreign[0]}`, {
      hint: 'name a new or empty folder with --work',
    });
  }
}
