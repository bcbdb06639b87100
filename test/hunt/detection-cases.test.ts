import { expect, test } from 'vitest';
import { CASES, problems, refusal } from './own-detection.ts';

const FILE = 'UsageError: /t1071/odd-port.cases.yaml';
const TIME = 'a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z';
const ROW = '[{ RemotePort: 4445 }]';
const ROWS = /rows:\n.*\n/;

function changed(from: string | RegExp, to: string): string {
  expect(CASES).toMatch(from);
  return CASES.replace(from, to);
}

test.each<[string, string]>([
  ['[{ Timestamp: yesterday }]', `[0]: Timestamp: expected ${TIME}, got yesterday`],
  ['[{ Timestamp: 2026-02-30 }]', `[0]: Timestamp: expected ${TIME}, got 2026-02-30`],
  ['[{}, { times: 2, every: 1m }]', '[1]: every: expected a number of seconds such as 60, got 1m'],
  ['[{ times: 2, every: -1 }]', '[0]: every: expected a number of seconds such as 60, got -1'],
  ['[{ times: abc }]', '[0]: times: expected a whole number from 1 to 1000000, got abc'],
  ['[{ times: -1 }]', '[0]: times: expected a whole number from 1 to 1000000, got -1'],
  ['[{ times: 0 }]', '[0]: times: expected a whole number from 1 to 1000000, got 0'],
  ['[{ times: 1000000000 }]', '[0]: times: expected a whole number from 1 to 1000000, got 1000000000'],
  [
    '[{ times: 2, Timestamp: null }]',
    '[0]: times: expected a Timestamp that the first of them is at, here or under rows',
  ],
  ['[{ times: 9, every: 1e12 }]', '[0]: every: the last of them would lie after the year 9999'],
  ['[x]', '[0]: expected a row, columns with values, got x'],
  ['x', ': expected a list of rows, got x'],
])('events of %s are refused, the key named', async (row, said) => {
  expect(await refusal({ cases: changed(ROW, row) })).toBe(
    `${FILE}: case 2 (another): events.DeviceNetworkEvents${said}`,
  );
});

test.each<[string, string | RegExp, string, string]>([
  ['a list of rows', ROWS, 'rows: []\n', 'rows: expected tables, each with what a row of it is like, got []'],
  [
    'a list of rows of a table',
    ROWS,
    'rows: { DeviceNetworkEvents: [] }\n',
    'rows.DeviceNetworkEvents: expected columns with values, got []',
  ],
  [
    'a column that rows of the table lack',
    'RemotePort: 4444,',
    'RemotePrt: 4444,',
    'rows.DeviceNetworkEvents: DeviceNetworkEvents has no column RemotePrt; did you mean RemotePort?',
  ],
  [
    'no time in rows',
    'Timestamp: 2026-01-05',
    'Timestamp: yesterday',
    `rows.DeviceNetworkEvents: Timestamp: expected ${TIME}, got yesterday`,
  ],
  [
    'rows of another table',
    'rows:\n',
    'rows:\n  DeviceEvents: {}\n',
    'rows.DeviceEvents: the detection does not read DeviceEvents',
  ],
  ['a key that there is not', 'rows:', 'row:', "unknown key 'row'; did you mean rows?"],
  [
    'a key of a case that there is not',
    'miss: another port',
    'mis: another port',
    "case 2 (another): unknown key 'mis'; did you mean miss?",
  ],
  [
    'parameters in a list',
    'miss: another port',
    'miss: another port, parameters: [port]',
    'case 2 (another): parameters: expected parameters with values, got ["port"]',
  ],
  [
    'a hit that is none',
    'hit: [{ Connections: 2 }]',
    'hit: [2]',
    'case 1 (twice): hit: expected a list of findings, at least one, each by some of its columns, got [2]',
  ],
  [
    'a miss without a reason',
    'miss: another port',
    'miss: 1',
    'case 2 (another): miss: expected why it is not found, got 1',
  ],
  [
    'fewer findings than none',
    'baseline: 0',
    'baseline: -1',
    'case 3 (ordinary): baseline: expected a number of findings, got -1',
  ],
])('a file of cases with %s is refused, the key named', async (_, from, to, said) => {
  expect(await refusal({ cases: changed(from, to) })).toBe(`${FILE}: ${said}`);
});

test('a column of a hit that the result does not have is named, with those that it has', async () => {
  const where = '/t1071/odd-port.cases.yaml: case twice: hit: the result has no column';
  expect(await problems({ cases: changed('{ Connections: 2 }', '{ Conections: 2 }') })).toBe(
    `${where} Conections; did you mean Connections?`,
  );
  expect(await problems({ cases: changed('{ Connections: 2 }', '{ Ports: 2 }') })).toBe(
    `${where} Ports; its columns are DeviceName, Connections`,
  );
});

test('rows are in the order that times and every say, in UTC, and rows can say so for all', async () => {
  const cases = changed('{ times: 2 }', "{ times: 2, every: 0.5, Timestamp: '2026-01-05 08:00' }");
  expect(await problems({ cases })).toBe('');
  const all = changed('Timestamp: 2026-01-05,', 'Timestamp: 2026-01-05, times: 2,').replace(
    '{ times: 2 }',
    '{}',
  );
  expect(await problems({ cases: all })).toBe('');
});
