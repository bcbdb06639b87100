import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { networkEvent, temporaryFolder, writeFile } from '../lake/parquet-files.ts';
import { merganser } from './merganser.ts';

/** What stderr must say, line by line: the error, then the way out. */
const error = (...lines: string[]) => `error: ${lines.join('\n  ')}\n`;

describe('a wrong command line is exit code 2, nothing on stdout, and one error that says what to write instead', () => {
  test.each<[string, string[], string]>([
    ['a command that is none', ['hnt'], error("unknown command 'hnt'", 'did you mean hunt?')],
    [
      'a name that every object has',
      ['constructor'],
      error(
        "unknown command 'constructor'",
        'there are hunt, beacons, batch, status, kql, sql, translate, lake, detections, test, tune, sample',
      ),
    ],
    ['help about none', ['help', 'hnt'], error("unknown command 'hnt'", 'did you mean hunt?')],
    [
      'a command like no other',
      ['frobnicate'],
      error(
        "unknown command 'frobnicate'",
        'there are hunt, beacons, batch, status, kql, sql, translate, lake, detections, test, tune, sample',
      ),
    ],
    [
      'an option that is none',
      ['hunt', '--lak', 'x'],
      error("unknown option '--lak' (did you mean --lake?)"),
    ],
    [
      'an option before its command',
      ['--lake', 'x', 'hunt'],
      error("unknown option '--lake'", 'options stand behind the command: merganser hunt --lake lake/'),
    ],
    [
      'an option that the command has not, nor any like it',
      ['detections', '--format', 'json'],
      error("unknown option '--format'", 'merganser help detections lists its options'),
    ],
    ['an option without its value', ['hunt', '--lake'], error("option '--lake <dir>' argument missing")],
    [
      'a query that the shell took apart',
      ['sql', 'SELECT', '1'],
      error(
        "too many arguments for 'sql'. Expected 1 argument but got 2.",
        'put an argument with spaces in it, such as a query, in quotes',
      ),
    ],
    [
      'a query that begins as an option does',
      ['sql', '-- first\nSELECT 1', '--lake', 'x'],
      error(
        "unknown option '-- first\nSELECT 1'",
        'an argument that begins with - stands last, behind a -- of its own',
      ),
    ],
    [
      'an option given twice, of which one would be dropped',
      ['hunt', '--lake', 'a', '--lake', 'b'],
      error('--lake was given twice', 'give it once'),
    ],
    [
      'no lake',
      ['hunt'],
      error(
        'which lake? Neither --lake nor --table was given',
        'for example --lake lake/, or --table DeviceNetworkEvents=net/**/*.parquet',
      ),
    ],
    [
      'a lake without a name, as of an unset variable',
      ['hunt', '--lake', ''],
      error('the lake directory has no name: is a variable unset?'),
    ],
    [
      'both --lake and --table',
      ['hunt', '--lake', 'a', '--table', 'T=b'],
      error(
        '--lake and --table exclude each other',
        'name every table with --table, or one folder with --lake',
      ),
    ],
    [
      'a lake by itself and by option',
      ['lake', 'a', '--lake', 'b'],
      error('the lake was given twice, by itself and with --lake'),
    ],
    [
      'a table without files',
      ['hunt', '--table', 'DeviceNetworkEvents'],
      error(
        "--table 'DeviceNetworkEvents': expected NAME=FILES, such as DeviceNetworkEvents=net/**/*.parquet",
      ),
    ],
    [
      'a table without a name',
      ['hunt', '--table', '=x'],
      error("--table '=x': expected NAME=FILES, such as DeviceNetworkEvents=net/**/*.parquet"),
    ],
    [
      'a detection that is none',
      ['hunt', 't1573.002', '--lake', 'x'],
      error("unknown detection 't1573.002'", 'did you mean t1573.001?'),
    ],
    [
      'a time that is none',
      ['hunt', '--since', 'yesterday'],
      error("--since 'yesterday': expected a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z"),
    ],
    [
      'a day that no calendar has',
      ['sql', 'SELECT 1', '--until', '2026-02-30'],
      error("--until '2026-02-30': expected a date or time such as 2026-01-31 or 2026-01-31T08:00:00Z"),
    ],
    ['no threads', ['hunt', '--threads', '0'], error("--threads '0': expected a whole number of at least 1")],
    [
      'a part of a thread',
      ['hunt', '--threads', '1.5'],
      error("--threads '1.5': expected a whole number of at least 1"),
    ],
    [
      'a number in a notation',
      ['sample', 'x', '--devices', '1e3'],
      error("--devices '1e3': expected a whole number of at least 1"),
    ],
    [
      'a sample without a folder',
      ['sample', ''],
      error('the folder to make has no name: is a variable unset?'),
    ],
    [
      'a lake for a description that reads none',
      ['detections', 't1573.001', '--lake', 'x'],
      error(
        'a lake is read only with --sql, for the script over it',
        'add --sql; to run the detection, merganser hunt',
      ),
    ],
    [
      'an explanation that is to be a file of findings',
      ['hunt', '--explain', '--out', 'x.csv', '--lake', 'x'],
      error("option '--explain' cannot be used with option '--out <file>'"),
    ],
    [
      'a query file that is not there',
      ['sql', 'nowhere.sql', '--lake', 'x'],
      error('cannot read the query file nowhere.sql: there is no such file'),
    ],
    [
      'a job file that is not there',
      ['batch', 'nowhere.yaml'],
      error('cannot read the job file nowhere.yaml: there is no such file'),
    ],
    [
      'rules that are not there',
      ['hunt', '--suppress', 'nowhere.yaml', '--lake', 'x'],
      error('cannot read the suppressions nowhere.yaml: there is no such file'),
    ],
    ['an argument that is missing', ['sql'], error("missing required argument 'query'")],
    [
      'a part of the whole that is none',
      ['sample', 'x', '--scale', 'office', '--crypto-share', '2'],
      error("--crypto-share '2': expected a number from 0 to 1"),
    ],
    [
      'what rules hide, without rules',
      ['hunt', '--show-suppressed', '--lake', 'x'],
      error(
        '--show-suppressed goes with --suppress',
        'name the rules that hide something: --suppress rules.yaml',
      ),
    ],
    [
      'a query beside a folder of them',
      ['translate', '--check', 'x', 'print 1'],
      error(
        '--check goes through a folder, and takes neither a query nor --explain',
        'translate the query without --check',
      ),
    ],
  ])('%s', async (_, argv, stderr) => {
    expect(await merganser(argv)).toEqual({ code: 2, stdout: '', stderr });
  });
});

describe('limits of the engine', () => {
  test.each([
    ['--memory', 'lots', "memory limit 'lots' is not a size"],
    ['--memory', '4', "memory limit '4' is not a size"],
    ['--memory', '0GB', "memory limit '0GB' is not a size"],
    ['--memory', '-1GB', "memory limit '-1GB' is not a size"],
    ['--threads', '99999999999', 'threads: expected a whole number from 1 to 1024, got 99999999999'],
    ['--threads', '100000', 'threads: expected a whole number from 1 to 1024, got 100000'],
    ['--temp', '/nowhere', 'cannot make a folder for spilled data in /nowhere: there is no such folder'],
    ['--temp', '/dev/null', 'cannot make a folder for spilled data in /dev/null: it is not a folder'],
  ])('%s %s is refused by name', async (option, value, message) => {
    const outcome = await merganser(['sql', 'SELECT 1', '--lake', temporaryFolder(), option, value]);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain(`error: ${message}\n  `);
  });

  test('a memory limit that is too small for the run says so, and which', async () => {
    const outcome = await merganser([
      'sql',
      'SELECT list(range) FROM range(3000000)',
      '--lake',
      temporaryFolder(),
      '--memory',
      '20MB',
      '--threads',
      '1',
    ]);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^error: --memory 20MB is too small for this run: /);
    expect(outcome.stderr).toMatch(/\n {2}allow more with --memory, /);
  });
});

describe('what is asked for and is not there', () => {
  test('no such directory', async () => {
    expect(await merganser(['hunt', '--lake', '/no/where'])).toEqual({
      code: 2,
      stdout: '',
      stderr: error('no such directory: /no/where', 'name the folder that holds the telemetry with --lake'),
    });
  });

  test('a misspelt directory, with the nearest beside it', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'telemetry'));
    mkdirSync(join(folder, 'other'));
    const { stderr } = await merganser(['hunt', '--lake', join(folder, 'telemtry')]);
    expect(stderr).toBe(
      error(
        `no such directory: ${join(folder, 'telemtry')}`,
        `did you mean ${join(folder, 'telemetry')}? name the folder that holds the telemetry with --lake`,
      ),
    );
  });

  test('no such folder of watchlists, and a file in its place', async () => {
    const folder = temporaryFolder();
    const kql = (watchlists: string) =>
      merganser(['kql', 'print 1', '--lake', folder, '--watchlists', watchlists]);
    expect((await kql('/no/where')).stderr).toBe(
      error('no such directory: /no/where', 'name the folder that holds the watchlists with --watchlists'),
    );
    await writeFile(join(folder, 'admins.csv'), 'SELECT 1 AS n', 'FORMAT csv');
    expect((await kql(join(folder, 'admins.csv'))).stderr).toContain('name that with --watchlists');
  });

  test('a file where a lake should be', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'a.parquet');
    await writeFile(file, 'SELECT 1 AS n');
    const { code, stderr } = await merganser(['lake', file]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: error(
        `${file} is a file, not a lake directory`,
        `give the table's name and the file: --table DeviceNetworkEvents=${file}`,
      ),
    });
  });

  test('no files for a table that the hunt needs: which, and how they would come in', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), networkEvent());
    expect(await merganser(['hunt', '--lake', folder])).toEqual({
      code: 1,
      stdout: '',
      stderr: error(
        'the lake has no files for DeviceImageLoadEvents',
        'the lake has DeviceNetworkEvents; a folder DeviceImageLoadEvents/ in it, or --table DeviceImageLoadEvents=FILES, would bring it in',
      ),
    });
  });

  test('an empty lake has no tables, which `lake` says and `sql` can live with', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'DeviceNetworkEvents'));
    expect((await merganser(['lake', folder])).stdout).toBe(
      'no tables: no file below the folder has a known ending\n',
    );
    expect((await merganser(['hunt', '--lake', folder])).stderr).toContain('the lake has no tables at all');
    const sql = await merganser(['sql', 'SELECT 1 AS n', '--lake', folder, '--format', 'csv']);
    expect(sql).toEqual({ code: 0, stdout: 'n\r\n1\r\n', stderr: '' });
  });

  test('a pattern that matches nothing, a path that is not there, an ending that is not known', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'a.txt'), 'SELECT 1 AS n', 'FORMAT csv');
    const said = async (files: string) =>
      (await merganser(['sql', 'SELECT 1', '--table', `T=${files}`])).stderr;
    expect(await said(join(folder, '*.parquet'))).toBe(
      error(
        `no files for T: nothing matches '${folder}/*.parquet'`,
        'quote the pattern so that the shell leaves it alone, and try it with ls',
      ),
    );
    expect(await said(join(folder, 'b.parquet'))).toContain(`there is no file or folder ${folder}/b.parquet`);
    expect(await said(join(folder, 'a.txt'))).toContain(`the ending of ${folder}/a.txt is not known`);
  });

  test('a table asked for in SQL that the lake lacks, with the nearest', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'DeviceNetworkEvents', 'a.parquet'), networkEvent());
    const outcome = await merganser(['sql', 'FROM DeviceNetworkEvent', '--lake', folder]);
    expect(outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: error(
        'the lake has no table DeviceNetworkEvent',
        'did you mean DeviceNetworkEvents? the lake has DeviceNetworkEvents',
      ),
    });
  });
});

test('all detections of a technique are explained, with the stages of those that count them', async () => {
  const { code, stdout } = await merganser(['hunt', 't1573.001/*', '--explain', '--lake', 'data/sample']);
  expect(code).toBe(0);
  expect(stdout.match(/^-- Plan$/gm)).toHaveLength(4);
  expect(stdout.match(/^-- Rows that each stage kept$/gm)).toHaveLength(1);
  expect(stdout.match(/^-- Its stages are not counted\.$/gm)).toHaveLength(3);
});

describe('help', () => {
  test('`help`, `--help` and `--version` answer on stdout with exit code 0', async () => {
    for (const argv of [['help'], ['--help'], ['hunt', '--help'], ['help', 'hunt'], ['--version'], ['-V']]) {
      const outcome = await merganser(argv);
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(outcome.stdout).not.toBe('');
    }
    expect((await merganser(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('no command at all is answered with help, on stderr, as a mistake', async () => {
    const outcome = await merganser([]);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(/^Usage: merganser /);
  });

  test('the help of every command fits 80 columns and names every option', async () => {
    for (const command of ['hunt', 'kql', 'sql', 'translate', 'lake', 'detections', 'sample']) {
      const { stdout } = await merganser([command, '--help']);
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
    const { stdout } = await merganser(['hunt', '--help']);
    for (const option of [
      'lake',
      'table',
      'since',
      'until',
      'lookback',
      'now',
      'window',
      'set',
      'params',
      'format',
      'out',
      'memory',
      'threads',
      'temp',
      'explain',
      'evidence',
      'skip-unreadable',
      'dedupe',
      'partition-date',
      'fail-on-findings',
    ]) {
      expect(stdout).toContain(`--${option}`);
    }
  });
});

test('what an error quotes of a file name cannot move or recolour the terminal', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'DeviceNetworkEvents'));
  await writeFile(join(folder, 'DeviceNetworkEvents', '\x1b[31ma.parquet'), 'SELECT 1 AS n');
  expect(readdirSync(join(folder, 'DeviceNetworkEvents'))[0]).toContain('\x1b');
  const { stderr } = await merganser(['sql', 'FROM DeviceNetworkEvents', '--lake', folder]);
  expect(stderr).toContain('DeviceNetworkEvents/\\x1b[31ma.parquet');
  expect(stderr).not.toContain('\x1b');
});
