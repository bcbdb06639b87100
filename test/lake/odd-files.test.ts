/** Files that no exporter means to write: hostile ones, empty ones, and names that SQL cannot hold. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LakeError, openLake } from '../../src/index.ts';
import { temporaryFolder, writeFile } from './parquet-files.ts';

/** A folder with one file of this content. */
function lakeOf(path: string, content: string | Uint8Array): string {
  const folder = temporaryFolder();
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
  return folder;
}

async function rowsOf(folder: string, sql: string): Promise<unknown[][]> {
  await using lake = await openLake(folder, { onWarning: () => {} });
  return (await (await lake.sql(sql)).rows()).map((row) => Object.values(row));
}

async function kqlRowsOf(folder: string, kql: string): Promise<unknown[][]> {
  await using lake = await openLake(folder, { onWarning: () => {} });
  return (await (await lake.kql(kql)).rows()).map((row) => Object.values(row));
}

const array = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
const bag = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

describe('JSON of any depth ends no process', () => {
  const DEPTH = 200_000;

  test.each([
    ['arrays', array(DEPTH)],
    ['bags', bag(DEPTH)],
  ])('%s in a table that no contract describes', async (_, deep) => {
    const folder = lakeOf('Foo/a.json', `{"a":${deep}}\n`);
    expect(await rowsOf(folder, 'SELECT length(a) FROM Foo')).toEqual([[deep.length]]);
  });

  test('a column of the contract, and one beside it', async () => {
    const row = `{"Timestamp":"2026-01-01T00:00:00Z","AdditionalFields":${bag(DEPTH)},"Other":${array(DEPTH)}}`;
    const folder = lakeOf('DeviceEvents/a.json', `${row}\n`);
    expect(await rowsOf(folder, 'SELECT length(AdditionalFields), length(Other) FROM DeviceEvents')).toEqual([
      [bag(DEPTH).length, array(DEPTH).length],
    ]);
  });

  test('an event of the streaming API', async () => {
    const event = `{"category":"AdvancedHunting-DeviceEvents","properties":{"Timestamp":"2026-01-01T00:00:00Z","AdditionalFields":${array(DEPTH)}}}`;
    const folder = lakeOf('exported.json', `{"records":[${event}]}`);
    expect(await rowsOf(folder, 'SELECT length(AdditionalFields) FROM DeviceEvents')).toEqual([[2 * DEPTH]]);
  });

  test('bare brackets are told of as what they are', async () => {
    const bare = rowsOf(lakeOf('Foo/a.json', '['.repeat(DEPTH)), 'FROM Foo');
    await expect(bare).rejects.toThrow(/a\.json: line 1: malformed JSON/);
    const closed = rowsOf(lakeOf('Foo/a.json', array(DEPTH)), 'FROM Foo');
    await expect(closed).rejects.toThrow(/a\.json: line 1: an object is expected, not \[\[\[/);
  });

  test.each(['json', 'jsonl', 'csv', 'parquet'])('and is written as %s, whole', async (format) => {
    const folder = lakeOf('Foo/a.json', `{"a":${array(20_000)}}\n`);
    await using lake = await openLake(folder);
    const file = join(folder, `out.${format}`);
    await (await lake.sql('FROM Foo')).write(file);
    if (format === 'parquet') return;
    expect(readFileSync(file, 'utf8')).toContain(array(20_000));
  });

  test('in a text that KQL parses', async () => {
    const folder = lakeOf('Foo/a.csv', `n,b\n1,${quoted(array(DEPTH))}\n2,${quoted(bag(DEPTH))}\n`);
    const parsed = `Foo | sort by n asc | extend d = parse_json(b) | project gettype(d), strlen(tostring(d)), isnull(d.a.a)`;
    expect(await kqlRowsOf(folder, parsed)).toEqual([
      ['array', array(DEPTH).length, true],
      ['dictionary', bag(DEPTH).length, false],
    ]);
    const without = `Foo | where n == 2 | project bag_remove_keys(parse_json(b), dynamic(["$.a.a"]))`;
    await expect(kqlRowsOf(folder, without)).rejects.toThrow(/^bag_remove_keys met a bag of more than 5,000/);
    const small = `print bag_remove_keys(dynamic({"a":{"a":1,"b":[[2]]}}), dynamic(["$.a.a"]))`;
    expect(await kqlRowsOf(folder, small)).toEqual([[{ a: { b: [[2]] } }]]);
  });
});

test.each([
  ['Foo/a.json', ''],
  ['Foo/a.json', '   \n'],
  ['Foo/a.json', '\n\r\n\t'],
  ['Foo/a.json', '[]'],
  ['Foo/a.csv', ''],
  ['Foo/a.csv', '\n\n'],
])('a table of %s that holds %j has no rows', async (path, content) => {
  const folder = lakeOf(path, content);
  expect(await rowsOf(folder, 'FROM Foo')).toEqual([]);
  expect(await kqlRowsOf(folder, 'Foo | count')).toEqual([[0]]);
  await using lake = await openLake(folder, { onWarning: () => {} });
  expect(await lake.inspect()).toMatchObject([{ table: 'Foo', rows: 0 }]);
});

test("Parquet's VARIANT is dynamic", async () => {
  const folder = temporaryFolder();
  await writeFile(
    join(folder, 'Foo/a.parquet'),
    "SELECT 1 AS n, {'a': 1, 'l': ['x', NULL]}::VARIANT AS v UNION ALL SELECT 2, 'text'::VARIANT UNION ALL SELECT 3, NULL",
  );
  expect(await rowsOf(folder, 'SELECT v FROM Foo ORDER BY n')).toEqual([
    [{ a: 1, l: ['x', null] }],
    ['text'],
    [null],
  ]);
  expect(await kqlRowsOf(folder, 'Foo | where v.a == 1 | project n, tostring(v.l[0]), gettype(v)')).toEqual([
    [1, 'x', 'dictionary'],
  ]);
});

describe('a name with a NUL is refused, by file', () => {
  test.each([
    ['a key', 'Foo/a.json', '{"c":1}\n{"a\\u0000b":1}\n'],
    [
      'a key beside a contract',
      'DeviceEvents/a.json',
      '{"Timestamp":"2026-01-01T00:00:00Z","a\\u0000b":1}\n',
    ],
    [
      'a property of an event',
      'a.json',
      '{"category":"AdvancedHunting-DeviceEvents","properties":{"Timestamp":"2026-01-01T00:00:00Z","a\\u0000b":1}}\n',
    ],
  ])('%s of JSON', async (_, path, content) => {
    const table = path.startsWith('Foo') ? 'Foo' : 'DeviceEvents';
    const refused = rowsOf(lakeOf(path, content), `FROM ${table}`);
    await expect(refused).rejects.toBeInstanceOf(LakeError);
    await expect(refused).rejects.toThrow(/a\.json: its records have the key "a\\u0000b"/);
  });

  test('a column of CSV', async () => {
    await expect(rowsOf(lakeOf('Foo/a.csv', 'a\0b,c\n1,2\n'), 'FROM Foo')).rejects.toThrow(
      /a\.csv: it is not text/,
    );
  });

  test('a column of Parquet; fields of a column are none', async () => {
    const folder = temporaryFolder();
    const [columns, fields] = [join(folder, 'Foo/a.parquet'), join(folder, 'Bar/a.parquet')];
    await writeFile(columns, 'SELECT 1 AS axb');
    await writeFile(fields, "SELECT {'axb': 1} AS s");
    for (const file of [columns, fields]) {
      writeFileSync(file, readFileSync(file, 'latin1').replaceAll('axb', 'a\0b'), 'latin1');
    }
    await expect(rowsOf(folder, 'FROM Foo')).rejects.toThrow(/a\.parquet: it has the column "a\\u0000b"/);
    expect(await rowsOf(folder, 'FROM Bar')).toEqual([[{ 'a\0b': 1 }]]);
  });

  test('text with a NUL is kept', async () => {
    const folder = lakeOf('Foo/a.json', '{"a":"x\\u0000y"}\n');
    expect(await rowsOf(folder, 'FROM Foo')).toEqual([['x\0y']]);
  });
});
