import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { macroText } from '../../src/dialect/duckdb/macro-text.ts';
import { all } from '../../src/engine/run.ts';
import { findDetection } from '../../src/hunt/detection/find-detections.ts';
import type { ParameterSettings } from '../../src/hunt/parameters.ts';
import { prepareHunt } from '../../src/hunt/prepare.ts';
import { Lake } from '../../src/lake/lake.ts';
import { makeScaleLake, type ScaleOptions } from '../../src/sample/scale/scale.ts';
import { temporaryFolder } from '../sample/files.ts';

/** What scales and what does not is decided by the plan; these are the facts about it that a look can settle. */

interface Node {
  readonly name: string;
  readonly children: readonly Node[];
  readonly extra_info: Readonly<Record<string, string | readonly string[]>>;
}

/** The operators of the flagship's plan over a lake, in any order. */
async function operators(options: ScaleOptions, settings: ParameterSettings = {}): Promise<Node[]> {
  const folder = join(await temporaryFolder(), 'lake');
  await makeScaleLake(folder, options);
  const lake = await Lake.open(folder, { threads: 2 });
  onTestFinished(() => lake.close());
  const detection = findDetection('t1573.001');
  const hunt = await prepareHunt(lake, detection, [settings]);
  return lake.connected(Object.keys(detection.tables), hunt.bounds, async (connection) => {
    for (const macro of detection.macros) await all(connection, macroText(macro));
    const [row] = await all(connection, `EXPLAIN (FORMAT json) ${hunt.sql}`, hunt.bindings);
    return (JSON.parse(String(row!.explain_value)) as Node[]).flatMap(flat);
  });
}

function flat(node: Node): Node[] {
  return [node, ...node.children.flatMap(flat)];
}

const listed = (value: string | readonly string[] | undefined) => [value ?? []].flat();
const scansOf = (plan: readonly Node[]) => plan.filter(({ name }) => name === 'READ_PARQUET');

/** The scan that reads a column which only one of the two tables has. */
function scanWith(plan: readonly Node[], column: string): Node {
  const scans = scansOf(plan).filter(({ extra_info }) => JSON.stringify(extra_info).includes(column));
  expect(scans, `scans that read ${column}`).toHaveLength(1);
  return scans[0]!;
}

const ORDINARY = { profile: 'office', rows: 4_000, days: 2 } as const;

describe('the plan of the flagship', () => {
  test('joins by hash alone: no nested loop, no cross product, no merge of inequalities', async () => {
    const plan = await operators(ORDINARY);
    const joins = plan.map(({ name }) => name).filter((name) => /JOIN|PRODUCT/.test(name));
    expect(joins.length).toBeGreaterThan(0);
    expect(joins.filter((name) => name !== 'HASH_JOIN')).toEqual([]);
  });

  test('joins loads to connections on device, process id and time, never on device and process id alone', async () => {
    const plan = await operators(ORDINARY);
    const conditions = plan
      .filter(({ name }) => name === 'HASH_JOIN')
      .map(({ extra_info }) => listed(extra_info.Conditions).join(' '))
      .filter((text) => text.includes('DeviceName'))
      // Loads meet the images that they are numbered after, one each.
      .filter((text) => !text.includes('ProcessSHA256 = ProcessSHA256'));
    expect(conditions.length).toBeGreaterThan(0);
    for (const text of conditions) expect(text).toMatch(/Bucket|LoadTime/);
  });

  test('reads each table once', async () => {
    const plan = await operators(ORDINARY);
    expect(scansOf(plan)).toHaveLength(2);
  });

  test('filters in the scan, with nothing left to filter above it', async () => {
    const plan = await operators(ORDINARY);
    const loads = listed(scanWith(plan, 'InitiatingProcessSHA256').extra_info.Filters).join('\n');
    expect(loads).toMatch(/bcrypt\.dll/);
    expect(loads).toMatch(/msedge\.exe/);
    const connections = listed(scanWith(plan, 'RemotePort').extra_info.Filters).join('\n');
    expect(connections).toMatch(/ConnectionSuccess/);
    expect(connections).toMatch(/Public/);
    expect(connections).toMatch(/8443/);
    const above = plan.filter(
      ({ name, children }) => name === 'FILTER' && children[0]?.name === 'READ_PARQUET',
    );
    expect(above).toEqual([]);
  });

  test('reads of 41 and 48 columns the 8 and 9 that it needs', async () => {
    const plan = await operators(ORDINARY);
    const read = (column: string) => {
      const { Projections, Filters } = scanWith(plan, column).extra_info;
      const mentioned = listed(Filters).join(' ');
      const filtered = ['ActionType', 'RemoteIPType', 'FileName'].filter((name) =>
        new RegExp(`\\b${name}\\b`).test(mentioned),
      );
      return [...new Set([...listed(Projections), ...filtered])].sort();
    };
    expect(read('InitiatingProcessSHA256')).toEqual([
      'DeviceName',
      'FileName',
      'InitiatingProcessAccountName',
      'InitiatingProcessCommandLine',
      'InitiatingProcessFileName',
      'InitiatingProcessId',
      'InitiatingProcessSHA256',
      'Timestamp',
    ]);
    expect(read('RemotePort')).toEqual([
      'ActionType',
      'DeviceName',
      'InitiatingProcessId',
      'ReceivedBytes',
      'RemoteIP',
      'RemoteIPType',
      'RemotePort',
      'SentBytes',
      'Timestamp',
    ]);
  });
});

test('bounds on time are a plain comparison of the column in every scan, whatever type the files have', async () => {
  const drifting = { profile: 'year', rows: 900, days: 9, drift: true } as const;
  const plan = await operators(drifting, { since: '2025-01-03', until: '2025-01-09' });
  const scans = scansOf(plan);
  // Naive and zoned timestamps in both tables, and connections without bytes.
  expect(scans.length).toBeGreaterThan(3);
  for (const { extra_info } of scans) {
    const filters = listed(extra_info.Filters).join('\n');
    expect(filters).toMatch(/^"?Timestamp"? ?>= ?'2025-01-03 00:00:00(\+00)?'/m);
    expect(filters).toMatch(/"?Timestamp"? ?< ?'2025-01-09 00:00:00(\+00)?'/);
  }
});
