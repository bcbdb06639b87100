import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { imageLoad, networkEvent, writeFile } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** What the command line says of rules that hide findings: what they hid, which expired, which hid nothing. */
let lake: string;
let rules: string;
beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  const bytes = { SentBytes: '1::BIGINT', ReceivedBytes: '1::BIGINT' };
  for (const [name, pid] of [
    ['agent.exe', 4],
    ['implant.exe', 8],
  ]) {
    const who = { InitiatingProcessId: `${pid}::BIGINT`, InitiatingProcessFileName: `'${name}'` };
    await writeFile(join(lake, 'DeviceImageLoadEvents', `${name}.parquet`), imageLoad(who));
    await writeFile(join(lake, 'DeviceNetworkEvents', `${name}.parquet`), networkEvent({ ...who, ...bytes }));
  }
  rules = join(lake, 'rules.yaml');
  const rule = (name: string, process: string, expires: string) =>
    `  - { name: ${name}, reason: known, owner: soc, expires: ${expires}, match: { process: ${process} } }\n`;
  writeFileSync(
    rules,
    `rules:\n${rule('agent', 'agent.exe', '2099-01-01')}${rule('old', 'implant.exe', '2020-01-01')}${rule('idle', 'other.exe', '2099-01-01')}`,
  );
});
afterAll(() => rmSync(lake, { recursive: true }));

const hunt = (...argv: string[]) => merganser(['hunt', '--lake', lake, '--suppress', rules, ...argv]);

test('what rules hid is counted by rule; an expired one and an idle one are named', async () => {
  const { code, stdout, stderr } = await hunt('--format', 'jsonl');
  expect(code).toBe(0);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).ProcessName),
  ).toEqual(['implant.exe']);
  expect(stderr).toBe(
    [
      'note: 1 of 2 findings suppressed (agent 1)',
      `note: ${rules}:3: rule old expired on 2020-01-01 and was not applied`,
      'note: rules that matched nothing: idle',
      '',
    ].join('\n'),
  );
});

test('what is hidden can be shown, each with its rule, and does not count as found', async () => {
  const { stdout } = await hunt('--format', 'jsonl', '--show-suppressed');
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows.map(({ ProcessName, SuppressedBy }) => [ProcessName, SuppressedBy]).sort()).toEqual([
    ['agent.exe', 'agent'],
    ['implant.exe', ''],
  ]);
  const only = (process: string) => ['--set', `excluded_processes+=${process}`, '--fail-on-findings'];
  expect((await hunt('--format', 'csv', '--show-suppressed', ...only('implant.exe'))).code).toBe(0);
  expect((await hunt('--format', 'csv', ...only('agent.exe'))).code).toBe(3);
});

test('addresses that are classified are said to disagree, and how often', async () => {
  const argv = ['hunt', '--lake', lake, '--classify-addresses', '--format', 'csv'];
  const { code, stderr } = await merganser(argv);
  expect(code).toBe(0);
  expect(stderr).toBe('note: RemoteIPType disagrees with RemoteIP in 2 of 2 rows (Public is Reserved: 2)\n');
});
