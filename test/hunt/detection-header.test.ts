import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkHeader } from '../../src/hunt/detection/header-check.ts';
import { merganser } from '../cli/merganser.ts';
import { HEADER, ownDetection, refusal } from './own-detection.ts';

const FILE = 'UsageError: /t1071/odd-port.sql';
const TABLES = '{ DeviceNetworkEvents: [Timestamp, DeviceName, RemotePort] }';
const TYPES = 'one of string, int, long, real, bool, datetime, timespan, list of string, list of int';

/** The header with other text for a part of it, which is there. */
function changed(from: string, to: string): string {
  expect(HEADER).toContain(from);
  return HEADER.replace(from, to);
}

test.each<[string, string, string]>([
  [
    'type: int',
    'type: list of ints',
    `parameters.port.type: expected ${TYPES}, got list of ints; did you mean list of int?`,
  ],
  ['type: int', 'type: date', `parameters.port.type: expected ${TYPES}, got date`],
  [
    '{ id: T1071, name: Application Layer Protocol }',
    'T1071.001',
    'technique: expected an id and a name, got T1071.001; for example technique: { id: T1071, name: Application Layer Protocol }',
  ],
  [
    '[https://attack.mitre.org/techniques/T1071/]',
    'x',
    'references: expected a list, got x; write it as [x]',
  ],
  [
    TABLES,
    '{ DeviceNetworkEvents: x }',
    'tables.DeviceNetworkEvents: expected a list of columns, got x; for example tables.DeviceNetworkEvents: [Timestamp, DeviceName]',
  ],
  [
    TABLES,
    '{ DeviceNetworkEvents: [] }',
    'tables.DeviceNetworkEvents: expected a list of columns, got []; for example tables.DeviceNetworkEvents: [Timestamp, DeviceName]',
  ],
  [
    TABLES,
    '[DeviceNetworkEvents]',
    'tables: expected tables with lists of their columns, got ["DeviceNetworkEvents"]; for example tables: { DeviceNetworkEvents: [Timestamp, DeviceName] }',
  ],
  [
    TABLES,
    '{}',
    'tables: expected tables with lists of their columns, got {}; for example tables: { DeviceNetworkEvents: [Timestamp, DeviceName] }',
  ],
  [
    '{ port: { type: int, description: The port, default: 4444 } }',
    '[ports]',
    'parameters: expected parameters by name, got ["ports"]; for example parameters: { port: { type: int, description: The port, default: 4444 } }',
  ],
  [
    'severity: low',
    'severity: lo',
    'severity: expected one of informational, low, medium, high, got lo; did you mean low?',
  ],
  [
    'confidence: low',
    'confidence: lo',
    'confidence: expected low or medium or high, got lo; did you mean low?',
  ],
  [
    'created: 2026-01-01',
    'created: yesterday',
    'created: expected a date such as 2026-01-31, got yesterday; for example created: 2026-01-31',
  ],
  [
    'created: 2026-01-01',
    'created: 2026-02-30',
    'created: expected a date such as 2026-01-31, got 2026-02-30; for example created: 2026-01-31',
  ],
  ['title: Odd port', 'title: [Odd]', 'title: expected text, got ["Odd"]'],
  [
    'description: The port',
    'descripton: it',
    "unknown key 'descripton' in parameters.port; did you mean description?",
  ],
])('%s that became %s is refused, the key named', async (from, to, said) => {
  expect(await refusal({ header: changed(from, to) })).toBe(`${FILE}: ${said}`);
});

test.each<[string, string]>([
  ['false_positives: Many', 'false_positives: expected a list, got Many; write it as [Many]'],
  [
    'extractions: [odd]',
    'extractions: expected common table expressions by name, got ["odd"]; for example extractions: { connections: { port: equals } }',
  ],
  [
    'extractions: { odd: { port: picks } }',
    'extractions.odd.port: expected selects or excludes or equals, got picks',
  ],
  ['flagshp: true', "unknown key 'flagshp' in the header; did you mean flagship?"],
  ['flagship: maybe', 'flagship: expected true or false, got maybe'],
  ['recorded: { sent: SentBytes }', 'recorded.sent: expected table.Column, got SentBytes'],
  [
    'finding: { identity: [A], first: B, last: C, pairs: { tables: [D], alike: [E] } }',
    'finding.pairs.tables: expected two tables, got ["D"]',
  ],
  [
    'finding: { identty: [A], first: B, last: C }',
    "unknown key 'identty' in finding; did you mean identity?",
  ],
  ['finding: { first: B }', 'the header lacks finding.identity, finding.last'],
])('%s is refused, the key named', async (line, said) => {
  expect(await refusal({ header: `${HEADER}${line}\n` })).toBe(`${FILE}: ${said}`);
});

test('what is left out or has no value is named where it is needed, and is none where it is not', async () => {
  const lacking = changed('title: Odd port', 'title:').replace(', default: 4444', '');
  expect(await refusal({ header: lacking })).toBe(`${FILE}: the header lacks title, parameters.port.default`);
  expect(await refusal({ header: `${HEADER}blind_spots:\nfinding:\nmacros:\n` })).toBe('none');
  expect(await refusal({ header: '- a\n' })).toBe(
    `${FILE}: the header is no list of keys with values; begin it with id: <technique>/<name>`,
  );
});

test('a hunt and a test tell the same, with exit code 2', async () => {
  const folder = ownDetection({ header: changed('severity: low', 'severity: lo') });
  const said = `error: ${join(folder, 't1071/odd-port.sql')}: severity: expected one of informational, low, medium, high, got lo\n`;
  const hunt = await merganser(['hunt', 't1071', '--detections', folder, '--lake', folder]);
  expect([hunt.code, hunt.stderr]).toEqual([2, expect.stringContaining(said)]);
  const tested = await merganser(['test', 't1071', '--detections', folder]);
  expect([tested.code, tested.stderr]).toEqual([2, expect.stringContaining(said)]);
});

test('the build refuses a shipped header that is wrong', () => {
  expect(() => checkHeader({ id: 'x' }, 't1/x.sql')).toThrow('t1/x.sql: the header lacks title, description');
});
