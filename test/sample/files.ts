/** The files of a folder by content, so that two folders can be compared byte for byte. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** SHA-256 and size of every file, by its path in the folder. */
export async function filesOf(folder: string): Promise<Record<string, { sha256: string; size: number }>> {
  const files: Record<string, { sha256: string; size: number }> = {};
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isDirectory()) continue;
    const content = await readFile(path);
    files[name.replaceAll('\\', '/')] = {
      sha256: createHash('sha256').update(content).digest('hex'),
      size: content.length,
    };
  }
  return files;
}

/** An empty folder that goes away with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'merganser-sample-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
