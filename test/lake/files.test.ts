import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LakeError, type LakeSource, openLake, UsageError } from '../../src/index.ts';
import { networkEvent, temporaryFolder, writeFile } from './parquet-files.ts';

/** A lake of files that each hold one row, their own number; and what is read of its table T. */
async function files(...paths: string[]): Promise<string> {
  const folder = temporaryFolder();
  for (const [number, path] of paths.entries()) await writeFile(join(folder, path), `SELECT ${number} AS n`);
  return folder;
}

async function numbers(source: LakeSource, table = 'T'): Promise<unknown[]> {
  await using lake = await openLake(source);
  return (await (await lake.sql(`SELECT n FROM "${table}" ORDER BY n`)).rows()).map(({ n }) => n);
}

describe('a path is that file and no other, whatever characters it holds', () => {
  const PAIRS = [
    ['part[1].parquet', 'part1.parquet'],
    ['a*b.parquet', 'axb.parquet'],
    ['a?b.parquet', 'axb.parquet'],
    ['[ab].parquet', 'a.parquet'],
    ['{a,b}.parquet', 'a.parquet'],
  ];

  test.each(PAIRS)('%s beside %s', async (odd, plain) => {
    const folder = await files(`T/${odd}`, `T/${plain}`);
    expect(await numbers(folder)).toEqual([0, 1]);
    expect(await numbers({ T: join(folder, 'T', odd) })).toEqual([0]);
    expect(await numbers({ T: join(folder, 'T', plain) })).toEqual([1]);
  });

  test.each(PAIRS)('and as folders', async (odd, plain) => {
    const folder = await files(`${odd}/T/0.parquet`, `${plain}/T/0.parquet`);
    expect(await numbers(join(folder, odd))).toEqual([0]);
    expect(await numbers(join(folder, plain))).toEqual([1]);
  });

  test.each(['csv', 'json'])('as %s too', async (format) => {
    const folder = temporaryFolder();
    for (const [name, device] of [
      ['x.[1]', 'odd'],
      ['x.1', 'plain'],
    ]) {
      const path = join(folder, 'DeviceNetworkEvents', `${name}.${format}`);
      await writeFile(path, networkEvent({ DeviceName: `'${device}'` }), `FORMAT ${format}`);
    }
    await using lake = await openLake(folder);
    const rows = await (await lake.sql('SELECT DeviceName FROM DeviceNetworkEvents ORDER BY 1')).rows();
    expect(rows.map(({ DeviceName }) => DeviceName)).toEqual(['odd', 'plain']);
  });

  test.each(["it's", 'a;b', 'new\nline', 'a"b', 'a b', 'ünï', '$x', 'back\\slash', '%41', '-x', '~'])(
    '%j',
    async (name) => {
      const folder = await files(`${name}/T/${name}.parquet`);
      expect(await numbers(join(folder, name))).toEqual([0]);
      expect(await numbers({ T: join(folder, name, 'T', `${name}.parquet`) })).toEqual([0]);
      expect(await numbers({ T: join(folder, name) })).toEqual([0]);
    },
  );
});

describe('a table is named by', () => {
  test('its folder or its file, documented names in any casing', async () => {
    const folder = await files(
      'devicenetworkevents/x.parquet',
      'DEVICEIMAGELOADEVENTS.parquet',
      'mine/a/b.parquet',
    );
    await using lake = await openLake(folder);
    expect(lake.tables).toEqual(['DeviceImageLoadEvents', 'DeviceNetworkEvents', 'mine']);
  });

  test('the folder of the lake itself, where that is named after a table', async () => {
    const folder = await files('DeviceNetworkEvents/x.parquet');
    await using lake = await openLake(join(folder, 'DeviceNetworkEvents'));
    expect(lake.tables).toEqual(['DeviceNetworkEvents']);
  });

  test('what the user says, in any casing of a documented name', async () => {
    const folder = await files('x.parquet');
    await using lake = await openLake({
      DEVICEnetworkEVENTS: join(folder, 'x.parquet'),
      'a/b': join(folder, 'x.parquet'),
    });
    expect(lake.tables).toEqual(['DeviceNetworkEvents', 'a/b']);
    await expect(lake.columns('a/B')).resolves.toEqual([{ name: 'n', type: 'int' }]);
  });
});

describe('links', () => {
  test('to folders and files are followed', async () => {
    const elsewhere = await files('0.parquet', 'deep/1.parquet');
    const folder = await files();
    symlinkSync(elsewhere, join(folder, 'T'));
    symlinkSync(join(elsewhere, '0.parquet'), join(folder, 'U.parquet'));
    expect(await numbers(folder)).toEqual([0, 1]);
    expect(await numbers(folder, 'U')).toEqual([0]);
  });

  test('that lead back up end there', async () => {
    const folder = await files('T/0.parquet');
    symlinkSync(folder, join(folder, 'T', 'up'));
    expect(await numbers(folder)).toEqual([0]);
  });

  test('to what the table has already, such as `latest`, do not make its rows count twice', async () => {
    const folder = await files('T/day=1/0.parquet', 'T/day=2/1.parquet');
    symlinkSync(join(folder, 'T', 'day=2'), join(folder, 'T', 'day=latest'));
    symlinkSync(join(folder, 'T', 'day=1', '0.parquet'), join(folder, 'T', '0.parquet'));
    expect(await numbers(folder)).toEqual([0, 1]);
    await using lake = await openLake(folder);
    const days = await (await lake.sql('SELECT n, day FROM T ORDER BY n')).rows();
    expect(days).toEqual([
      { n: 0, day: '1' },
      { n: 1, day: '2' },
    ]);
  });

  test('to nothing are files that cannot be read', async () => {
    const folder = await files('T/0.parquet');
    symlinkSync(join(folder, 'nothing'), join(folder, 'T', '1.parquet'));
    await expect(numbers(folder)).rejects.toThrow(`cannot read ${folder}/T/1.parquet: it is gone`);
  });
});

describe('patterns', () => {
  test('match as DuckDB has them, each file once', async () => {
    const folder = await files('a/0.parquet', 'a/b/1.parquet', 'c/2.parquet');
    const glob = (...patterns: string[]) => numbers({ T: patterns.map((pattern) => join(folder, pattern)) });
    expect(await glob('a/*.parquet')).toEqual([0]);
    expect(await glob('**/*.parquet')).toEqual([0, 1, 2]);
    expect(await glob('a/**/*.parquet', '**/1.parquet', 'a')).toEqual([0, 1]);
    expect(await glob('[ac]/?.parquet')).toEqual([0, 2]);
  });

  test('stand beside the working directory, whose own name is no pattern', async () => {
    const folder = await files('[x]/0.parquet', 'x/1.parquet');
    const before = process.cwd();
    process.chdir(join(folder, '[x]'));
    try {
      expect(await numbers({ T: '*.parquet' })).toEqual([0]);
      expect(await numbers({ T: '../x/*.parquet' })).toEqual([1]);
      expect(await numbers({ T: '0.parquet' })).toEqual([0]);
    } finally {
      process.chdir(before);
    }
  });

  test('of other files than lake files are refused', async () => {
    const folder = await files('0.parquet');
    mkdirSync(join(folder, 'd'));
    for (const [glob, message] of [
      [join(folder, '*.csv'), `no files for T: nothing matches '${folder}/*.csv'`],
      [join(folder, 'd'), `no files for T: there is no file or folder ${folder}/d`],
      [join(folder, 'e'), `no files for T: there is no file or folder ${folder}/e`],
    ] as const) {
      await expect(openLake({ T: glob })).rejects.toThrow(message);
      await expect(openLake({ T: glob })).rejects.toThrow(LakeError);
    }
  });
});

test('a pattern with ** twice, which the engine does not know, is refused by name, and a folder called so is read', async () => {
  const folder = await files('a/**/b/**/0.parquet');
  await expect(openLake({ T: `${folder}/**/b/**/*.parquet` })).rejects.toThrow(
    `--table T: '${folder}/**/b/**/*.parquet' has ** more than once, and can have it once`,
  );
  expect(await numbers({ T: `${folder}/a/**/b/**/0.parquet` })).toEqual([0]);
});

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'a lake is opened on a folder, or on a map from table to globs or Arrow tables'],
  ['a number', 5, 'a lake is opened on a folder, or on a map from table to globs or Arrow tables'],
  ['no name', '', 'the lake directory has no name: is a variable unset?'],
  ['a table of no files', { T: [] }, 'no files are named for T'],
  ['a table of an unset variable', { T: '' }, 'no files are named for T'],
])('a lake on %s is refused', async (_, source, message) => {
  await expect(openLake(source as LakeSource)).rejects.toThrow(message);
  await expect(openLake(source as LakeSource)).rejects.toThrow(UsageError);
});

test('a lake may be named relative to the working directory', async () => {
  const folder = await files('T/0.parquet');
  expect(await numbers(relative('.', folder))).toEqual([0]);
  expect(await numbers(`${dirname(folder)}/../${relative('/', folder)}/`)).toEqual([0]);
});
