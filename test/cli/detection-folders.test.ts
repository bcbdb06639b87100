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

test.each<[string, string | undefined, string]>([
  ['that is empty', undefined, ''],
  ['whose files lie in itself', 'odd-port.sql', ', only odd-port.sql in itself'],
  ['one level too high', 'own/t1071/odd-port.sql', ', only own/t1071/odd-port.sql'],
  ['of variants', 't1071/odd-port.evidence.sql', ', only t1071/odd-port.evidence.sql'],
])('a folder %s holds no detection, and every command says so', async (_, file, said) => {
  const folder = temporaryFolder();
  if (file !== undefined) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), 'SELECT 1');
  }
  for (const command of COMMANDS) {
    expect(await merganser([...command, '--detections', folder])).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining(`error: ${folder} holds no detection <technique>/<name>.sql${said}\n`),
    });
  }
});
