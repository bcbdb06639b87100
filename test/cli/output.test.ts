import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { imageLoad, networkEvent, query, temporaryFolder, writeFile } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** A lake with one finding of two pairs: implant.exe loads bcrypt.dll, then connects twice. */
let lake: string;
beforeAll(async () => {
  lake = mkdtempSync(join(tmpdir(), 'merganser-test-'));
  const ids = { DeviceId: "'d'", ReportId: '7::BIGINT' };
  await writeFile(join(lake, 'DeviceImageLoadEvents', 'a.parquet'), imageLoad(ids));
  await writeFile(
    join(lake, 'DeviceNetworkEvents', 'a.parquet'),
    `${networkEvent({ ...ids, ReportId: 'n', RemoteUrl: "'c2.example'" })} FROM range(8, 10) AS reports(n)`,
  );
});
afterAll(() => rmSync(lake, { recursive: true }));

const NOTE =
  'note: this lake has no DeviceNetworkEvents.SentBytes and no DeviceNetworkEvents.ReceivedBytes: what is computed from them is null\n';

describe('formats', () => {
  test.each([
    ['jso', 'json'],
    ['markdwn', 'markdown'],
    ['md', 'markdown'],
    ['parqet', 'parquet'],
  ])('%s is no format: did you mean %s?', async (format, meant) => {
    const outcome = await merganser(['hunt', '--lake', '/no/where', '--format', format]);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toBe(`error: unknown format '${format}'\n  did you mean '${meant}'?\n`);
  });

  test('what is not a result goes to stderr: stdout holds the result and nothing else', async () => {
    const outcome = await merganser(['hunt', '--lake', lake, '--format', 'jsonl']);
    expect(outcome.stderr).toBe(NOTE);
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      ProcessName: 'implant.exe',
      ConnectionCount: 2,
      TotalBytesSent: null,
    });
  });

  test.each(['table', 'json', 'jsonl', 'csv', 'markdown', 'parquet', 'arrow'])(
    '--evidence lists every pair in %s',
    async (format) => {
      const folder = temporaryFolder();
      const path = join(folder, 'evidence');
      const argv = ['hunt', '--lake', lake, '--evidence', '--format', format, '--out', path];
      expect(await merganser(argv)).toEqual({ code: 0, stdout: '', stderr: NOTE });
      if (format === 'parquet') {
        const columns =
          'ProcessId, CryptoLib, LoadReportId, ConnReportId, RemoteIP, RemotePort, RemoteUrl, DeviceId';
        expect(await query(`SELECT ${columns} FROM read_parquet('${path}') ORDER BY ConnReportId`)).toEqual(
          ['8', '9'].map((ConnReportId) => ({
            ProcessId: '4',
            CryptoLib: 'bcrypt.dll',
            LoadReportId: '7',
            ConnReportId,
            RemoteIP: '203.0.113.1',
            RemotePort: 4444,
            RemoteUrl: 'c2.example',
            DeviceId: 'd',
          })),
        );
      } else {
        const text = readFileSync(path, 'latin1');
        expect(text.match(/bcrypt\.dll/g)?.length ?? 0).toBeGreaterThan(0);
        if (format !== 'arrow') expect(text.match(/c2\.example/g)).toHaveLength(2);
      }
    },
  );
});

describe('an output that cannot be written is exit code 2, before the lake is opened', () => {
  test.each<[string, (folder: string) => string, string]>([
    ['a folder', (folder) => folder, 'it is a folder'],
    ['a folder that is not there', (folder) => join(folder, 'no', 'x.csv'), "the folder '"],
    ['below a file', () => '/dev/null/x.csv', 'is not a folder'],
    [
      'a link to nothing',
      (folder) => join(folder, 'dangling.csv'),
      'it is a link to something that is not there',
    ],
    ['no name', () => '', 'is not a path of a file'],
  ])('%s', async (_, path, message) => {
    const folder = temporaryFolder();
    symlinkSync(join(folder, 'nothing'), join(folder, 'dangling.csv'));
    const outcome = await merganser(['hunt', '--lake', '/no/where', '--out', path(folder)]);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });

  test('a name that does not say its format', async () => {
    const path = join(temporaryFolder(), 'x.xlsx');
    const outcome = await merganser(['hunt', '--lake', '/no/where', '--out', path]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(
      `error: '${path}' does not say its format\n  end its name in one of .json `,
    );
  });
});

describe('an output appears whole or not at all', () => {
  test.each(["it's.csv", 'a;b.csv', 'new\nline.csv', 'a b.csv', '$x.csv', '[1]*?.csv'])(
    'under the name %j',
    async (name) => {
      const folder = temporaryFolder();
      const out = join(folder, name);
      expect((await merganser(['hunt', '--lake', lake, '--out', out])).code).toBe(0);
      expect(readdirSync(folder)).toEqual([name]);
      expect(readFileSync(out, 'utf8')).toContain('implant.exe');
    },
  );

  test('when the run fails, what was there before is as it was', async () => {
    const folder = temporaryFolder();
    const out = join(folder, 'x.csv');
    await writeFile(out, 'SELECT 1 AS kept', 'FORMAT csv');
    const failing = [
      'sql',
      "SELECT CASE WHEN n > 100000 THEN error('late') ELSE n END FROM range(200000) AS t(n)",
    ];
    const outcome = await merganser([...failing, '--lake', temporaryFolder(), '--out', out]);
    expect(outcome).toEqual({ code: 1, stdout: '', stderr: 'error: Invalid Input Error: late\n' });
    expect(readdirSync(folder)).toEqual(['x.csv']);
    expect(readFileSync(out, 'utf8')).toBe('kept\n1\n');
  });
});

describe('--fail-on-findings', () => {
  test('is exit code 3 when something is found, in whatever form', async () => {
    for (const more of [[], ['--evidence'], ['--format', 'csv']]) {
      const outcome = await merganser(['hunt', '--lake', lake, '--fail-on-findings', ...more]);
      expect(outcome.code).toBe(3);
      expect(outcome.stdout).toContain('implant.exe');
    }
  });

  test('is exit code 0 when nothing is found, 1 when the hunt did not end, and 2 when it was asked for in vain', async () => {
    const quiet = ['hunt', '--lake', lake, '--fail-on-findings', '--since', '2027-01-01'];
    expect((await merganser(quiet)).code).toBe(0);
    const broken = temporaryFolder();
    mkdirSync(join(broken, 'DeviceNetworkEvents'));
    writeFileSync(join(broken, 'DeviceNetworkEvents', 'a.parquet'), 'no Parquet');
    expect((await merganser(['hunt', '--lake', broken, '--fail-on-findings'])).code).toBe(1);
    expect((await merganser(['hunt', '--lake', '/no/where', '--fail-on-findings'])).code).toBe(2);
  });
});

test('--explain prints the statement with its values, the plan, and how many rows each stage kept', async () => {
  const { code, stdout } = await merganser(['hunt', '--lake', lake, '--explain', '--window', '7m']);
  expect(code).toBe(0);
  expect(stdout).toContain(`SET VARIABLE "window" = INTERVAL '7 minutes';`);
  const stages = stdout.slice(stdout.indexOf('-- Rows that each stage kept'));
  expect(Array.from(stages.matchAll(/ {2,}(\d+)\n/g), ([, rows]) => Number(rows))).toEqual([
    1, 1, 1, 2, 2, 2, 1,
  ]);
});

test('a query comes as an argument, from a file, or from standard input', async () => {
  const folder = temporaryFolder();
  await writeFile(
    join(folder, 'q.sql'),
    "SELECT 'SELECT 6 * 7 AS n' AS q",
    "FORMAT csv, HEADER false, QUOTE ''",
  );
  const csv = ['--lake', temporaryFolder(), '--format', 'csv'];
  const expected = { code: 0, stdout: 'n\r\n42\r\n', stderr: '' };
  expect(await merganser(['sql', 'SELECT 6 * 7 AS n', ...csv])).toEqual(expected);
  expect(await merganser(['sql', join(folder, 'q.sql'), ...csv])).toEqual(expected);
  expect(await merganser(['sql', '-', ...csv], { stdin: 'SELECT 6 * 7 AS n;\n' })).toEqual(expected);
  expect(await merganser(['sql', ...csv, '--', '-- the answer\nSELECT 6 * 7 AS n'])).toEqual(expected);
  expect((await merganser(['sql', '-', ...csv], { stdin: ' \n' })).stderr).toContain(
    'error: the query is empty',
  );
});

test('an interrupt before the work is exit code 130, and nothing is written', async () => {
  const out = join(temporaryFolder(), 'x.csv');
  const signal = AbortSignal.abort(new Error('interrupted'));
  const argv = ['hunt', '--lake', lake, '--out', out];
  expect(await merganser(argv, { signal })).toEqual({ code: 130, stdout: '', stderr: NOTE });
  expect(existsSync(out)).toBe(false);
});
