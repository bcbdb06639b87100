import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageLoad, networkEvent, writeFile } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** A lake in which implant.exe loads a library, connects, and is older than its parent. */
let lake: string;
beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  const began = { InitiatingProcessCreationTime: "TIMESTAMP '2026-01-04'" };
  await writeFile(join(lake, 'DeviceImageLoadEvents', 'a.parquet'), imageLoad(began));
  const parent = { InitiatingProcessParentCreationTime: "TIMESTAMP '2026-01-05'" };
  await writeFile(
    join(lake, 'DeviceNetworkEvents', 'a.parquet'),
    networkEvent({ ...began, ...parent, InitiatingProcessFileName: "'implant.exe'" }),
  );
});
afterAll(() => rmSync(lake, { recursive: true }));

describe('all detections of a technique', () => {
  test('are told apart by their headings, empty ones too', async () => {
    const { code, stdout } = await merganser(['hunt', 't1573.001/*', '--lake', lake]);
    expect(code).toBe(0);
    const titles = stdout.split('\n').filter((_, index, lines) => lines[index + 1]?.startsWith('T1573.001 '));
    expect(titles).toEqual([
      'Symmetric cryptography C2',
      'Cipher implementation artefacts in command lines, scripts and image loads',
      'Process genealogy anomalies with external connections',
      'Processes by all three behaviours of encrypted channels',
    ]);
    expect(stdout).toContain('older than its parent');
  });

  test('with --evidence give that of those that have any; the others are named before the lake is read', async () => {
    const argv = [
      'hunt',
      't1573.001/*',
      '--lake',
      lake,
      '--evidence',
      '--identity',
      'process',
      '--format',
      'csv',
    ];
    const { code, stdout, stderr } = await merganser([...argv, '--set', 'usual_pairs+=a.exe>b.exe']);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line !== '')).toHaveLength(2);
    for (const name of ['cipher-artefacts', 'process-genealogy', 'combined-ranking'])
      expect(stderr).toContain(
        `note: t1573.001/${name} has no evidence: its findings are all that it says\n`,
      );
  });
});

test('--evidence of one that has none is refused', async () => {
  const outcome = await merganser(['hunt', 't1573.001/process-genealogy', '--lake', lake, '--evidence']);
  expect(outcome).toMatchObject({ code: 2, stdout: '' });
  expect(outcome.stderr).toContain('t1573.001/process-genealogy has no evidence');
});

test('--columns all says so where a detection has no further ones', async () => {
  const argv = ['hunt', 't1573.001/process-genealogy', '--lake', lake, '--columns', 'all'];
  const { code, stderr } = await merganser(argv);
  expect(code).toBe(0);
  expect(stderr).toContain('t1573.001/process-genealogy has no columns beyond those that it always gives');
});

test('a lake with none of the tables of which each alone would do is refused, not found empty', async () => {
  const table = `DeviceNetworkEvents=${join(lake, 'DeviceNetworkEvents', '*.parquet')}`;
  const outcome = await merganser(['hunt', 't1573.001/cipher-artefacts', '--table', table]);
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toContain(
    'the lake has none of the tables that t1573.001/cipher-artefacts reads: DeviceProcessEvents, DeviceEvents, DeviceImageLoadEvents',
  );
});
