import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

const COMMANDS = [
  ['hunt', 't1071', '--lake', '.'],
  ['test', 't1071'],
  ['test'],
  ['detections'],
  ['detections', 't1071'],
];

test.each<[string, string, string | undefined, string, string]>([
  ['that is empty', '', undefined, '', 'name a folder that holds <technique>/<name>.sql'],
  ['of variants', '', 't1071/odd.evidence.sql', '', 'name a folder that holds <technique>/<name>.sql'],
  [
    'whose files lie in itself',
    '',
    'odd.sql',
    ', but odd.sql in itself',
    'move it to ROOT/<technique>/odd.sql',
  ],
  ['that is a technique', '/t1071', 'odd.sql', ', but odd.sql in itself', 'name ROOT'],
  ['one level too high', '', 'own/t1071/odd.sql', ', but own/t1071/odd.sql', 'name ROOT/own'],
])('a folder %s holds no detection, and every command says so', async (_, below, file, place, hint) => {
  const root = temporaryFolder();
  const folder = `${root}${below}`;
  if (file !== undefined) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), 'SELECT 1');
  }
  const said = `error: ${folder} holds no detection <technique>/<name>.sql${place}\n`;
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await merganser([...command, '--detections', folder]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
    expect(stderr).toContain(hint.replace('ROOT', root));
  }
});
