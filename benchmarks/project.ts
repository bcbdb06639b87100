import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * What is measured is what is shipped: `dist/`, which `npm run bench` builds first. Only the types come from `src/`.
 * The benchmarks run from here (where node runs TypeScript) and from `benchmarks/dist/`, where they are built to.
 */
export const PROJECT = projectFolder(dirname(fileURLToPath(import.meta.url)));

/** A path below the project's folder. */
export function projectPath(...parts: string[]): string {
  return join(PROJECT, ...parts);
}

export const { openLake, runBatch, translate, findDetection, Session, makeScaleLake } = {
  ...(await shipped<typeof import('../src/index.ts')>('index.js')),
  ...(await shipped<typeof import('../src/hunt/detection/find-detections.ts')>(
    'hunt/detection/find-detections.js',
  )),
  ...(await shipped<typeof import('../src/engine/session.ts')>('engine/session.js')),
  ...(await shipped<typeof import('../src/sample/scale/scale.ts')>('sample/scale/scale.js')),
};

/**
 * A package that only some have installed, in a folder of its own under benchmarks/; undefined where it, or a part
 * of it for this platform, is not. Its types are not ours to know: say which part of it is used.
 */
export async function installed<T>(folder: 'peers' | 'plots', name: string): Promise<T | undefined> {
  const require = createRequire(projectPath('benchmarks', folder, 'package.json'));
  try {
    const module = (await import(pathToFileURL(require.resolve(name)).href)) as T & { default?: T };
    return { ...module.default, ...module };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

async function shipped<T>(path: string): Promise<T> {
  return (await import(pathToFileURL(projectPath('dist', path)).href)) as T;
}

function projectFolder(from: string): string {
  if (existsSync(join(from, 'tsconfig.build.json'))) return from;
  return projectFolder(dirname(from));
}
