/**
 * Kills batches with SIGKILL at random instants and lets the next run finish them:
 *
 *   npm run test:crash -- 200
 *
 * Every one must end with slices and findings byte-identical to an undisturbed run's, and with no file that the
 * manifest does not know. Half of the kills hit a first run, half a run with new files, changed ones and another
 * window after one that had finished. Runs what `npm run build` made.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Manifest, parseManifest, storedFiles } from '../../src/hunt/batch/state/manifest.ts';
import { connection, load, writeEvents } from './small-lake.ts';

const LIBRARY = pathToFileURL(join(process.cwd(), 'dist/index.js')).href;
const folder = mkdtempSync(join(tmpdir(), 'merganser-crash-'));
const lake = join(folder, 'lake');
/** A first run's work directory once it is done, and the same after the second run. */
const afterFirst = join(folder, 'first');

/** One batch in a process of its own; it says "ready" when the library is loaded and the batch begins. */
const CHILD = `
import { runBatch } from '${LIBRARY}';
const [lake, work, output, window] = process.argv.slice(1);
console.log('ready');
await runBatch({ lake, work, output: { folder: output, format: 'jsonl' }, limits: { threads: 2 }, evidence: true,
  detections: [{ detection: 't1573.001', settings: [{ window }] }] });
`;

function start(
  work: string,
  window: string,
): { child: ChildProcess; ready: Promise<void>; ended: Promise<boolean> } {
  const args = ['--input-type=module', '-e', CHILD, lake, work, `${work}-findings`, window];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<boolean>((done) => child.once('exit', (code) => done(code === 0)));
  const ready = new Promise<void>((done) => child.stdout!.once('data', () => done()));
  return { child, ready, ended };
}

/** Runs a batch to its end; gives its seconds from "ready" on. */
async function finish(work: string, window: string): Promise<number> {
  const { ready, ended } = start(work, window);
  await ready;
  const began = performance.now();
  if (!(await ended)) throw new Error(`the batch in ${work} failed`);
  return (performance.now() - began) / 1000;
}

async function kill(work: string, window: string, afterSeconds: number): Promise<void> {
  const { child, ready, ended } = start(work, window);
  await ready;
  await new Promise((done) => setTimeout(done, afterSeconds * 1000));
  child.kill('SIGKILL');
  await ended;
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .sort();
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const manifestOf = (work: string): Manifest =>
  parseManifest(readFileSync(join(work, 'manifest.json'), 'utf8'), 'manifest.json');

/** What must be the same as in an undisturbed run: slices, results and current findings, byte by byte. */
function state(work: string): string {
  const current = join(`${work}-findings`, 'current');
  return JSON.stringify([
    filesBelow(join(work, 'slices')).map((name) => [name, digest(join(work, 'slices', name))]),
    filesBelow(join(work, 'results')).map((name) => [name, digest(join(work, 'results', name))]),
    filesBelow(current).map((name) => [name, digest(join(current, name))]),
  ]);
}

/** Files that the manifest does not know, and files that are named twice in it. */
function strays(work: string, finishedRuns: readonly string[]): string[] {
  const manifest = manifestOf(work);
  const { slices, last } = manifest;
  const known = storedFiles(manifest).map(({ name }) => name);
  const found = ['slices', 'nearby', 'results', 'temp'].flatMap((each) =>
    filesBelow(join(work, each)).map((name) => `${each}/${name}`),
  );
  const extra = readdirSync(work).filter(
    (name) => !/^(manifest\.json|report\.json|slices|nearby|results|temp)$/.test(name),
  );
  const twice = slices
    .flatMap(({ files }) => files.map(({ path }) => path))
    .filter((path, at, all) => all.indexOf(path) !== at);
  const runs = readdirSync(join(`${work}-findings`, 'runs')).filter(
    (run) => run !== last!.run && !finishedRuns.includes(run),
  );
  return [...found.filter((name) => !known.includes(name)), ...extra, ...twice, ...runs];
}

const TABLES = { DeviceImageLoadEvents: load, DeviceNetworkEvents: connection };

async function writeFiles(from: number, to: number, port: number): Promise<void> {
  for (let file = from; file < to; file++) {
    for (const [table, event] of Object.entries(TABLES)) {
      const ending = file % 3 === 0 ? 'jsonl' : 'parquet';
      const events = Array.from({ length: 40 }, (_, row) =>
        event(file * 60 + row, {
          InitiatingProcessId: (row * 7) % 11,
          ...(table === 'DeviceNetworkEvents' ? { RemotePort: port } : {}),
        }),
      );
      await writeEvents(join(lake, table, `${String(file).padStart(3, '0')}.${ending}`), events);
    }
  }
}

/** Kills one run, finishes it, and says what is wrong. */
async function attempt(
  work: string,
  window: string,
  expected: readonly string[],
  instant: number,
): Promise<string[]> {
  const earlier = existsSync(join(work, 'manifest.json')) ? manifestOf(work).last?.run : undefined;
  await kill(work, window, instant);
  const done = existsSync(join(work, 'manifest.json')) ? manifestOf(work).last?.run : undefined;
  await finish(work, window);
  // A run that was killed after it had ended counts as one: the next finds everything continuing.
  const wanted = expected[done === earlier ? 0 : 1];
  const runs = [earlier, done].filter((run) => run !== undefined);
  return [...(state(work) === wanted ? [] : ['not what an undisturbed run leaves']), ...strays(work, runs)];
}

/** An undisturbed run and another after it, by their states; and how long the first takes. */
async function undisturbed(work: string, window: string): Promise<{ states: string[]; seconds: number }> {
  const seconds = await finish(work, window);
  const states = [state(work)];
  await finish(work, window);
  return { states: [...states, state(work)], seconds };
}

function copyWork(to: string): void {
  rmSync(to, { recursive: true, force: true });
  rmSync(`${to}-findings`, { recursive: true, force: true });
  cpSync(afterFirst, to, { recursive: true, preserveTimestamps: true });
  cpSync(`${afterFirst}-findings`, `${to}-findings`, { recursive: true, preserveTimestamps: true });
}

async function killMany(
  count: number,
  scenario: string,
  window: string,
  prepare: (work: string) => void,
): Promise<number> {
  const reference = join(folder, `${scenario}-undisturbed`);
  prepare(reference);
  const { states, seconds } = await undisturbed(reference, window);
  let failures = 0;
  for (let each = 0; each < count; each++) {
    const work = join(folder, scenario);
    prepare(work);
    const instant = Math.random() * seconds * 1.05;
    const wrong = await attempt(work, window, states, instant);
    if (wrong.length > 0) {
      failures++;
      console.log(
        `${scenario}: killed after ${instant.toFixed(3)} of ${seconds.toFixed(3)} s: ${wrong.join('; ')}`,
      );
    }
  }
  return failures;
}

const kills = Number(process.argv.slice(2).find((each) => /^\d+$/.test(each)) ?? 40);
try {
  await writeFiles(0, 26, 4444);
  const empty = (work: string) => {
    rmSync(work, { recursive: true, force: true });
    rmSync(`${work}-findings`, { recursive: true, force: true });
  };
  const first = Math.ceil(kills / 2);
  let failures = await killMany(first, 'fresh', '15m', empty);
  await finish(afterFirst, '15m');
  await writeFiles(26, 30, 4444);
  await writeFiles(2, 4, 5555);
  failures += await killMany(kills - first, 'again', '30m', copyWork);
  console.log(`${kills - failures} of ${kills} killed batches ended as undisturbed ones`);
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
