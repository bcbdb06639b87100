import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/**
 * What only a process of its own shows: signals, a reader that goes away, a full disk behind stdout. The package
 * is compiled into a folder of its own.
 */
const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;
let bin: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  for (const name of ['package.json', 'sql', 'data', 'node_modules'])
    symlinkSync(join(PROJECT, name), join(folder, name));
  const tsc = join(PROJECT, 'node_modules', '.bin', 'tsc');
  const argv = [
    '-p',
    join(PROJECT, 'tsconfig.build.json'),
    '--outDir',
    join(folder, 'dist'),
    '--declaration',
    'false',
  ];
  // Whether types are right is asked elsewhere; what was compiled is run.
  spawnSync(tsc, argv, { stdio: 'ignore' });
  bin = join(folder, 'dist', 'cli', 'main.js');
  mkdirSync(join(folder, 'empty'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
  readonly milliseconds: number;
}

function start(argv: string[], stdout: 'pipe' | number = 'pipe'): ChildProcess {
  return spawn(process.execPath, [bin, ...argv], { stdio: ['pipe', stdout, 'pipe'] });
}

async function ended(child: ChildProcess): Promise<Ended> {
  const pieces: string[] = [];
  child.stderr!.on('data', (piece) => pieces.push(String(piece)));
  const since = performance.now();
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stderr: pieces.join(''), milliseconds: performance.now() - since };
}

/** Far less than what is interrupted would take, and far more than a busy machine needs. */
const AT_ONCE = 20_000;
/** A query that would run for minutes. */
const ENDLESS = 'SELECT sum(hash(range)) FROM range(1000000000000)';

describe('an interrupt', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends a long query at once, with exit code 130 and nothing left behind',
    async (signal) => {
      const temp = mkdtempSync(join(folder, 'temp-'));
      const child = start(['sql', ENDLESS, '--lake', join(folder, 'empty'), '--temp', temp]);
      while (readdirSync(temp).length === 0) await sleep(20);
      await sleep(300);
      child.kill(signal);
      const { code, stderr, milliseconds } = await ended(child);
      expect({ code, stderr, left: readdirSync(temp) }).toEqual({ code: 130, stderr: '', left: [] });
      expect(milliseconds).toBeLessThan(AT_ONCE);
    },
  );

  test.skipIf(!existsSync('/usr/bin/script'))(
    'a terminal that closes is one, and leaves nothing behind (skipped where there is no /usr/bin/script)',
    async () => {
      const temp = mkdtempSync(join(folder, 'temp-'));
      const command = [
        process.execPath,
        bin,
        'sql',
        `'${ENDLESS}'`,
        '--lake',
        join(folder, 'empty'),
        '--temp',
        temp,
      ];
      const terminal = spawn('/usr/bin/script', ['-qec', command.join(' '), '/dev/null'], {
        stdio: 'ignore',
      });
      while (readdirSync(temp).length === 0) await sleep(20);
      await sleep(300);
      terminal.kill('SIGKILL');
      const since = performance.now();
      while (readdirSync(temp).length > 0 && performance.now() - since < AT_ONCE) await sleep(20);
      expect(readdirSync(temp)).toEqual([]);
    },
  );

  test('while a result is written leaves what was there before', async () => {
    const out = mkdtempSync(join(folder, 'out-'));
    const child = start([
      'sql',
      'FROM range(4000000)',
      '--lake',
      join(folder, 'empty'),
      '--out',
      join(out, 'x.csv'),
    ]);
    while (readdirSync(out).length === 0) await sleep(20);
    child.kill('SIGINT');
    expect((await ended(child)).code).toBe(130);
    expect(readdirSync(out)).toEqual([]);
  });

  test('while the query is awaited on standard input', async () => {
    const child = start(['sql', '-', '--lake', join(folder, 'empty')]);
    // More than a pipe holds: once it is gone, the query is being read.
    const read = once(child.stdin!, 'drain');
    child.stdin!.write('SELECT '.padEnd(1_000_000));
    await read;
    child.kill('SIGINT');
    const { code, stderr, milliseconds } = await ended(child);
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(milliseconds).toBeLessThan(AT_ONCE);
  });
});

describe('a reader that goes away, as `| head` does, is no error', () => {
  test.each([['of a long result', ['sql', 'FROM range(300000)', '--format', 'csv', '--lake']]])(
    '%s',
    async (_, argv) => {
      const child = start([...argv, join(folder, 'empty')]);
      child.stdout!.once('data', () => child.stdout!.destroy());
      expect(await ended(child)).toMatchObject({ code: 0, stderr: '' });
    },
  );

  test('of a text that is printed at once', async () => {
    const child = start(['detections', '--sql']);
    child.stdout!.destroy();
    expect(await ended(child)).toMatchObject({ code: 0, stderr: '' });
  });
});

test.skipIf(!existsSync('/dev/full'))(
  'a full disk behind stdout is an error in words (skipped where there is no /dev/full)',
  async () => {
    for (const argv of [
      ['detections', '--sql'],
      ['lake', join(folder, 'empty')],
      ['sql', 'FROM range(10)', '--lake', join(folder, 'empty')],
    ]) {
      const { code, stderr } = await ended(start(argv, openSync('/dev/full', 'w')));
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: .*(could not be written|disk is full).*\n/);
      expect(stderr).not.toContain('    at ');
    }
  },
);

test('exit codes reach the shell', async () => {
  expect((await ended(start(['sql', 'SELECT * FROM nowhere', '--lake', folder]))).code).toBe(1);
  expect((await ended(start(['lake', '/no/where']))).code).toBe(2);
  expect((await ended(start(['hnt']))).code).toBe(2);
  const sample = ['--lake', join(PROJECT, 'data', 'sample'), '--format', 'csv'];
  expect((await ended(start(['hunt', ...sample, '--fail-on-findings']))).code).toBe(3);
});

describe("KQL's parser, five megabytes of code, is loaded", () => {
  test.each<[loaded: boolean, argv: string[]]>([
    [true, ['kql', 'print 1', '--lake']],
    [false, ['sql', 'SELECT 1', '--lake']],
    [false, ['kql', '--help']],
    [false, ['--help']],
  ])('%s: %j', async (loaded, argv) => {
    const watch = join(folder, 'watch.cjs');
    writeFileSync(
      watch,
      `process.on('exit', () => {
        const parser = Object.keys(require.cache).some((file) => file.includes('language-service-next'));
        process.stderr.write(parser ? 'loaded' : '');
      });`,
    );
    const empty = argv.at(-1) === '--lake' ? [join(folder, 'empty')] : [];
    const child = spawn(process.execPath, ['--require', watch, bin, ...argv, ...empty]);
    child.stdout.resume();
    expect(await ended(child)).toMatchObject({ code: 0, stderr: loaded ? 'loaded' : '' });
  });
});
