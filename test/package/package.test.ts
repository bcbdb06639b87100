import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { listDetections } from '../../src/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'merganser-package-'));
const run = (command: string, args: string[], cwd = folder) =>
  execFileSync(command, args, { cwd, encoding: 'utf8' });

beforeAll(() => {
  const packed = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], ROOT)) as {
    filename: string;
  }[];
  writeFileSync(join(folder, 'package.json'), '{ "name": "stranger", "private": true, "type": "module" }');
  run('npm', ['install', '--no-audit', '--no-fund', join(folder, packed[0]!.filename)]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the installed command hunts the sample that it brings, and finds what its labels foretell', () => {
  const sample = join(folder, 'node_modules/merganser/data/sample');
  const labels = JSON.parse(readFileSync(join(sample, 'labels.json'), 'utf8')) as {
    labels: { expected: unknown }[];
  };
  const foretold = labels.labels.filter((label) => label.expected !== null).length;
  const found = JSON.parse(
    run('npx', ['merganser', 'hunt', '--lake', sample, '--format', 'json']),
  ) as unknown[];
  expect(foretold).toBeGreaterThan(0);
  expect(found).toHaveLength(foretold);
});

test('the installed library is imported by name, with its types', () => {
  writeFileSync(
    join(folder, 'notebook.mjs'),
    `import { openLake, listDetections } from 'merganser';
     const lake = await openLake('node_modules/merganser/data/sample');
     const hits = await lake.sql('SELECT count(*) > 0 AS some FROM DeviceNetworkEvents');
     console.log(JSON.stringify([await hits.rows(), listDetections().map(({ id }) => id)]));
     await lake.close();`,
  );
  const [rows, ids] = JSON.parse(run('node', ['notebook.mjs'])) as [unknown, string[]];
  expect(rows).toEqual([{ some: true }]);
  expect(ids).toContain('t1573.001/symmetric-cryptography-c2');
  const types = readFileSync(join(folder, 'node_modules/merganser/dist/index.d.ts'), 'utf8');
  expect(types).toContain('openLake');
});

test('strict TypeScript takes the notebook of README, and every type that the library speaks of by name', () => {
  const notebook = /## In a notebook\n\n```ts\n([\s\S]*?)```/.exec(
    readFileSync(join(ROOT, 'README.md'), 'utf8'),
  )![1]!;
  const index = readFileSync(join(ROOT, 'src/index.ts'), 'utf8');
  const names = [...index.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) =>
    list!.split(',').map((each) => each.trim().replace(/^type |.* as /g, '')),
  );
  const spoken = names.filter((name) => /^[A-Z]/.test(name));
  expect(spoken).toContain('ParameterSettings');
  writeFileSync(
    join(folder, 'notebook.ts'),
    `import type { ${spoken.join(', ')} } from 'merganser';\nexport type All = [${spoken.join(', ')}];\n${notebook}`,
  );
  const compilerOptions = {
    ...{ strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false },
    ...{ module: 'NodeNext', target: 'ES2022', lib: ['ES2023', 'ESNext.Disposable'] },
    ...{ types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['notebook.ts'] }));
  run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]);
});

test('the build has read the headers of all shipped detections as YAML has them', () => {
  const installed = join(folder, 'node_modules/merganser');
  const compiled = JSON.parse(readFileSync(join(installed, 'dist/headers.json'), 'utf8')) as Record<
    string,
    { id: string }
  >;
  const ids = Object.entries(compiled).map(([text, header]) => {
    expect(header, header.id).toEqual(parse(text));
    return header.id;
  });
  expect(ids.sort()).toEqual(['beacons', ...listDetections().map(({ id }) => id)].sort());
});

test('the package holds what runs and what README links to, and nothing else of the workshop', () => {
  const paths = (
    JSON.parse(run('npm', ['pack', '--dry-run', '--json'], ROOT)) as { files: { path: string }[] }[]
  )[0]!.files.map(({ path }) => path);
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const links = new Set(Array.from(readme.matchAll(/\]\((?!https?:)([^)#]+)/g), ([, path]) => path!));
  expect([...links].filter((path) => !paths.includes(path))).toEqual([]);
  const workshop = paths.filter((path) => /^(test|benchmarks|src|\.ci)\//.test(path) || path.endsWith('.ts'));
  expect(workshop.filter((path) => !links.has(path) && !path.endsWith('.d.ts'))).toEqual([]);
  expect(paths).toContain('sql/detections/t1573.001/symmetric-cryptography-c2.sql');
});
