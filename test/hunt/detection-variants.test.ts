import { join } from 'node:path';
import { expect, test } from 'vitest';
import { merganser } from '../cli/merganser.ts';
import { networkEvent, temporaryFolder, writeFile as writeParquet } from '../lake/parquet-files.ts';
import { type Files, ownDetection, problems, SQL } from './own-detection.ts';

const EVIDENCE = 'SELECT DeviceName, Connections AS Behind FROM odd ORDER BY DeviceName\n';
const FILE = '/t1071/odd-port.evidence.sql';

async function evidence(files: Files) {
  const lake = temporaryFolder();
  await writeParquet(join(lake, 'DeviceNetworkEvents/a.parquet'), networkEvent());
  const folder = ownDetection(files);
  const argv = ['hunt', 't1071', '--detections', folder, '--lake', lake, '--evidence', '--format', 'jsonl'];
  const { code, stdout, stderr } = await merganser(argv);
  return { code, stdout, stderr: stderr.replaceAll(folder, '') };
}

test.each<[string, string]>([
  ['without a comment', EVIDENCE],
  ['behind a comment', `/*\nWhat lies behind.\n*/\n${EVIDENCE}`],
  ['behind a comment of one line', `-- What lies behind.\n${EVIDENCE}`],
  ['behind a blank line and a comment', `\n/* What lies behind. */ ${EVIDENCE}`],
  ['with a comment in it', EVIDENCE.replace('AS Behind', '/* how many */ AS Behind')],
  ['of a CTE that it replaces', `/*\ngoes on from: odd\n*/\n${EVIDENCE}`],
  ['with a CTE more', `, more AS (FROM odd) ${EVIDENCE.replace('FROM odd', 'FROM more')}`],
])('a variant is read %s', async (_, text) => {
  const files = { more: { 'evidence.sql': text } };
  expect(await problems(files)).toBe('');
  expect(await evidence(files)).toMatchObject({ code: 0, stdout: '{"DeviceName":"ws-1","Behind":1}\n' });
});

test('a variant whose SQL is wrong is named by its file, in the test and in a hunt', async () => {
  const files = { more: { 'evidence.sql': EVIDENCE.replace('Connections', 'Nope') } };
  const said = `${FILE}: Binder Error: Referenced column "Nope" not found in FROM clause!`;
  expect(await problems(files)).toContain(said);
  const hunted = await evidence(files);
  expect([hunted.code, hunted.stderr]).toEqual([1, expect.stringContaining(`error: ${said}`)]);
  const broken = { more: { 'evidence.sql': 'SELEC 1' } };
  expect(await problems(broken)).toContain(`${FILE}: Parser Error: syntax error at or near "SELEC"`);
  expect((await evidence(broken)).stderr).toContain(`error: ${FILE}: Parser Error: `);
  const second = { more: { 'evidence.sql': `${EVIDENCE}; DROP TABLE x` } };
  expect(await problems(second)).toBe(
    `${FILE}: only a query that reads the lake can be run, not more than one statement`,
  );
});

test('a CTE that a variant goes on from must be there, and so must the line before the answer', async () => {
  const nope = { more: { 'evidence.sql': `/*\ngoes on from: od\n*/\n${EVIDENCE}` } };
  expect(await problems(nope)).toBe(`${FILE}: goes on from: there is no CTE od: did you mean odd?`);
  expect(await evidence(nope)).toMatchObject({ code: 2 });
  const files = { sql: SQL.replace('-- answer\n', ''), more: { 'evidence.sql': EVIDENCE } };
  expect(await problems(files)).toBe(
    `${FILE}: what it goes on from has no line -- answer: write -- answer on a line of its own, between the CTEs and the SELECT`,
  );
});
