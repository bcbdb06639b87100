import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { networkEvent, writeFile } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** `translate` over a lake: its tables and columns, not those that Microsoft documents. */
let lake: string;
let folder: string;
beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  folder = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  await writeFile(join(lake, 'DeviceNetworkEvents', 'a.parquet'), networkEvent({ Sensor: "'edge'" }));
  await writeFile(join(lake, 'Sites', 'a.parquet'), "SELECT 'Ghent' AS City, 3 AS Floors");
});
afterAll(() => {
  for (const each of [lake, folder]) rmSync(each, { recursive: true });
});

test("knows tables and columns of the lake's own", async () => {
  const query =
    'Sites | where Floors > 2 | join kind=inner (DeviceNetworkEvents) on $left.City == $right.Sensor | count';
  const { code, stdout, stderr } = await merganser(['translate', query, '--lake', lake]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/FROM Sites\b/);
  const run = await merganser(['kql', query, '--lake', lake, '--format', 'csv']);
  expect(run).toEqual({ code: 0, stdout: 'Count\r\n0\r\n', stderr: '' });
});

test('refuses what the lake lacks, and names what it has', async () => {
  const { code, stdout, stderr } = await merganser(['translate', 'Sits | count', '--lake', lake]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain("did you mean 'Sites'?");
});

test('goes through a folder of queries', async () => {
  writeFileSync(join(folder, 'a.kql'), 'Sites | count');
  writeFileSync(join(folder, 'b.kql'), 'DeviceProcessEvents | count');
  const { code, stdout } = await merganser(['translate', '--check', folder, '--lake', lake]);
  expect(code).toBe(2);
  expect(stdout).toMatch(/^ok {7}a\.kql$/m);
  expect(stdout).toMatch(/^refused {2}b\.kql$/m);
});

test('takes a watchlist from its folder', async () => {
  writeFileSync(join(folder, 'hosts.csv'), 'Host,Tier\r\nws-1,0\r\n');
  const argv = ["_GetWatchlist('hosts') | project Host, Tier", '--lake', lake, '--watchlists', folder];
  expect((await merganser(['translate', ...argv])).code).toBe(0);
  expect((await merganser(['kql', ...argv, '--format', 'csv'])).stdout).toBe('Host,Tier\r\nws-1,0\r\n');
});

test('gives SQL, columns and tables as JSON, and what is wrong as JSON too', async () => {
  const query = 'Sites | where Floors > 2 | project City';
  const right = await merganser(['translate', query, '--lake', lake, '--format', 'json']);
  expect(right.code).toBe(0);
  expect(JSON.parse(right.stdout)).toMatchObject({
    sql: expect.stringContaining('FROM Sites'),
    columns: [{ name: 'City', type: 'string' }],
    diagnostics: [],
    tables: [{ table: 'Sites', columns: expect.arrayContaining(['City', 'Floors']) }],
  });
  const wrong = await merganser(['translate', 'Sites | where Flors > 2', '--lake', lake, '--format', 'json']);
  expect(wrong.code).toBe(2);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ sql: '', diagnostics: [{ severity: 'error' }] });
});

test('explains which clause became which step', async () => {
  const { code, stdout } = await merganser([
    'translate',
    'Sites | where Floors > 2 | count',
    '--lake',
    lake,
    '--explain',
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/where Floors > 2\n {2}→ where_1\n/);
  expect(stdout).toMatch(/count\n {2}→ count\n/);
});

test('a watchlist without a lake is refused', async () => {
  const { code, stderr } = await merganser(['translate', 'print 1', '--watchlists', folder]);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: 'error: --watchlists goes with a lake\n  name it with --lake or --table\n',
  });
});
