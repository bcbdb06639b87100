import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SQL } from '../hunt/own-detection.ts';
import { merganser } from './merganser.ts';

const SAMPLE = fileURLToPath(new URL('../../data/sample', import.meta.url));
const OWN = `/*
id: t1071/odd-port
title: Odd port
description: Connections to one port.
technique: { id: T1071, name: Application Layer Protocol }
tactic: { id: TA0011, name: Command and Control }
severity: low
confidence: low
tables:
  DeviceNetworkEvents: [DeviceName, RemotePort]
parameters:
  port: { type: int, description: The port, default: 4444 }
false_positives: [Tests]
blind_spots: [Other ports]
references: [https://attack.mitre.org/techniques/T1071/]
created: 2026-01-01
updated: 2026-01-01
*/

${SQL}`;
const CASES = `rows:
  DeviceNetworkEvents: { Timestamp: 2026-01-05T08:00:00Z, DeviceName: ws-1, ActionType: ConnectionSuccess, RemoteIP: 203.0.113.1, RemotePort: 4444, RemoteIPType: Public, InitiatingProcessId: 4 }
cases:
  - name: one
    events: { DeviceNetworkEvents: [{}] }
    hit: [{ DeviceName: ws-1, Connections: 1 }]
  - { name: another, miss: another port, events: { DeviceNetworkEvents: [{ RemotePort: 4445 }] } }
  - { name: ordinary, baseline: 0, events: { DeviceNetworkEvents: [{ RemotePort: 443, times: 9 }] } }
`;

let own: string;
beforeAll(() => {
  own = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  mkdirSync(join(own, 't1071'));
  writeFileSync(join(own, 't1071', 'odd-port.sql'), OWN);
  writeFileSync(join(own, 't1071', 'odd-port.cases.yaml'), CASES);
});
afterAll(() => rmSync(own, { recursive: true }));

test("all are listed, a line each, those of a folder of one's own among them", async () => {
  const { code, stdout } = await merganser(['detections', '--detections', own]);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ')[0])).toEqual([
    't1071/odd-port',
    't1573.001/symmetric-cryptography-c2',
    't1573.001/cipher-artefacts',
    't1573.001/process-genealogy',
    't1573.001/combined-ranking',
  ]);
  expect(lines[0]).toMatch(/^t1071\/odd-port +low +Odd port$/);
});

test('one is shown: what it reads, what can be set, and to what it is set', async () => {
  const { stdout } = await merganser(['detections', 't1071/odd-port', '--detections', own]);
  expect(stdout).toContain(
    'Odd port  (t1071/odd-port)\nT1071 Application Layer Protocol, TA0011 Command and Control\n',
  );
  expect(stdout).toContain('  - DeviceNetworkEvents: DeviceName, RemotePort\n');
  expect(stdout).toContain('  port (int): The port\n      4444\n');
});

test('one is printed as a script, and over a lake with the values that the lake has', async () => {
  const plain = await merganser(['detections', 't1573.001', '--sql']);
  expect(plain.stdout).toContain('SET VARIABLE lake = ');
  const over = await merganser(['detections', 't1573.001', '--sql', '--lake', SAMPLE]);
  expect(over).toMatchObject({ code: 0, stderr: '' });
  expect(over.stdout).toContain(`${SAMPLE}/DeviceNetworkEvents`);
  expect(over.stdout).not.toContain('SET VARIABLE lake = ');
});

test('folders of detections are several where the option is repeated', async () => {
  const other = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  mkdirSync(join(other, 't1071'));
  writeFileSync(join(other, 't1071', 'even-port.sql'), OWN.replace('t1071/odd-port', 't1071/even-port'));
  const { stdout: listed } = await merganser(['detections', '--detections', own, '--detections', other]);
  rmSync(other, { recursive: true });
  expect(listed).toContain('t1071/odd-port');
  expect(listed).toContain('t1071/even-port');
});

test('cases run: what holds is ok, what does not is exit code 1 and said', async () => {
  const argv = ['test', 't1071/odd-port', '--detections', own];
  expect(await merganser(argv)).toEqual({
    code: 0,
    stdout: 'ok      t1071/odd-port  (1 hit, 1 near miss, 1 baseline)\n',
    stderr: '',
  });
  const cases = join(own, 't1071', 'odd-port.cases.yaml');
  writeFileSync(cases, readFileSync(cases, 'utf8').replace('Connections: 1', 'Connections: 2'));
  const failed = await merganser(argv);
  expect(failed).toMatchObject({ code: 1, stderr: '' });
  expect(failed.stdout).toMatch(/^failed {2}t1071\/odd-port {2}\(1 hit, .*\n {8}one: /);
  writeFileSync(cases, CASES);
});

test("a detection of one's own hunts", async () => {
  const argv = ['hunt', 't1071/odd-port', '--detections', own, '--lake', SAMPLE, '--format', 'csv'];
  const { code, stdout } = await merganser([...argv, '--set', 'port=443']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^DeviceName,Connections\r\n.+,\d+\r\n/);
});
