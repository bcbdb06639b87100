import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testDetection } from '../../src/api/test-detection.ts';
import { findDetection, findDetections, listDetections } from '../../src/hunt/detection/find-detections.ts';
import { merganser } from '../cli/merganser.ts';
import { networkEvent, temporaryFolder, writeFile as writeParquet } from '../lake/parquet-files.ts';
import { CASES, HEADER, KQL, problems, SQL } from './own-detection.ts';

describe('every shipped detection', () => {
  test.each(listDetections().map(({ id }) => id))(
    '%s is sound, and its cases hold, in SQL and in KQL',
    async (id) => {
      const tested = await testDetection(findDetection(id));
      expect(tested.problems).toEqual([]);
      expect(Math.min(tested.hits, tested.misses, tested.baselines)).toBeGreaterThan(0);
    },
    // Each case is a lake of its own, in SQL and in KQL: forty take long where the machine is busy.
    240_000,
  );

  test('the flagship is first, the combined view last, and the technique with a star is all of them', () => {
    const ids = listDetections().map(({ id }) => id);
    expect(ids[0]).toBe('t1573.001/symmetric-cryptography-c2');
    expect(ids.at(-1)).toBe('t1573.001/combined-ranking');
    expect(findDetections('T1573.001/*').map(({ id }) => id)).toEqual(ids);
    expect(findDetections('t1573.001').map(({ id }) => id)).toEqual([ids[0]]);
  });
});

describe('a detection of one’s own', () => {
  const folderOf = (files: Readonly<Record<string, string>>): string => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 't1071'));
    for (const [name, header] of Object.entries(files))
      writeFileSync(join(folder, `t1071/${name}.sql`), `/*\n${header}*/\n\n${SQL}`);
    return folder;
  };
  const even = HEADER.replace('odd-port', 'even-port');

  test('is what its technique means where that has no other', () => {
    expect(findDetection('T1071', [folderOf({ 'odd-port': HEADER })]).id).toBe('t1071/odd-port');
  });

  test('is what its technique means where it is the flagship of several, and is asked for by name where none is', () => {
    const two = { 'odd-port': HEADER, 'even-port': even };
    const said = { hint: 'name one, or t1071/* for all: t1071/even-port, t1071/odd-port' };
    expect(() => findDetection('t1071', [folderOf(two)])).toThrow(
      expect.objectContaining({
        message: 't1071 has several detections, and none of them is its flagship',
        ...said,
      }),
    );
    const flagship = { ...two, 'even-port': `${even}flagship: true\n` };
    expect(findDetection('t1071', [folderOf(flagship)]).id).toBe('t1071/even-port');
  });

  test('whose statement fails is named by its file', async () => {
    const lake = temporaryFolder();
    const folder = folderOf({ 'odd-port': HEADER });
    const file = join(folder, 't1071/odd-port.sql');
    writeFileSync(file, `/*\n${HEADER}*/\n${SQL.replace('ORDER BY DeviceName', 'ORDER BY nope')}`);
    await writeParquet(join(lake, 'DeviceNetworkEvents', 'a.parquet'), networkEvent());
    const { code, stderr } = await merganser(['hunt', 't1071', '--detections', folder, '--lake', lake]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: .*t1071\/odd-port\.sql: Binder Error: .*nope/);
    expect(stderr).toContain(`merganser test t1071/odd-port --detections ${folder}`);
  });

  test.each([
    [
      'another statement',
      SQL.replace('ORDER BY DeviceName', "ORDER BY DeviceName; COPY (SELECT 7 AS x) TO 'FILE'"),
      HEADER,
    ],
    ['a statement before it', `COPY (SELECT 7 AS x) TO 'FILE';\n${SQL}`, HEADER],
    ['a call that writes', SQL.replace('FROM odd ', "FROM odd, enable_profiling('json', 'FILE') "), HEADER],
    ['a macro that is a file', SQL, `${HEADER}macros: ['../../FILE']\n`],
  ])('that would do more than read the lake is refused: %s', async (_, sql, header) => {
    const lake = temporaryFolder();
    const data = join(lake, 'DeviceNetworkEvents', 'a.parquet');
    await writeParquet(data, networkEvent());
    const before = readFileSync(data);
    const folder = temporaryFolder();
    mkdirSync(join(folder, 't1071'));
    writeFileSync(
      join(folder, 't1071/odd-port.sql'),
      `/*\n${header.replace('FILE', data)}*/\n\n${sql.replace('FILE', data)}`,
    );
    for (const more of [[], ['--explain']]) {
      const argv = ['hunt', 't1071', '--detections', folder, '--lake', lake, ...more];
      const { code, stderr } = await merganser(argv);
      expect(code).toBe(2);
      expect(stderr).toMatch(
        /^error: .*t1071\/odd-port\.sql: (only a query that reads the lake|macros: there is no)/,
      );
    }
    expect(readFileSync(data).equals(before)).toBe(true);
  });

  test('is tested where it is sound', async () => {
    expect(await problems({})).toBe('');
  });

  test('need not say in its cases what it does not read', async () => {
    const cases = CASES.replace(/, ActionType.*203.0.113.1/, '').replace(/, RemoteIPType.* 4 /, ' ');
    expect(cases).toContain('{ Timestamp: 2026-01-05, DeviceName: ws-1, RemotePort: 4444 }');
    expect(await problems({ cases })).toBe('');
  });

  test('is told of each case that cannot be run, and the others are', async () => {
    const cases = CASES.replace(', RemotePort: 4444', '');
    expect(await problems({ cases })).toBe(
      'twice: rows of DeviceNetworkEvents lack RemotePort: say under rows what they are like',
    );
    const sql = SQL.replace('count(*)', 'sum(CAST(DeviceName AS INTEGER))');
    expect(await problems({ sql })).toContain("Could not convert string 'ws-1' to INT32");
  });

  test.each<[string, Parameters<typeof problems>[0], string]>([
    [
      'an id that is not its file’s',
      { header: HEADER.replace('t1071/odd-port', 't1071/even-port') },
      'is not where the file lies',
    ],
    [
      'a technique that is not its folder’s',
      { header: HEADER.replace('id: T1071,', 'id: T1072,') },
      'not that of the folder',
    ],
    ['no ATT&CK technique', { header: HEADER.replace('id: T1071,', 'id: Q1071,') }, 'no ATT&CK technique id'],
    ['no ATT&CK tactic', { header: HEADER.replace('TA0011', 'TA11') }, 'no ATT&CK tactic id'],
    [
      'a table that there is not',
      { header: HEADER.replace('DeviceNetworkEvents:', 'DeviceNetEvents:') },
      'table DeviceNetEvents is not documented',
    ],
    [
      'a column that there is not',
      { header: HEADER.replace('RemotePort]', 'RemotePrt]') },
      'did you mean RemotePort?',
    ],
    [
      'a column that is read and not declared',
      { sql: SQL.replace('RemotePort =', 'LocalPort =') },
      'LocalPort',
    ],
    ['a parameter that is not declared', { sql: SQL.replace('$port', '$ports') }, '$ports is not declared'],
    ['a statement that is none', { sql: SQL.replace('GROUP', 'GRUOP') }, 'syntax error'],
    [
      'an updated date before the created one',
      { header: HEADER.replace('updated: 2026-01-01', 'updated: 2025-01-01') },
      'before it was created',
    ],
    [
      'a hit that is not found',
      { sql: SQL.replace('$port', '$port + 1'), kql: KQL.replace('4444', '4445') },
      'twice: expected 1 finding, found 0',
    ],
    [
      'a near miss that is found',
      { sql: SQL.replace('= $port', '> $port'), kql: KQL.replace('==', '>') },
      'another: expected nothing (another port), found',
    ],
    [
      'a finding with another value',
      { cases: CASES.replace('Connections: 2', 'Connections: 3') },
      'expected Connections 3, found 2',
    ],
    [
      'a baseline that is exceeded',
      { sql: SQL.replace('= $port', '< $port'), kql: KQL.replace('==', '<') },
      'ordinary: expected 0 findings, found 1',
    ],
    [
      'a KQL form that says something else',
      { kql: KQL.replace('count()', 'count() + 1') },
      'twice: the KQL does not give {"DeviceName":"ws-1","Connections":2}',
    ],
    ['no near miss', { cases: CASES.replace(/ {2}- \{ name: another.*\n/, '') }, 'there is no case of miss'],
  ])('with %s fails', async (_, changes, said) => {
    expect(await problems(changes)).toContain(said);
  });

  test.each<[string, string, string]>([
    ['of no name', CASES.replace('name: twice, ', ''), 'case 1: it has no name'],
    ['of one name with another', CASES.replace('name: another', 'name: twice'), 'another case has its name'],
    [
      'that expects two things',
      CASES.replace('miss: another port', 'miss: another port, baseline: 1'),
      'exactly one of',
    ],
    [
      'with a column that there is not',
      CASES.replace('[{ RemotePort: 4445', '[{ RemotePrt: 4445'),
      'did you mean RemotePort?',
    ],
    [
      'over a table that is not read',
      CASES.replace('{ DeviceNetworkEvents: [{ times', '{ DeviceEvents: [{ times'),
      'does not read DeviceEvents',
    ],
    ['in no YAML', 'cases: [', 'odd-port.cases.yaml:1:9: neither JSON nor YAML'],
  ])('with a case %s is refused, and the case is named', async (_, cases, said) => {
    await expect(problems({ cases })).rejects.toThrow(said);
  });

  test('is refused where its header is none or its id is taken', async () => {
    await expect(problems({ header: 'title: [' })).rejects.toThrow('odd-port.sql: the header is not YAML');
    await expect(problems({ header: 'title: x\n' })).rejects.toThrow('the header lacks id');
    const folder = temporaryFolder();
    mkdirSync(join(folder, 't1573.001'));
    writeFileSync(join(folder, 't1573.001/process-genealogy.sql'), '');
    expect(() => listDetections([folder])).toThrow(
      'there is a detection t1573.001/process-genealogy already',
    );
    expect(() => listDetections([join(folder, 'nowhere')])).toThrow('cannot read the detections in');
  });
});
