import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { merganser } from './merganser.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'merganser-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a sample says what it made, that it is synthetic, and how to hunt in it', async () => {
  const lake = join(folder, 'sample');
  const { code, stdout, stderr } = await merganser(['sample', lake, '--devices', '12', '--days', '1']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toMatch(
    /12 devices, 1 day, [\d,]+ rows of DeviceImageLoadEvents, [\d,]+ rows of DeviceNetworkEvents\. All of it is synthetic\.$/m,
  );
  const labels = JSON.parse(readFileSync(join(lake, 'labels.json'), 'utf8'));
  const told = Number(/says which (\d+) findings/.exec(stderr)?.[1]);
  const hunt = await merganser(['hunt', 't1573.001', '--lake', lake, '--format', 'jsonl']);
  expect(hunt.stdout.trim().split('\n')).toHaveLength(told);
  expect(JSON.stringify(labels)).toContain('synthetic');
});

test('a lake of a scale profile, with its knobs', async () => {
  const lake = join(folder, 'scale');
  const argv = [
    'sample',
    lake,
    '--scale',
    'hot',
    '--rows',
    '3000',
    '--hot-processes',
    '1',
    '--hot-events',
    '50',
  ];
  const { code, stderr } = await merganser(argv);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /hot, .* rows of DeviceNetworkEvents\. All of it is synthetic\.\n.*planted processes/,
  );
  const hunt = await merganser(['hunt', '--lake', lake, '--format', 'jsonl']);
  const counts = hunt.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).ConnectionCount);
  expect(Math.max(...counts)).toBeGreaterThan(50);
});

test('knobs of scale lakes are refused without one, and a folder that has no name', async () => {
  const stray = await merganser(['sample', join(folder, 'x'), '--hot-events', '5']);
  expect(stray).toMatchObject({ code: 2, stderr: expect.stringContaining('--hot-events goes with --scale') });
  expect(await merganser(['sample', ''])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the folder to make has no name'),
  });
});
