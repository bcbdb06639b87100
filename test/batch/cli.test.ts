import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { batchTeller, progressLine } from '../../src/cli/batch-log.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { merganser } from '../cli/merganser.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { JOB, job } from './job.ts';
import { connection, jsonLines, oneImplant, workOf, writeEvents } from './small-lake.ts';

test('a job file is run from its own folder, its detections each with their parameters', async () => {
  const path = await job(JOB);
  const { code, stderr: err } = await merganser(['batch', path]);
  expect(code).toBe(0);
  expect(err).toMatch(
    /run \S+: 2 of 2 files read, 0 reused; t1573\.001\.\S+: 2 \(2 new, 0 continuing\); tuned: 0 .*; 4 of 4 rows kept; \S+ s.*; \S+ MB of memory, \S+ MB of disk/,
  );
  expect(jsonLines(join(path, '../found/current/t1573.001.symmetric-cryptography-c2.jsonl'))).toHaveLength(2);
  expect(jsonLines(join(path, '../found/current/tuned.jsonl'))).toEqual([]);
});

test('options make a job too; new findings are listed once, and exit codes tell', async () => {
  const lake = await oneImplant(temporaryFolder());
  const command = ['batch', 't1573.001', '--lake', lake, '--work', workOf(lake), '--threads', '2'];
  const first = await merganser([...command, '--since-last-run', 'jsonl', '--fail-on-findings']);
  expect(first.code).toBe(3);
  expect(first.stdout.trim().split('\n')).toHaveLength(2);
  expect((await merganser([...command, '--since-last-run', 'jsonl', '--fail-on-findings'])).code).toBe(0);
  writeFileSync(join(lake, 'DeviceNetworkEvents/bad.parquet'), 'not Parquet');
  const failed = await merganser(command);
  expect(failed.code).toBe(1);
  expect(failed.stderr).toMatch(/^error: cannot read .*bad\.parquet: .*; it is tried again next run$/m);
  expect(failed.stderr).toContain('1 FAILED');
});

test('a file that two tables share is counted once, whichever of them can read it', async () => {
  const lake = await oneImplant(temporaryFolder());
  const tables = ['--table', `DeviceImageLoadEvents=${lake}/**/*.parquet`];
  const shared = [
    '--table',
    `DeviceNetworkEvents=${lake}/DeviceNetworkEvents/*.parquet`,
    '--work',
    workOf(lake),
  ];
  const { code, stderr: err } = await merganser(['batch', 't1573.001', ...tables, ...shared]);
  expect(code).toBe(1);
  expect(err).toContain(' 2 of 2 files read, 0 reused, 1 FAILED;');
});

test('a job file whose lake is not there, or that is none, is told as what it is', async () => {
  const path = await job(JOB.replace(/^lake: .*$/m, 'lake: nowhere'));
  expect(await merganser(['batch', path])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      `the job file ${path}: lake: no such directory: ${join(path, '../nowhere')}`,
    ),
  });
  const text = join(temporaryFolder(), 'job.txt');
  writeFileSync(text, JOB);
  expect(await merganser(['batch', text])).toMatchObject({
    code: 2,
    stderr: `error: ${text} is a file, but no job file\n  a job file ends in .yaml, .yml or .json\n`,
  });
});

test('the log is one JSON object a line when asked for', async () => {
  const path = await job(JOB);
  const { stderr: err } = await merganser(['batch', path, '--log', 'json']);
  const lines = err
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ event }) => event)).toEqual(
    expect.arrayContaining(['started', 'plan', 'progress', 'correlated', 'finished']),
  );
  expect(lines.every(({ time, level, message }) => time && level && message)).toBe(true);
});

test('a log of JSON ends with the error that a run ends with', async () => {
  const lake = await oneImplant(temporaryFolder());
  const command = ['batch', '--lake', lake, '--work', workOf(lake), '--log', 'json'];
  const lastLine = ({ stderr }: { stderr: string }) => JSON.parse(stderr.trim().split('\n').at(-1)!);
  const wrong = await merganser([...command, '--metrics', lake]);
  expect([wrong.code, lastLine(wrong)]).toMatchObject([
    2,
    {
      level: 'error',
      event: 'failed',
      message: `cannot write '${lake}': it is a folder`,
      hint: 'name a file to write',
    },
  ]);
  writeFileSync(join(lake, 'DeviceNetworkEvents/bad.parquet'), 'not Parquet');
  const torn = await merganser([...command, '--strict']);
  expect([torn.code, lastLine(torn)]).toMatchObject([
    1,
    { level: 'error', event: 'failed', message: expect.stringMatching(/^cannot read .*bad\.parquet/) },
  ]);
});

test('status tells what the work directory holds, and changes nothing', async () => {
  const path = await job(JOB);
  const work = workOf(path);
  expect((await merganser(['status', '--work', work])).code).toBe(2);
  const begun = temporaryFolder();
  mkdirSync(join(begun, 'slices'));
  expect((await merganser(['status', '--work', begun])).stderr).toBe(
    `error: ${begun} has no manifest.json: its first run was cut off before it wrote one\n  run the batch again\n`,
  );
  await merganser(['batch', path]);
  await writeEvents(join(path, '../lake/DeviceNetworkEvents/bad.jsonl'), [connection(1)]);
  writeFileSync(join(path, '../lake/DeviceNetworkEvents/bad.jsonl'), '{"Timestamp":');
  await merganser(['batch', path]);
  const { stdout: out } = await merganser(['status', '--work', work]);
  expect(out).toContain('DeviceImageLoadEvents: 2 rows kept of 1 file');
  expect(out).toContain('2026-01-05T00:01:00Z  to  2026-01-05T10:00:00Z');
  expect(out).toContain('bad.jsonl');
  const asJson = JSON.parse((await merganser(['status', '--work', work, '--format', 'json'])).stdout);
  expect(asJson).toMatchObject({
    running: null,
    failed: [{ table: 'DeviceNetworkEvents' }],
    last: { files: { reused: 2 } },
  });
});

test('a lake on the network is refused unless it is asked for', async () => {
  const command = [
    'batch',
    '--table',
    'DeviceNetworkEvents=s3://bucket/net/*.parquet',
    '--work',
    join(temporaryFolder(), 'work'),
  ];
  const { code, stderr: err } = await merganser(command);
  expect(code).toBe(2);
  expect(err).toContain('s3://bucket/net/*.parquet lies on the network');
  expect(err).toContain('--remote');
});

test('an option that a job file says better is refused beside one', async () => {
  const { code, stderr: err } = await merganser(['batch', await job(JOB), '--window', '5m']);
  expect(code).toBe(2);
  expect(err).toContain('--window does not go with a job file');
});

test('the metrics file is OpenMetrics text', async () => {
  const path = await job(JOB);
  const metrics = join(path, '../merganser.prom');
  await merganser(['batch', path, '--metrics', metrics]);
  const text = readFileSync(metrics, 'utf8');
  expect(text).toMatch(/^# TYPE merganser_batch_start_time_seconds gauge\n/);
  expect(text).toMatch(/\nmerganser_batch_files\{what="read"\} 2\n/);
  expect(text).toMatch(
    /\nmerganser_batch_findings\{name="tuned",detection="t1573\.001\/symmetric-cryptography-c2",status="new"\} 0\n/,
  );
  expect(text).toMatch(/\n# EOF\n$/);
  const samples = text
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('#'));
  expect(samples.filter((line) => !/^[a-z_]+(\{([a-z]+="[^"]*",?)+\})? -?[\d.e+-]+$/.test(line))).toEqual([]);
});

test('the progress line says files, bytes, rate, rows and time left', () => {
  const half = {
    files: 400,
    filesDone: 100,
    bytes: 4 * 2 ** 30,
    bytesDone: 2 ** 30,
    rowsKept: 37_000,
    seconds: 8,
  };
  expect(progressLine(half)).toBe(
    'reading 100 of 400 files, 1 GB of 4 GB, 128 MB/s, 37,000 rows kept, 24 s left',
  );
});

test('on a terminal the line of progress says when reading is over, and is wiped by what is told next', () => {
  const pieces: string[] = [];
  const stderr = Object.assign(
    new Writable({
      write(piece, _, done) {
        pieces.push(String(piece));
        done();
      },
    }),
    {
      isTTY: true,
    },
  );
  const teller = batchTeller({ stderr, env: {} } as Terminal, 'text');
  const progress = { files: 2, filesDone: 1, bytes: 20, bytesDone: 10, rowsKept: 1, seconds: 2 };
  teller.progress({ ...progress, seconds: 0.5 });
  expect(pieces).toEqual([]);
  teller.progress(progress);
  teller.progress({ ...progress, filesDone: 2, bytesDone: 20 });
  teller.event({ level: 'info', event: 'correlated', message: 'c2: 1 findings, found' });
  expect(pieces).toEqual([
    `\r\x1b[K${progressLine(progress)}`,
    '\r\x1b[Kall 2 files read, correlating',
    '\r\x1b[K',
  ]);
});
