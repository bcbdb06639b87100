import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { type BatchJob, runBatch } from '../../src/index.ts';
import { merganser } from '../cli/merganser.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { asHunted, batch, hunted, oneImplant, workOf } from './small-lake.ts';

/** What cannot be done is refused before the run: after it, nothing would be new any more. */
async function lakeAndCommand(...options: string[]): Promise<[lake: string, argv: string[]]> {
  const lake = await oneImplant(temporaryFolder());
  return [lake, ['batch', 't1573.001', '--lake', lake, '--work', workOf(lake), '--threads', '2', ...options]];
}

test('a file where findings are to go is refused in words, and does the work directory no harm', async () => {
  const [lake, argv] = await lakeAndCommand();
  writeFileSync(join(lake, '../taken'), '');
  const { code, stderr } = await merganser([...argv, '--out', join(lake, '../taken')]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/cannot make the output folder .*taken: it is not a folder\n$/);
  expect((await merganser(argv)).code).toBe(0);
});

test('the folder of a run that died may since have become a file', async () => {
  const lake = await oneImplant(temporaryFolder());
  const folder = join(lake, '../found');
  const output = { folder, format: 'jsonl' } as const;
  const stop = new AbortController();
  const onEvent = ({ event }: { event: string }) =>
    event === 'correlated' && queueMicrotask(() => stop.abort());
  await batch(lake, { output }, { onEvent, signal: stop.signal }).catch(() => {});
  const manifest = join(workOf(lake), 'manifest.json');
  expect(existsSync(manifest)).toBe(true);
  rmSync(folder, { recursive: true, force: true });
  writeFileSync(folder, '');
  expect(asHunted((await batch(lake)).rows)).toEqual(await hunted(lake));
});

test('a file in the place of the work directory is refused in words', async () => {
  const [lake, argv] = await lakeAndCommand();
  writeFileSync(workOf(lake), '');
  const { code, stderr } = await merganser(argv);
  expect(code).toBe(2);
  expect(stderr).toMatch(/cannot make the work directory .*work: it is not a folder\n$/);
});

test.each([
  ['nowhere/x.prom', "the folder '.*nowhere' does not exist"],
  ['', 'it is a folder'],
])('a metrics file %j that cannot be written is refused before the run', async (name, problem) => {
  const [lake, argv] = await lakeAndCommand();
  const { code, stderr } = await merganser([...argv, '--metrics', join(lake, '..', name)]);
  expect(code).toBe(2);
  expect(stderr).toMatch(new RegExp(`cannot write '.*': ${problem}`));
  expect(existsSync(workOf(lake))).toBe(false);
});

test.each(['json', 'parquet', 'arrow'])(
  'new findings of several detections are not listed as one %s document, which would be none',
  async (format) => {
    const lake = await oneImplant(temporaryFolder());
    const path = join(lake, '../job.yaml');
    writeFileSync(
      path,
      '{ lake: lake, work: work, detections: [t1573.001, { detection: t1573.001, name: b }] }',
    );
    const { code, stderr } = await merganser(['batch', path, '--since-last-run', format]);
    expect(code).toBe(2);
    expect(stderr).toContain(`one ${format} document cannot hold the findings of 2 detections`);
    expect(existsSync(workOf(lake))).toBe(false);
    const listed = await merganser(['batch', path, '--since-last-run']);
    expect(listed.stdout).toMatch(/^t1573\.001\.symmetric-cryptography-c2\nFindingId[\s\S]*\n\nb\nFindingId/);
  },
);

test('new findings as Parquet are not written to a terminal, and stay new', async () => {
  const [lake, argv] = await lakeAndCommand('--since-last-run', 'parquet');
  const { Writable } = await import('node:stream');
  const sink = () => Object.assign(new Writable({ write: (_, __, done) => done() }), { isTTY: true });
  const code = await run(argv, {
    stdin: (async function* () {})(),
    stdout: sink(),
    stderr: sink(),
    env: {},
    signal: new AbortController().signal,
  });
  expect(code).toBe(2);
  expect(existsSync(workOf(lake))).toBe(false);
});

test('options of a hunt that mean nothing to a batch are not in its help, and are refused or harmless', async () => {
  const { stdout } = await merganser(['batch', '--help']);
  for (const option of ['--partition-date', '--classify-addresses', '--skip-unreadable'])
    expect(stdout).not.toContain(option);
  const [lake, argv] = await lakeAndCommand();
  const path = join(lake, '../job.yaml');
  writeFileSync(path, '{ lake: lake, work: work, detections: [t1573.001] }');
  for (const command of [argv, ['batch', path]]) {
    for (const option of [['--partition-date', 'date'], ['--classify-addresses']])
      expect((await merganser([...command, ...option])).stderr).toContain(
        `${option[0]} does not go with batch`,
      );
    expect((await merganser([...command, '--skip-unreadable'])).code).toBe(0);
    expect((await merganser([...command, '--skip-unreadable', '--strict'])).code).toBe(2);
  }
});

test.each(['slices', 'results/x', 'temp'])(
  'findings are not put into %s of the work directory, which is emptied as it pleases',
  async (folder) => {
    const [lake, argv] = await lakeAndCommand();
    const { code, stderr } = await merganser([...argv, '--out', join(workOf(lake), folder)]);
    expect(code).toBe(2);
    expect(stderr).toContain(`lies where the work directory keeps its ${folder.split('/')[0]}`);
  },
);

test.each<[job: unknown, message: string]>([
  [undefined, 'a batch is given a job, not undefined'],
  [{ detections: ['t1573.001'] }, 'the job does not say in which folder to work'],
  [{ work: 'w', detections: 't1573.001' }, 'the detections of a job are a list'],
  [{ work: 'w', detections: [null] }, 'a detection of the job is null'],
  [{ work: 'w', detections: [], dedup: true }, "unknown key 'dedup' in the job"],
  [
    { work: 'w', detections: [{ detection: 't1573.001', parameters: {} }] },
    "unknown key 'parameters' in the detection of the job",
  ],
  [
    { work: 'w', detections: [{ detection: 't1573.001', settings: {} }] },
    'the settings of a detection are a list',
  ],
  [
    { work: 'w', detections: [], output: { format: 'xlsx' } },
    'findings are kept as parquet or jsonl, not as xlsx',
  ],
  [{ work: 'w', detections: [], suppressions: 'rules.yaml' }, 'the suppressions of a job are rules'],
])('the job %j of a program is refused in words', async (job, message) => {
  await expect(runBatch(job as BatchJob)).rejects.toThrow(message);
});

test('names of folders that look like patterns are names', async () => {
  const folder = join(temporaryFolder(), 'a[1]*?{b,c}');
  const lake = await oneImplant(folder);
  const first = await batch(lake, { evidence: true });
  expect(asHunted(first.rows)).toEqual(await hunted(lake));
  expect((await batch(lake)).read).toBe(0);
  const path = join(folder, 'job.yaml');
  const tables = ['DeviceImageLoadEvents', 'DeviceNetworkEvents'].map(
    (name) => `${name}: 'lake/${name}/*.parquet'`,
  );
  writeFileSync(path, `{ lake: { ${tables.join(', ')} }, work: work, detections: [t1573.001] }`);
  expect((await merganser(['batch', path])).stderr).toContain(' 0 of 2 files read, 2 reused;');
});
