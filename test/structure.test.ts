import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/** The folders of src from top to bottom: each may import from those below it, and from itself. */
const LAYERS = [
  ['cli', 'index.ts'],
  ['api'],
  ['hunt', 'report', 'sample'],
  ['lake', 'kql'],
  ['engine'],
  ['dialect'],
  ['plan'],
  ['schema'],
  ['yaml.ts'],
  ['counted.ts', 'error.ts', 'file-problem.ts', 'nearest.ts', 'own.ts', 'visible.ts'],
];
const depth = new Map(LAYERS.flatMap((layer, index) => layer.map((name) => [name, index] as const)));

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const room = (path: string) => path.split(sep)[0]!;

test('imports go one way, from the command line down to the schema', () => {
  const wrong: string[] = [];
  for (const file of files) {
    for (const [, target] of readFileSync(join(SRC, file), 'utf8').matchAll(
      /(?:from|import\()\s*'(\.[^']+)'/g,
    )) {
      const imported = relative(SRC, join(SRC, dirname(file), target!));
      const [from, to] = [room(file), room(imported)];
      if (!depth.has(from) || !depth.has(to)) wrong.push(`${file}: ${from} or ${to} is in no layer`);
      else if (from !== to && depth.get(from)! >= depth.get(to)!) wrong.push(`${file} imports ${imported}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('plan knows no SQL text and no KQL, and kql reads and writes no files', () => {
  const importing = (folder: string, pattern: RegExp) =>
    files.filter((file) => room(file) === folder && pattern.test(readFileSync(join(SRC, file), 'utf8')));
  expect(importing('plan', /from '\.\.\/(dialect|kql)\/|@kusto|@duckdb/)).toEqual([]);
  expect(importing('kql', /@duckdb\/node-api|node:net|node:http|writeFile/)).toEqual([]);
  expect(importing('engine', /sql\/detections|T1573|DeviceNetworkEvents/i)).toEqual([]);
});

test('kql knows dialects by their interface alone', () => {
  const oneDialect = /dialect\/\w+\//;
  const knowing = files.filter(
    (file) => room(file) === 'kql' && oneDialect.test(readFileSync(join(SRC, file), 'utf8')),
  );
  expect(knowing).toEqual([]);
});

test('src/README.md names every folder of src, and no file that is not there', () => {
  const readme = readFileSync(join(SRC, 'README.md'), 'utf8');
  const folders = [...new Set(files.filter((file) => file.includes(sep)).map(room))];
  expect(folders.filter((folder) => !readme.includes(`\`${folder}\``))).toEqual([]);
  const below = new Set(files.map((file) => dirname(file).split(sep)).filter((names) => names.length > 1));
  const rooms = [...below].filter(([stage]) => stage !== 'dialect').map((names) => names.at(-1)!);
  expect([...new Set(rooms)].filter((name) => !new RegExp(`[\`/]${name}\``).test(readme))).toEqual([]);
  const named = Array.from(readme.matchAll(/`([\w/.-]+\.ts)`/g), ([, path]) => path!);
  expect(named.length).toBeGreaterThan(20);
  const known = files.map((file) => `/${file.split(sep).join('/')}`);
  const tests = ['test/structure.test.ts'];
  expect(
    named.filter((path) => !tests.includes(path) && !known.some((file) => file.endsWith(`/${path}`))),
  ).toEqual([]);
});

test('a hunt from the command line loads neither the translator nor YAML', () => {
  const loaded = new Set<string>();
  const packages = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const statics = /^(?:import|export)\s(?!type)[^;]*?from '([^']+)';|^import '([^']+)';/gms;
    for (const [, from, alone] of readFileSync(join(SRC, path), 'utf8').matchAll(statics)) {
      const target = (from ?? alone)!;
      if (target.startsWith('.')) load(relative(SRC, join(SRC, dirname(path), target)));
      else packages.add(target);
    }
  };
  for (const start of ['cli/main.ts', 'cli/commands/hunt.ts', 'report/findings/findings.ts']) load(start);
  expect(loaded.size).toBeGreaterThan(50);
  expect(packages).toContain('@duckdb/node-api');
  expect([...loaded].filter((path) => ['kql', 'plan'].includes(room(path)))).toEqual([]);
  expect([...packages].filter((name) => /yaml|@kusto|apache-arrow|zod/.test(name))).toEqual([]);
});

/**
 * DuckDB 1.5.6 loses values there once a table has about a million partitions (duckdb/duckdb issue 24985, mended
 * after 1.5): `sum(x) OVER (PARTITION BY a)` and running frames are right.
 */
test('no window frame spans the whole of an ordered partition', () => {
  const whole = /UNBOUNDED\s+PRECEDING\s+AND\s+UNBOUNDED\s+FOLLOWING/i;
  const texts = [SRC, fileURLToPath(new URL('../sql/', import.meta.url))].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|sql)$/.test(path))
      .map((path) => join(folder, path)),
  );
  expect(texts.length).toBeGreaterThan(100);
  expect(texts.filter((path) => whole.test(readFileSync(path, 'utf8')))).toEqual([]);
});
