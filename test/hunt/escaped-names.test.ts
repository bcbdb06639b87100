/** Tables and watchlists whose names KQL writes with escapes, in each of its ways to write a string. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLake } from '../../src/index.ts';
import { quotedTexts } from '../../src/kql/quoted.ts';
import { temporaryFolder } from '../lake/parquet-files.ts';

const NAMES = ['it\'s "odd"; $$', 'two\nlines', 'back\\slash', 'right\u202eleft'];

const escaped = (name: string): string => name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

/** The name as a string of KQL. https://learn.microsoft.com/kusto/query/scalar-data-types/string */
const WRITTEN: Readonly<Record<string, (name: string) => string>> = {
  double: (name) => `"${escaped(name).replaceAll('"', '\\"')}"`,
  single: (name) => `'${escaped(name).replaceAll("'", "\\'")}'`,
  numbered: (name) =>
    `"${name.replace(/[^\w ]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`,
  several: (name) => `\`\`\`${name}\`\`\``,
  hidden: (name) => `h${WRITTEN.single!(name)}`,
};

test.each(Object.entries(WRITTEN))('found by the name that is meant: %s', async (_, write) => {
  const [folder, watchlists] = [temporaryFolder(), temporaryFolder()];
  for (const [index, name] of NAMES.entries()) {
    mkdirSync(join(folder, `${name} T`));
    writeFileSync(join(folder, `${name} T`, 'a.csv'), `n\n${index}\n`);
    writeFileSync(join(watchlists, `${name}.csv`), `n\n${index + 10}\n`);
  }
  await using lake = await openLake(folder, { watchlists });
  const read = async (query: string) => (await (await lake.kql(query)).rows()).map(({ n }) => Number(n));
  for (const [index, name] of NAMES.entries()) {
    expect(await read(`_GetWatchlist(${write(name)}) | take 5`), name).toEqual([index + 10]);
    expect(await read(`table(${write(`${name} T`)}) | take 5`), name).toEqual([index]);
    if (!write(name).startsWith('h'))
      expect(await read(`[${write(`${name} T`)}] | take 5`), name).toEqual([index]);
  }
});

test('what stands in quotes is told as it is meant, and side by side as one', () => {
  expect(quotedTexts(`print "a\\"b", @'c''d\\', 'e' // "no"\n  "f"; h"g"`)).toEqual([
    'a"b',
    "c'd\\",
    'e',
    'f',
    'ef',
    'g',
  ]);
});

test('a file of an address whose name needs escaping is found', async () => {
  const watchlists = temporaryFolder();
  writeFileSync(join(watchlists, "it's.csv"), 'n\n7\n');
  await using lake = await openLake(temporaryFolder(), { watchlists });
  const hits = await lake.kql("externaldata(n: long)['https://host.example/it\\'s.csv']");
  expect(await hits.rows()).toEqual([{ n: 7 }]);
});
