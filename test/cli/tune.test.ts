import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseSuppressions } from '../../src/hunt/suppress/suppressions.ts';
import { writeFile } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** One agent on four devices for ten days: a load, and a connection a minute later. */
let lake: string;
beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  const who = `
    'ws-' || device AS DeviceName,
    (100 + device * 10 + day)::BIGINT AS InitiatingProcessId,
    'agent.exe' AS InitiatingProcessFileName,
    'C:\\Program Files\\Agent\\agent.exe' AS InitiatingProcessFolderPath,
    'agent.exe' AS InitiatingProcessCommandLine`;
  const from = 'FROM range(1, 5) AS devices(device), range(10) AS days(day)';
  const at = (minutes: number) =>
    `TIMESTAMP '2026-01-05 08:0${minutes}:00' + to_days(day::INTEGER) AS Timestamp`;
  await writeFile(
    join(lake, 'DeviceImageLoadEvents', 'a.parquet'),
    `SELECT ${at(0)}, ${who}, 'bcrypt.dll' AS FileName ${from}`,
  );
  await writeFile(
    join(lake, 'DeviceNetworkEvents', 'a.parquet'),
    `SELECT ${at(1)}, ${who}, 'ConnectionSuccess' AS ActionType, '203.0.113.9' AS RemoteIP, 4444 AS RemotePort, 'Public' AS RemoteIPType ${from}`,
  );
});
afterAll(() => rmSync(lake, { recursive: true }));

test('rules are proposed as YAML that the reader of rules takes', async () => {
  const { code, stdout } = await merganser(['tune', '--lake', lake, '--min-devices', '4', '--min-days', '9']);
  expect(code).toBe(0);
  const rules = parseSuppressions(stdout.replaceAll(/owner: .*/g, 'owner: soc'), 'proposed.yaml');
  expect(rules).toHaveLength(1);
  expect(rules[0]!.match).toMatchObject({ process: ['agent.exe'], port: ['4444'] });
});

test('what fires on too few devices or for too short is not proposed, which is said', async () => {
  for (const [devices, days, short] of [
    ['5', '9', ''],
    ['4', '30', '; the baseline is 9 days long'],
  ] as const) {
    const argv = ['tune', '--lake', lake, '--min-devices', devices, '--min-days', days];
    const { code, stdout, stderr } = await merganser(argv);
    expect(code).toBe(0);
    expect(stdout).toContain('rules: []');
    expect(stderr).toBe(
      `note: nothing fires on ${devices} devices for ${days} days: no rules to propose${short}\n`,
    );
  }
});

test('a number below zero is refused', async () => {
  const { code, stderr } = await merganser(['tune', '--lake', lake, '--min-days', '-1']);
  expect(code).toBe(2);
  expect(stderr).toContain('give a number of at least 0');
});
