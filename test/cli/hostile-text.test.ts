/** What a user pastes can hold what a terminal obeys: it is shown there, and left as it is everywhere else. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

const TITLE = '\x1b]0;pwn\x07';
const OVERRIDE = '\u202e';
const C1 = '\x9b31m';
/** But for the layout and the colours of our own errors. */
const OBEYED = /[^\P{C}\n\r\t]|\u2028|\u2029/u;
const NOTE = 'note: characters that a terminal obeys or hides are written out, as in \\x1b\n';

const SAMPLE = ['--lake', 'data/sample'];
/** A folder with such a parameter file, and one of such queries. */
function hostileFolder(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'p.json'), JSON.stringify({ excluded_processes: [`a${TITLE}${OVERRIDE}`] }));
  mkdirSync(join(folder, 'queries'));
  writeFileSync(join(folder, 'queries', 'a.kql'), `print x = '${OVERRIDE}'; ${C1}`);
  return folder;
}

const QUERY = `print\tx = 'a${TITLE}b${OVERRIDE}${C1}'\n| extend y = 1`;

describe('on a terminal nothing of it is obeyed', () => {
  test.each<[string, string[]]>([
    ['translate', ['translate', QUERY]],
    ['translate --explain', ['translate', '--explain', QUERY]],
    ['translate --format json', ['translate', '--format', 'json', QUERY]],
    ['what translate notes', ['translate', `set a${OVERRIDE} = 1; ${QUERY}`]],
    ['translate --check', ['translate', '--check', 'FOLDER/queries']],
    ['translate --check as JSON', ['translate', '--check', 'FOLDER/queries', '--format', 'json']],
    ['what kql notes', ['kql', `set a = '${C1}'; ${QUERY}`, ...SAMPLE]],
    ['hunt --explain --set', ['hunt', '--explain', '--set', `excluded_processes+=a${TITLE}${C1}`, ...SAMPLE]],
    ['hunt --explain --params', ['hunt', '--explain', '--params', 'FOLDER/p.json', ...SAMPLE]],
  ])('%s', async (_, argv) => {
    const folder = hostileFolder();
    const own = argv.map((each) => each.replace('FOLDER', folder));
    const { stdout, stderr } = await merganser(own, { isTTY: true, env: { NO_COLOR: '1' } });
    expect(stdout + stderr).toMatch(/\\x1b|\\x9b|\\u202e|\\u001b|\\u009b/);
    expect(stdout.replaceAll('\r\x1b[K', '')).not.toMatch(OBEYED);
    expect(stderr.replaceAll('\r\x1b[K', '')).not.toMatch(OBEYED);
  });

  test('a text that is shown otherwise than it is comes with a note, its layout as it was', async () => {
    const { stdout, stderr } = await merganser(['translate', '--explain', QUERY], { isTTY: true });
    expect(stdout).toContain("print\tx = 'a\\x1b]0;pwn\\x07b\\u202e\\x9b31m'\n");
    expect(stderr).toContain(NOTE);
    expect(await merganser(['translate', 'print 1'], { isTTY: true })).toMatchObject({ code: 0, stderr: '' });
  });
});

test('in a pipe it is as it was written', async () => {
  const { stdout, stderr } = await merganser(['translate', '--explain', QUERY]);
  expect(stdout).toContain(`print\tx = 'a${TITLE}b${OVERRIDE}${C1}'`);
  expect(stderr).toBe('');
});

test('JSON on a terminal says the same', async () => {
  const argv = ['translate', '--format', 'json', QUERY];
  const [shown, piped] = [await merganser(argv, { isTTY: true }), await merganser(argv)];
  expect(shown.stdout).not.toBe(piped.stdout);
  expect(JSON.parse(shown.stdout)).toEqual(JSON.parse(piped.stdout));
  expect(shown.stderr).toBe('');
});
