import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needsOf } from '../../src/hunt/batch/extract/extraction.ts';
import { whyNot } from '../../src/hunt/batch/extract/strictness.ts';
import type { Detection } from '../../src/hunt/detection/detection.ts';
import {
  combinedByProcess,
  findDetection,
  listDetections,
} from '../../src/hunt/detection/find-detections.ts';
import { type ParameterSettings, resolveParameters } from '../../src/hunt/parameters.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { asHunted, batch, connection, hunted, oneImplant, writeEvents } from './small-lake.ts';

const detection = findDetection('t1573.001');

/** Why slices made with some settings cannot serve others, by table; undefined for a table whose slices can. */
function reasons(made: ParameterSettings, asked: ParameterSettings) {
  const needs = (settings: ParameterSettings) =>
    needsOf({ detection, values: resolveParameters(detection.parameters, [settings]) });
  const stored = needs(made);
  return [...needs(asked)]
    .map(([table, need]) => whyNot(stored.get(table)!, need))
    .filter((each) => each !== undefined);
}

test.each<[string, ParameterSettings]>([
  ['the window', { window: '2h' }],
  ['the thresholds', { beacon_min_connections: 2, beacon_max_interval: 60 }],
  ['the time range', { since: '2025-01-01', until: '2026-02-01', lookback: '30d', now: '2026-01-31' }],
  ['a shorter list that selects', { 'crypto_libraries-': ['ncrypt.dll'] }],
  [
    'longer lists that exclude',
    { 'standard_ports+': [4444], 'excluded_processes+': ['agent.exe'], 'excluded_browsers+': ['arc.exe'] },
  ],
  [
    'the same list in another order',
    { standard_ports: [3389, 143, 110, 995, 993, 465, 587, 25, 20, 21, 22, 53, 8443, 8080, 443, 80] },
  ],
])('changing %s reuses every slice', (_, settings) => {
  expect(reasons({}, settings)).toEqual([]);
});

test.each<[ParameterSettings, string]>([
  [{ 'crypto_libraries+': ['dpapi.dll'] }, 'crypto_libraries now selects dpapi.dll'],
  [{ 'standard_ports-': [8443] }, 'standard_ports no longer excludes 8443'],
  [{ 'excluded_browsers-': ['opera.exe'] }, 'excluded_browsers no longer excludes opera.exe'],
  [{ action_type: 'ConnectionFailed' }, 'action_type is now ConnectionFailed, not ConnectionSuccess'],
])('loosening %j reads again, and says why', (settings, reason) => {
  expect(reasons({}, settings)).toEqual([reason]);
  expect(reasons(settings, {}).length).toBe('action_type' in settings ? 1 : 0);
});

const other = (name: string, settings: ParameterSettings = {}, changes: Partial<Detection> = {}) => {
  const found = { ...findDetection(`t1573.001/${name}`), ...changes };
  return needsOf({ detection: found, values: resolveParameters(found.parameters, [settings]) });
};

test.each<[string, ParameterSettings, string[]]>([
  ['process-genealogy', { 'unusual_parents+': ['explorer.exe'], 'unusual_children-': ['cmd.exe'] }, []],
  ['process-genealogy', { address_type: 'Private' }, ['address_type is now Private, not Public']],
  ['cipher-artefacts', { 'script_hosts-': ['mshta.exe'], lookback: '30d' }, []],
  ['cipher-artefacts', { 'script_hosts+': ['hh.exe'] }, ['script_hosts now selects hh.exe']],
])('tuning %s with %j reads again only what it must', (name, settings, expected) => {
  const stored = other(name);
  const said = [...other(name, settings)].map(([table, need]) => whyNot(stored.get(table)!, need));
  expect(said.filter((each) => each !== undefined)).toEqual(expected);
});

test('slices that another text of a macro made do not serve', () => {
  const needs = other('cipher-artefacts').get('DeviceEvents')!;
  const [filter] = needs.filters;
  expect(filter!.macros).toHaveLength(1);
  const before = {
    ...needs,
    filters: [{ ...filter!, macros: ['CREATE MACRO hints_at_cipher(text) AS false'] }],
  };
  expect(whyNot(before, needs)).toBe('the job has another detection, or one that has changed');
  expect(whyNot(needs, needs)).toBeUndefined();
});

test.each<[string, RegExp, string]>([
  ['groups its rows', /(FROM DeviceEvents\n[\s\S]*?)\n\),/, '$1\n  GROUP BY ALL\n),'],
  ['reads another expression', /FROM DeviceEvents\n/, 'FROM command_lines\n'],
])('an extraction that %s is no filter of a table, and is not taken for one', (_, from, to) => {
  const sql = findDetection('t1573.001/cipher-artefacts').sql.replace(from, to);
  expect(() => other('cipher-artefacts', {}, { sql })).toThrow('scripts is no SELECT … FROM a table WHERE …');
});

test('a list that is tightened and then loosened back to what the slices hold reads nothing', async () => {
  const lake = await oneImplant(temporaryFolder());
  const settings = (ports: unknown) => ({
    detections: [{ detection: 't1573.001', settings: [{ standard_ports: ports }] }],
  });
  await batch(lake, settings([80]));
  const tightened = await batch(lake, settings([80, 4444]));
  expect([tightened.read, asHunted(tightened.rows)]).toEqual([0, []]);
  const back = await batch(lake, settings([80]));
  expect(back.read).toBe(0);
  expect(asHunted(back.rows)).toEqual(await hunted(lake, { standard_ports: [80] }));
  const told: string[] = [];
  const looser = await batch(lake, settings([]), {
    onEvent: ({ event, message }) => event === 'reading-again' && told.push(message),
  });
  expect(told).toEqual([
    '1 file of DeviceNetworkEvents must be read again: standard_ports no longer excludes 80',
  ]);
  expect(looser.read).toBe(1);
  expect(asHunted(looser.rows)).toEqual(await hunted(lake, { standard_ports: [] }));
});

test('two detections over one table share its extraction: each file is read once', async () => {
  const lake = await oneImplant(temporaryFolder());
  const wide = { standard_ports: [], window: '30m' };
  const { report } = await batch(lake, {
    detections: [
      { detection: 't1573.001', name: 'usual' },
      { detection: 't1573.001', name: 'wide', settings: [wide] },
    ],
  });
  expect(report.files.read).toBe(2);
  expect(report.rows.read).toBe(4);
  expect(report.findings.map(({ name, total }) => [name, total])).toEqual([
    ['usual', 2],
    ['wide', 2],
  ]);
});

test('every shipped detection that names extractions can be run in batches', () => {
  for (const each of listDetections().filter(({ extractions }) => Object.keys(extractions).length > 0)) {
    const needs = needsOf({ detection: each, values: resolveParameters(each.parameters, []) });
    expect([...needs.keys()].sort()).toEqual(Object.keys(each.tables).sort());
    // Beyond its extractions, the statement reads no table: what a slice leaves out is nowhere missed.
    for (const table of Object.keys(each.tables)) {
      const reads = each.sql.match(new RegExp(`\\b${table}\\b`, 'g')) ?? [];
      // By process, it asks which events say of which process they are: what only the lake knows is refused.
      const telling = combinedByProcess(each)?.tables[table] === undefined ? 0 : 2;
      expect(reads).toHaveLength(needs.get(table)!.filters.length + telling);
    }
  }
});

test('a tolerance changes what is paired, and reads nothing', async () => {
  const lake = await oneImplant(temporaryFolder());
  await writeEvents(join(lake, 'DeviceNetworkEvents/early.jsonl'), [connection(-2)]);
  await batch(lake);
  const settings = { tolerance: '3m' };
  const { read, rows } = await batch(lake, {
    detections: [{ detection: 't1573.001', settings: [settings] }],
  });
  expect([read, rows[0]!.ConnectionCount]).toEqual([0, 2]);
  expect(asHunted(rows)).toEqual(await hunted(lake, settings));
});
